#pragma once
// A large map in a device's memory, whole, with smaller ones of its means for pictures of more than a few cells a
// pixel.

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "compute/large_map_device.h"
#include "gpu/gl_buffer.h"
#include "gpu/gl_context.h"
#include "gpu/gl_device.h"
#include "gpu/gl_map.h"

namespace tconv {

class GlMapYard;

/// Never changes once it is made: several contexts of one share group may read it.
class GlLargeMap : public DeviceMap {
 public:
  struct Piece {
    GlBuffer buffer;
    std::int64_t first_row = 0;
    std::int64_t first_col = 0;
    std::int64_t rows = 0;
    std::int64_t cols = 0;
  };
  /// The map at `step` × `step` cells a mean.
  struct Level {
    std::int64_t step = 1;
    std::vector<Piece> pieces;
  };

  std::int64_t rows = 0;  ///< cells
  std::int64_t cols = 0;
  std::vector<Level> levels;  ///< finest first, that of step 1; then ever fewer
  std::weak_ptr<GlMapYard> yard;

  /// As `map_means_on` wants a level.
  static std::vector<GlMapPiece> parts(const Level& level);
  std::int64_t bytes() const;
};

/// Maps that are no longer shown, until a thread that has a context of theirs frees them: OpenGL allows no other.
class GlMapYard {
 public:
  /// Shared, and put here when nobody has it any more.
  static std::shared_ptr<const GlLargeMap> keep(const std::shared_ptr<GlMapYard>& yard,
                                                std::unique_ptr<GlLargeMap> map);
  /// On a thread with a context of the maps' share group.
  void clear();
  /// Likewise, and takes no more: what comes later is left to the end of the contexts.
  void close();

 private:
  void put(std::unique_ptr<GlLargeMap> map);

  std::mutex mutex_;
  std::vector<std::unique_ptr<GlLargeMap>> left_;
  bool closed_ = false;
};

/// Computes large maps on a context of its own, which shares objects with the one of a window (GlMapPictures) and is
/// current on no thread: one has it from `start` to `stop`.
std::unique_ptr<LargeMapDevice> gl_large_maps(std::unique_ptr<GlContext> context, GlDeviceOptions options = {});

/// The current context's GPU: usual if it is one, nothing without OpenGL 4.3. `open` gives a context beside it.
LargeMapDeviceSource large_map_device(std::function<std::unique_ptr<GlContext>()> open);

}  // namespace tconv
