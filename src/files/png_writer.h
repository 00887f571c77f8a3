#pragma once
// Encodes pixels as PNG.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "files/byte_sink.h"

namespace tconv {

/// Words that a PNG keeps before the pixels, UTF-8 without zeros, under one of the keywords that all programs know:
/// "Title", "Description".
struct PngText {
  std::string keyword;
  std::string words;
};

struct PngOptions {
  int channels = 4;              ///< per pixel: 1 grey, 3 red green blue, 4 with straight (not premultiplied) alpha.
  std::optional<double> dpi;     ///< Pixels per inch, stored as whole pixels per metre; empty stores nothing.
  std::string text{};            ///< Latin letters kept before the pixels under "Comment"; empty stores nothing.
  int bits = 8;                  ///< of a channel: 8, or 16 in the machine's own byte order.
  std::vector<PngText> texts{};  ///< kept before that one.
};

/// A PNG that goes to its sink row by row: a large picture need not be in memory as a whole. Equal arguments give equal
/// bytes (with one zlib): no time, no text.
class PngStream {
 public:
  /// `width` × `height` pixels, at least 1 and at most 1,000,000 each. Throws std::invalid_argument when something does
  /// not fit together, std::runtime_error when libpng cannot go on, and what the sink throws.
  PngStream(int width, int height, const PngOptions& options, ByteSink sink);
  ~PngStream();
  PngStream(const PngStream&) = delete;
  PngStream& operator=(const PngStream&) = delete;

  /// Bytes of one row: width · channels · bits / 8.
  std::size_t row_bytes() const;
  /// The next rows from the top, whole ones, sRGB.
  void rows(std::span<const std::uint8_t> pixels);
  /// After the last row.
  void finish();

 private:
  struct Encoding;
  std::unique_ptr<Encoding> encoding_;
};

/// A whole PNG at once: `pixels` holds height rows. Throws as PngStream does.
std::string png_bytes(int width, int height, std::span<const std::uint8_t> pixels, const PngOptions& options = {});

}  // namespace tconv
