#include "export/gif_frames.h"

#include <gif_lib.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <stdexcept>

namespace tconv {
namespace {

using Pixels = std::vector<std::uint8_t>;

// The smallest rectangle around some pixels; none yet while empty.
struct PixelBounds {
  int left = 0, top = 0, right = 0, bottom = 0;

  bool empty() const { return right == left; }
  void add(const PixelBounds& other) {
    if (other.empty()) return;
    if (empty()) {
      *this = other;
      return;
    }
    left = std::min(left, other.left);
    top = std::min(top, other.top);
    right = std::max(right, other.right);
    bottom = std::max(bottom, other.bottom);
  }
};

/// Around the pixels where `differs(a's, b's)`.
template <typename Differs>
PixelBounds pixel_bounds(int width, int height, const Pixels& a, const Pixels& b, Differs differs) {
  PixelBounds bounds;
  for (int y = 0; y < height; ++y) {
    const std::size_t begin = static_cast<std::size_t>(y) * static_cast<std::size_t>(width);
    const std::uint8_t* p = a.data() + begin;
    const std::uint8_t* q = b.data() + begin;
    if (std::equal(p, p + width, q)) continue;
    int first = 0;
    while (first < width && !differs(p[first], q[first])) ++first;
    if (first == width) continue;
    int last = width - 1;
    while (!differs(p[last], q[last])) --last;
    bounds.add({first, y, last + 1, y + 1});
  }
  return bounds;
}

void clear(Pixels& canvas, int width, const GifFrame& frame, std::uint8_t nothing) {
  for (int y = frame.top; y < frame.top + frame.height; ++y) {
    std::fill_n(canvas.begin() + std::ptrdiff_t{y} * width + frame.left, frame.width, nothing);
  }
}

// giflib, writing into a string.
class Gif {
 public:
  explicit Gif(const IndexedPictures& pictures) {
    int problem = 0;
    gif_ = EGifOpen(&bytes_, &append, &problem);
    if (gif_ == nullptr) fail(problem);
    EGifSetGifVersion(gif_, true);
    std::size_t entries = 2;
    while (entries <= pictures.nothing) entries *= 2;
    std::vector<GifColorType> colors(entries);
    std::ranges::transform(pictures.colors, colors.begin(), [](Color c) { return GifColorType{c.r, c.g, c.b}; });
    const std::unique_ptr<ColorMapObject, decltype(&GifFreeMapObject)> map(
        GifMakeMapObject(static_cast<int>(entries), colors.data()), &GifFreeMapObject);
    if (!map) fail(E_GIF_ERR_NOT_ENOUGH_MEM);
    check(EGifPutScreenDesc(gif_, pictures.width, pictures.height, 8, pictures.nothing, map.get()));
  }
  ~Gif() {
    int ignored = 0;
    if (gif_ != nullptr) EGifCloseFile(gif_, &ignored);
  }
  Gif(const Gif&) = delete;
  Gif& operator=(const Gif&) = delete;

  GifFileType* get() { return gif_; }
  std::string& bytes() { return bytes_; }
  void check(int result) const {
    if (result != GIF_OK) fail(gif_->Error);
  }

 private:
  static int append(GifFileType* gif, const GifByteType* bytes, int count) {
    try {
      static_cast<std::string*>(gif->UserData)
          ->append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(count));
    } catch (const std::exception&) {
      return 0;
    }
    return count;
  }
  [[noreturn]] static void fail(int problem) {
    const char* const words = GifErrorString(problem);
    throw std::runtime_error(std::string("the GIF cannot be encoded: ") + (words != nullptr ? words : "unknown error"));
  }

  std::string bytes_;
  GifFileType* gif_ = nullptr;
};

/// The bytes of one image with its control block, without what a file has before and after it.
std::string image_bytes(const IndexedPictures& pictures, const GifFrame& frame, bool uses_nothing, Pixels& pixels) {
  Gif gif(pictures);
  const std::size_t begin = gif.bytes().size();
  const GraphicsControlBlock control{frame.cleared ? DISPOSE_BACKGROUND : DISPOSE_DO_NOT, false, frame.ticks,
                                     uses_nothing ? pictures.nothing : NO_TRANSPARENT_COLOR};
  std::array<GifByteType, 4> block{};
  EGifGCBToExtension(&control, block.data());
  gif.check(EGifPutExtension(gif.get(), GRAPHICS_EXT_FUNC_CODE, static_cast<int>(block.size()), block.data()));
  gif.check(EGifPutImageDesc(gif.get(), frame.left, frame.top, frame.width, frame.height, false, nullptr));
  for (int y = 0; y < frame.height; ++y) {
    gif.check(EGifPutLine(gif.get(), pixels.data() + std::ptrdiff_t{y} * frame.width, frame.width));
  }
  return gif.bytes().substr(begin);
}

}  // namespace

