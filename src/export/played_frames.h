#pragma once
// An animation's pictures, drawn on a few threads and handed over in order.

#include <functional>

#include "export/animation.h"
#include "export/kept_frames.h"

namespace tconv {

/// Throws std::runtime_error with one line when there is no picture.
void require_pictures(const FrameSource& source);

/// Draws every picture once and hands them to `use` on the calling thread, in order. Throws what `draw`, `use`,
/// `progress` and `require_pictures` throw.
void draw_in_order(const FrameSource& source, const Progress& progress,
                   const std::function<void(std::int64_t index, std::shared_ptr<const Raster> picture)>& use);

/// The same, for all that is shown: a picture that comes again is drawn once all the same. `position` is a place in
/// `shown`. All pictures must have one size, see KeptFrames::add.
void play_in_order(const FrameSource& source, const std::vector<ShownFrame>& shown, const Progress& progress,
                   const std::function<void(std::size_t position, const Raster& picture)>& use);

}  // namespace tconv
