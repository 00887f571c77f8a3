#include <webp/encode.h>
#include <webp/mux.h>

#include <algorithm>
#include <stdexcept>

#include "export/animation.h"
#include "export/played_frames.h"
#include "files/atomic_file.h"

namespace tconv {
namespace {

[[noreturn]] void fail(const std::string& words) {
  throw std::runtime_error("the WebP animation cannot be encoded: " + words);
}

class WebpAnimation {
 public:
  explicit WebpAnimation(bool repeats) {
    if (WebPAnimEncoderOptionsInit(&options_) == 0 || WebPConfigInit(&config_) == 0) {
      fail("another version of libwebp is installed than it was built with");
    }
    options_.anim_params.loop_count = repeats ? 0 : 1;
    // A whole picture now and then, so that seeking need not begin at the first; between them only what changed.
    options_.kmin = 30;
    options_.kmax = 60;
    config_.lossless = 1;
    config_.exact = 1;
    // Hardly slower than the fastest, and the files are a sixth as large; more effort takes several times as long.
    config_.method = 1;
    config_.quality = 0;
  }
  ~WebpAnimation() { WebPAnimEncoderDelete(encoder_); }
  WebpAnimation(const WebpAnimation&) = delete;
  WebpAnimation& operator=(const WebpAnimation&) = delete;

  void add(const Raster& raster, int start) {
    if (encoder_ == nullptr) begin(raster);
    WebPPicture picture;
    if (WebPPictureInit(&picture) == 0) fail("another version of libwebp is installed than it was built with");
    picture.use_argb = 1;
    picture.width = raster.width;
    picture.height = raster.height;
    const bool added = WebPPictureImportRGBA(&picture, raster.rgba.data(), raster.width * 4) != 0 &&
                       WebPAnimEncoderAdd(encoder_, &picture, start, &config_) != 0;
    WebPPictureFree(&picture);
    if (!added) fail(WebPAnimEncoderGetError(encoder_));
  }

  /// Writes all, the last picture until `end`.
  void write(int end, const std::string& embedded, AtomicFile& file, const Progress& progress) {
    WebPData data;
    WebPDataInit(&data);
    const bool done =
        WebPAnimEncoderAdd(encoder_, nullptr, end, nullptr) != 0 && WebPAnimEncoderAssemble(encoder_, &data) != 0;
    const std::unique_ptr<WebPData, decltype(&WebPDataClear)> owner(&data, &WebPDataClear);
    if (!done) fail(WebPAnimEncoderGetError(encoder_));
    if (!embedded.empty()) add_metadata(data, embedded);
    auto rest = std::as_bytes(std::span(data.bytes, data.size));
    while (!rest.empty()) {
      const auto part = rest.first(std::min<std::size_t>(rest.size(), 1U << 20U));
      file.write(part);
      rest = rest.subspan(part.size());
      progress.check();
    }
  }

 private:
  void begin(const Raster& raster) {
    if (std::max(raster.width, raster.height) > WEBP_MAX_DIMENSION) {
      throw std::runtime_error("a WebP has at most " + std::to_string(WEBP_MAX_DIMENSION) +
                               " pixels a side; choose a smaller size");
    }
    encoder_ = WebPAnimEncoderNew(raster.width, raster.height, &options_);
    if (encoder_ == nullptr) fail("out of memory");
  }

  /// The letters as the description's source in XMP, the metadata that the format knows.
  static void add_metadata(WebPData& data, const std::string& embedded) {
    const std::string xmp =
        "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"
        "<rdf:Description rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" dc:source=\"" +
        embedded + "\"/></rdf:RDF></x:xmpmeta>";
    const std::unique_ptr<WebPMux, decltype(&WebPMuxDelete)> mux(WebPMuxCreate(&data, 1), &WebPMuxDelete);
    const WebPData chunk{reinterpret_cast<const std::uint8_t*>(xmp.data()), xmp.size()};
    if (!mux || WebPMuxSetChunk(mux.get(), "XMP ", &chunk, 1) != WEBP_MUX_OK) fail("its metadata");
    WebPDataClear(&data);
    if (WebPMuxAssemble(mux.get(), &data) != WEBP_MUX_OK) fail("its metadata");
  }

  WebPAnimEncoderOptions options_{};
  WebPConfig config_{};
  WebPAnimEncoder* encoder_ = nullptr;
};

void write_webp(const FrameSource& source, const AnimationTiming& timing, const std::filesystem::path& path,
                const Progress& progress) {
  AtomicFile file(path);
  const std::vector<ShownFrame> shown = shown_frames(source.count, timing);
  const std::vector<int> ticks = frame_ticks(shown, 0.001, 1);
  WebpAnimation animation(timing.repeat != Repeat::once);
  int milliseconds = 0;
  play_in_order(source, shown, progress.share(0, 0.95), [&](std::size_t position, const Raster& picture) {
    animation.add(picture, milliseconds);
    milliseconds += ticks[position];
  });
  animation.write(milliseconds, source.embedded, file, progress);
  file.finish();
  progress.at(1);
  progress.check();
  file.commit();
}

}  // namespace

Animator webp_animator() {
  return {"webp", ".webp", "WebP", "small and exact, for web pages", true, [] { return std::string(); }, &write_webp};
}

}  // namespace tconv
