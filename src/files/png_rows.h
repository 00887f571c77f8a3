#pragma once
// Encodes a PNG row by row, so that neither its pixels nor its bytes need be held as a whole.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "files/byte_sink.h"

namespace tconv {

/// Words that a PNG keeps before the pixels, UTF-8 without zeros. Keywords that all programs know: "Title",
/// "Description", "Comment".
struct PngText {
  std::string keyword;
  std::string words;
};

struct PngFormat {
  std::int64_t width = 1;
  std::int64_t height = 1;
  int channels = 4;              ///< 1 grey, 3 red green blue, 4 with straight (not premultiplied) alpha
  int bits = 8;                  ///< per channel: 8 or 16
  std::optional<double> dpi{};   ///< pixels per inch, stored as whole pixels per metre; empty stores nothing
  std::vector<PngText> texts{};  ///< those without words are left out
};

/// The longest side of a PNG that programs with libpng read.
inline constexpr std::int64_t longest_png_side = 1'000'000;

/// Writes a PNG into a sink. Equal arguments give equal bytes (with one zlib): no time. Throws std::invalid_argument
/// when the sizes do not fit together, std::runtime_error when libpng cannot go on, and whatever the sink throws.
class PngRows {
 public:
  PngRows(const PngFormat& format, ByteSink sink);
  ~PngRows();
  PngRows(const PngRows&) = delete;
  PngRows& operator=(const PngRows&) = delete;

  /// Bytes of a row: width · channels · bits / 8.
  std::size_t row_bytes() const;
  /// The next row from the top; numbers of 16 bits have their high byte first.
  void add(std::span<const std::uint8_t> row);
  /// After `height` rows.
  void finish();

 private:
  struct Encoding;
  std::unique_ptr<Encoding> encoding_;
};

}  // namespace tconv