std::vector<GifFrame> gif_frames(const IndexedPictures& pictures, const std::vector<ShownFrame>& shown, bool repeats,
                                 const Progress& progress) {
  constexpr int longest = 65535;
  const std::vector<int> ticks = frame_ticks(shown, 0.01, 2);
  const int width = pictures.width;
  const int height = pictures.height;
  const std::size_t count = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  const std::uint8_t nothing = pictures.nothing;
  const auto differ = [](std::uint8_t a, std::uint8_t b) { return a != b; };
  const auto goes = [nothing](std::uint8_t now, std::uint8_t then) { return then == nothing && now != nothing; };

  std::vector<GifFrame> frames;
  Pixels canvas(count, nothing);  // what the frame that is being planned is laid on
  Pixels seen(count, nothing);    // and what is seen then
  Pixels next(count);
  PixelBounds bounds;  // of the frame that is being planned, frames.back()
  // What comes next decides whether the frame is cleared; then the canvas is known.
  const auto settle = [&](const Pixels& then) {
    GifFrame& frame = frames.back();
    if (pictures.has_nothing) {
      const PixelBounds going = pixel_bounds(width, height, seen, then, goes);
      frame.cleared = !going.empty();
      bounds.add(going);
    }
    if (bounds.empty()) bounds = {0, 0, 1, 1};
    frame.left = bounds.left;
    frame.top = bounds.top;
    frame.width = bounds.right - bounds.left;
    frame.height = bounds.bottom - bounds.top;
    canvas = seen;
    if (frame.cleared) clear(canvas, width, frame, nothing);
  };
  for (std::size_t i = 0; i < shown.size(); ++i) {
    pictures.fill(shown[i].index, next);
    const int lasting = std::min(ticks[i], longest);
    if (i > 0 && next == seen && frames.back().ticks + lasting <= longest) {
      frames.back().ticks += lasting;
    } else {
      if (i > 0) settle(next);
      bounds = pixel_bounds(width, height, canvas, next, differ);
      frames.push_back({.index = shown[i].index, .ticks = lasting});
      std::swap(seen, next);
    }
    progress.at(static_cast<double>(i + 1) / static_cast<double>(shown.size()));
  }
  if (!frames.empty()) settle(repeats ? Pixels(count, nothing) : Pixels(seen));
  return frames;
}

std::string gif_head(const IndexedPictures& pictures, bool repeats) {
  Gif gif(pictures);
  if (repeats) {
    constexpr std::array<GifByteType, 3> for_ever{1, 0, 0};
    gif.check(EGifPutExtensionLeader(gif.get(), APPLICATION_EXT_FUNC_CODE));
    gif.check(EGifPutExtensionBlock(gif.get(), 11, "NETSCAPE2.0"));
    gif.check(EGifPutExtensionBlock(gif.get(), for_ever.size(), for_ever.data()));
    gif.check(EGifPutExtensionTrailer(gif.get()));
  }
  return gif.bytes();
}

std::string gif_frame_bytes(const IndexedPictures& pictures, const std::vector<GifFrame>& frames, std::size_t i) {
  const GifFrame& frame = frames[i];
  const std::size_t count = static_cast<std::size_t>(pictures.width) * static_cast<std::size_t>(pictures.height);
  Pixels canvas(count, pictures.nothing);
  if (i > 0) {
    pictures.fill(frames[i - 1].index, canvas);
    if (frames[i - 1].cleared) clear(canvas, pictures.width, frames[i - 1], pictures.nothing);
  }
  Pixels seen(count);
  pictures.fill(frame.index, seen);

  Pixels full;
  Pixels changes;  // where nothing changed, nothing
  bool same = false;
  bool holes = false;  // that the picture itself has
  full.reserve(static_cast<std::size_t>(frame.width) * static_cast<std::size_t>(frame.height));
  changes.reserve(full.capacity());
  for (int y = frame.top; y < frame.top + frame.height; ++y) {
    const std::size_t begin =
        static_cast<std::size_t>(y) * static_cast<std::size_t>(pictures.width) + static_cast<std::size_t>(frame.left);
    for (std::size_t at = begin; at < begin + static_cast<std::size_t>(frame.width); ++at) {
      const bool kept = canvas[at] == seen[at];
      same = same || kept;
      holes = holes || seen[at] == pictures.nothing;
      full.push_back(seen[at]);
      changes.push_back(kept ? pictures.nothing : seen[at]);
    }
  }
  std::string bytes = image_bytes(pictures, frame, holes, full);
  if (!same) return bytes;
  std::string smaller = image_bytes(pictures, frame, true, changes);
  return smaller.size() < bytes.size() ? smaller : bytes;
}

}  // namespace tconv
