// H.264 in MP4, through ffmpeg: it gets plain pixels and writes the file.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <optional>
#include <stdexcept>

#include "export/animation.h"
#include "export/played_frames.h"
#include "files/atomic_file.h"
#include "files/child_process.h"
#include "files/file_error.h"

namespace tconv {
namespace {

std::string missing_ffmpeg() {
  if (find_program("ffmpeg")) return {};
  return "ffmpeg is not installed; install it for MP4 files, or choose GIF or WebP";
}

/// Players stumble over less than a few pictures a second: a slower animation repeats its pictures.
int repetitions(double frames_per_second) {
  constexpr double slowest = 4;
  return frames_per_second < slowest ? static_cast<int>(std::ceil(slowest / frames_per_second - 1e-9)) : 1;
}

/// As thousandths, so that no locale and no rounding of digits comes in.
std::string fraction(double rate) { return std::to_string(std::llround(rate * 1000)) + "/1000"; }

std::uint8_t over_white(std::uint8_t channel, std::uint8_t alpha) {
  return static_cast<std::uint8_t>((channel * alpha + 255 * (255 - alpha) + 127) / 255);
}

/// Three bytes a pixel. Sides must be even, so an odd one repeats its last pixels.
std::vector<std::byte> plain_pixels(const Raster& picture) {
  std::vector<std::byte> pixels;
  const int width = picture.width + picture.width % 2;
  const int height = picture.height + picture.height % 2;
  pixels.reserve(static_cast<std::size_t>(width) * static_cast<std::size_t>(height) * 3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const auto row = static_cast<std::size_t>(std::min(y, picture.height - 1));
      const auto col = static_cast<std::size_t>(std::min(x, picture.width - 1));
      const std::uint8_t* const p = picture.rgba.data() + (row * static_cast<std::size_t>(picture.width) + col) * 4;
      for (int c = 0; c < 3; ++c) pixels.push_back(std::byte{over_white(p[c], p[3])});
    }
  }
  return pixels;
}

std::vector<std::string> arguments(int width, int height, const std::string& rate, const std::string& embedded,
                                   const std::filesystem::path& file) {
  const std::string size = std::to_string(width) + "x" + std::to_string(height);
  std::vector<std::string> words;
  const auto add = [&](std::initializer_list<std::string> more) { words.insert(words.end(), more); };
  add({"-hide_banner", "-nostdin", "-loglevel", "error", "-y"});
  add({"-f", "rawvideo", "-pixel_format", "rgb24", "-video_size", size, "-framerate", rate, "-i", "pipe:0"});
  add({"-an", "-c:v", "libx264", "-preset", "medium", "-crf", "16"});
  // Written down as what they are, so that players show the theme's colours.
  add({"-vf", "scale=out_color_matrix=bt709:out_range=tv:flags=bicubic+accurate_rnd+full_chroma_int+bitexact"});
  add({"-pix_fmt", "yuv420p", "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709"});
  add({"-color_range", "tv"});
  // The same bytes each time: neither the time nor the number of cores has a part in them.
  add({"-threads", "1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-map_metadata", "-1"});
  constexpr std::size_t longest_argument = 100'000;  // of a program, with room to spare
  if (!embedded.empty() && embedded.size() < longest_argument) add({"-metadata", "comment=" + embedded});
  add({"-movflags", "+faststart", "-f", "mp4", "file:" + file.string()});
  return words;
}

// The words of ffmpeg name the file that it knows, nobody else.
std::string in_terms_of(const std::filesystem::path& path, std::string line, const std::filesystem::path& unfinished) {
  for (const std::string& name : {"file:" + unfinished.string(), unfinished.string()}) {
    for (std::size_t at = line.find(name); at != std::string::npos; at = line.find(name)) {
      line.replace(at, name.size(), path.filename().string());
    }
  }
  return line;
}

class Encoder {
 public:
  Encoder(std::filesystem::path path, const std::filesystem::path& unfinished, int width, int height, double rate,
          const std::string& embedded)
      : path_(std::move(path)),
        unfinished_(unfinished),
        process_(program(), arguments(width, height, fraction(rate), embedded, unfinished)) {}

  void write(std::span<const std::byte> pixels, const Progress& progress) {
    if (!process_.write(pixels, progress)) fail(process_.wait(progress));
  }
  void finish(const Progress& progress) {
    process_.close_stdin();
    const int code = process_.wait(progress);
    if (code != 0) fail(code);
  }

 private:
  static std::filesystem::path program() {
    const auto found = find_program("ffmpeg");
    if (!found) throw std::runtime_error(missing_ffmpeg());
    return *found;
  }
  [[noreturn]] void fail(int code) const {
    std::string words = in_terms_of(path_, process_.last_error_line(), unfinished_);
    if (words.empty()) words = "it ended with " + std::to_string(code) + " and said nothing";
    throw FileError(path_.string(), "ffmpeg could not write it: " + words);
  }

  std::filesystem::path path_;
  std::filesystem::path unfinished_;
  ChildProcess process_;
};

void copy(const std::filesystem::path& from, AtomicFile& to, const Progress& progress) {
  const std::unique_ptr<std::FILE, decltype(&std::fclose)> file(std::fopen(from.c_str(), "rb"), &std::fclose);
  if (!file) throw std::runtime_error("the video that ffmpeg wrote cannot be read");
  std::vector<char> bytes(1U << 20U);
  while (const std::size_t count = std::fread(bytes.data(), 1, bytes.size(), file.get())) {
    to.write(std::string_view(bytes.data(), count));
    progress.check();
  }
}

void write_mp4(const FrameSource& source, const AnimationTiming& timing, const std::filesystem::path& path,
               const Progress& progress) {
  if (const std::string missing = missing_ffmpeg(); !missing.empty()) throw std::runtime_error(missing);
  require_pictures(source);
  AtomicFile file(path);
  // ffmpeg goes back and forth in the file, which a pipe does not let it.
  std::optional<AtomicFile> spool;
  if (file.unfinished().empty()) spool.emplace(std::filesystem::temp_directory_path() / "tconv.mp4");
  const std::filesystem::path unfinished = spool ? spool->unfinished() : file.unfinished();

  const std::vector<ShownFrame> shown = shown_frames(source.count, timing);
  const double moment = source.count > 1 ? shown.front().seconds : shown_frames(2, timing).front().seconds;
  const double rate = std::round(1000 * repetitions(1 / moment) / moment) / 1000;
  const std::vector<int> times = frame_ticks(shown, 1 / rate, 1);
  std::optional<Encoder> encoder;
  std::vector<std::byte> pixels;
  const auto write = [&](std::size_t position, const Raster& picture) {
    if (!encoder) {
      encoder.emplace(path, unfinished, picture.width + picture.width % 2, picture.height + picture.height % 2, rate,
                      source.embedded);
    }
    pixels = plain_pixels(picture);
    for (int i = 0; i < times[position]; ++i) encoder->write(pixels, progress);
  };
  play_in_order(source, shown, progress.share(0, 0.9), write);
  encoder->finish(progress);
  if (spool) copy(unfinished, file, progress);
  file.finish();
  progress.at(1);
  progress.check();
  file.commit();
}

}  // namespace

Animator mp4_animator() {
  return {"mp4", ".mp4", "MP4", "a video, for slides and films; made by ffmpeg", false, &missing_ffmpeg, &write_mp4};
}

}  // namespace tconv
