#include "export/played_frames.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "export/work_in_order.h"

namespace tconv {

void require_pictures(const FrameSource& source) {
  if (source.count < 1) throw std::runtime_error("there is no picture to animate; choose at least one step");
}

void draw_in_order(const FrameSource& source, const Progress& progress,
                   const std::function<void(std::int64_t, std::shared_ptr<const Raster>)>& use) {
  require_pictures(source);
  std::vector<std::shared_ptr<const Raster>> waiting(static_cast<std::size_t>(source.count));
  work_in_order(
      source.count, [&](std::int64_t i) { waiting[static_cast<std::size_t>(i)] = source.draw(i); },
      [&](std::int64_t i) { use(i, std::move(waiting[static_cast<std::size_t>(i)])); }, progress);
}

void play_in_order(const FrameSource& source, const std::vector<ShownFrame>& shown, const Progress& progress,
                   const std::function<void(std::size_t, const Raster&)>& use) {
  const auto forwards = static_cast<std::size_t>(source.count);
  const bool comes_back = shown.size() > forwards;
  const double way = static_cast<double>(forwards) / static_cast<double>(std::max(shown.size(), forwards));
  KeptFrames kept;
  draw_in_order(source, progress.share(0, way), [&](std::int64_t i, const std::shared_ptr<const Raster>& picture) {
    if (comes_back) {
      kept.add(picture);
    } else {
      kept.check_size(*picture);
    }
    use(static_cast<std::size_t>(i), *picture);
  });
  kept.finish();
  for (std::size_t position = forwards; position < shown.size(); ++position) {
    use(position, *kept.picture(shown[position].index));
    progress.at(static_cast<double>(position + 1) / static_cast<double>(shown.size()));
  }
}

}  // namespace tconv
