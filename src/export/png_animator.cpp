// A picture a file, see frame_files.h.

#include <algorithm>
#include <string>
#include <utility>

#include "export/animation.h"
#include "export/frame_files.h"
#include "export/played_frames.h"
#include "export/work_in_order.h"
#include "files/atomic_file.h"
#include "files/png_writer.h"

namespace tconv {

std::filesystem::path frame_file(const std::filesystem::path& path, std::int64_t position, std::int64_t count) {
  constexpr std::string_view mark = "{frame}";
  std::string name = path.filename().string();
  if (name.find(mark) == std::string::npos) {
    name = path.stem().string() + "_" + std::string(mark) + path.extension().string();
  }
  const std::size_t digits = std::max<std::size_t>(3, std::to_string(count - 1).size());
  std::string number = std::to_string(position);
  number.insert(0, digits - std::min(digits, number.size()), '0');
  for (std::size_t at = name.find(mark); at != std::string::npos; at = name.find(mark, at + number.size())) {
    name.replace(at, mark.size(), number);
  }
  return path.parent_path() / name;
}

namespace {

std::string png_of(const Raster& picture, const std::string& embedded) {
  bool opaque = true;
  for (std::size_t i = 3; i < picture.rgba.size() && opaque; i += 4) opaque = picture.rgba[i] == 255;
  if (!opaque)
    return png_bytes(picture.width, picture.height, picture.rgba, {.channels = 4, .dpi = {}, .text = embedded});
  std::vector<std::uint8_t> rgb;
  rgb.reserve(picture.rgba.size() / 4 * 3);
  for (std::size_t i = 0; i < picture.rgba.size(); i += 4) {
    rgb.insert(rgb.end(), {picture.rgba[i], picture.rgba[i + 1], picture.rgba[i + 2]});
  }
  return png_bytes(picture.width, picture.height, rgb, {.channels = 3, .dpi = {}, .text = embedded});
}

void write_png_files(const FrameSource& source, const AnimationTiming& timing, const std::filesystem::path& path,
                     const Progress& progress) {
  require_pictures(source);
  const std::vector<ShownFrame> shown = shown_frames(source.count, timing);
  const auto count = static_cast<std::int64_t>(shown.size());
  std::vector<AtomicFile> files;
  files.reserve(shown.size());
  const auto write = [&](std::int64_t position, const std::string& png) {
    AtomicFile& file = files.emplace_back(frame_file(path, position, count));
    file.write(png);
    file.finish();
  };

  std::vector<std::string> waiting(static_cast<std::size_t>(source.count));
  const auto place = [&](std::int64_t i) -> auto& { return waiting[static_cast<std::size_t>(i)]; };
  work_in_order(
      source.count,
      [&](std::int64_t i) {
        const std::shared_ptr<const Raster> picture = source.draw(i);
        place(i) = png_of(*picture, source.embedded);
      },
      [&](std::int64_t i) {
        write(i, place(i));
        const bool comes_back = i > 0 && i + 1 < source.count && count > source.count;
        if (comes_back) write(count - i, place(i));
        place(i) = {};
      },
      progress);
  progress.check();
  // From here on nothing stops it, so that all are there or none.
  for (AtomicFile& file : files) file.commit();
}

}  // namespace

Animator png_animator() {
  return {
      "png",           ".png", "PNG files", "one numbered picture for each frame", true, [] { return std::string(); },
      &write_png_files};
}

}  // namespace tconv
