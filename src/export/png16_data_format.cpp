// A raw heat map as a grey PNG of 16 bits, one pixel a cell: what a measuring program wants, not a picture to look at.
// What its values stand for is written into the file's text.

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>

#include "export/data_format.h"
#include "figure/color_map.h"
#include "files/png_writer.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr double largest_pixel = 65535;
constexpr int64_t longest_side = 1'000'000;  // that programs with libpng read

/// What lies between 0 and the largest pixel.
struct Mapping {
  double low = 0;
  double high = 0;
  int64_t not_finite = 0;

  std::uint16_t pixel(float value) const {
    const double number = static_cast<double>(value);
    if (!std::isfinite(number) || !(high > low)) return 0;
    return static_cast<std::uint16_t>(std::lround((number - low) / (high - low) * largest_pixel));
  }
};

constexpr std::size_t quick = std::size_t{1} << 20;  // numbers that are looked at between two reports

Mapping mapping_of(std::span<const float> values, const Progress& progress) {
  Mapping mapping{INFINITY, -INFINITY};
  for (std::size_t at = 0; at < values.size(); at += quick) {
    progress.at(static_cast<double>(at) / static_cast<double>(values.size()));
    const auto part = values.subspan(at, std::min(quick, values.size() - at));
    const auto finite = std::ranges::count_if(part, [](float value) { return std::isfinite(value); });
    mapping.not_finite += static_cast<int64_t>(part.size()) - finite;
    if (finite == 0) continue;
    const ValueRange range = finite_range(part);
    mapping.low = std::min(mapping.low, range.low);
    mapping.high = std::max(mapping.high, range.high);
  }
  if (!(mapping.low <= mapping.high)) mapping.low = mapping.high = 0;
  return mapping;
}

std::string exact(double number) {
  std::array<char, 32> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), number).ptr};
}

std::string description(const NamedArray& array, const DataHeader& header, const Mapping& mapping) {
  std::string text = array.words + ", shape " + array.values.shape().text() + "\n";
  text +=
      "value = low + pixel*(high-low)/65535, low = " + exact(mapping.low) + ", high = " + exact(mapping.high) + "\n";
  if (!(mapping.high > mapping.low)) text += "all finite values are the same\n";
  if (mapping.not_finite > 0) {
    text += std::to_string(mapping.not_finite) + " cells are NaN or infinite: their pixels are 0, too\n";
  }
  for (const std::string& words : header.words) text += words + "\n";
  return text;
}

/// Rows of the last axis, all others under each other.
struct Rows {
  int64_t count = 1;
  int64_t length = 1;
};

Rows rows_of(const NamedArray& array) {
  const Shape& shape = array.values.shape();
  if (array.values.empty()) throw std::runtime_error("the array " + array.name + " has no cells: no picture of it");
  const int64_t length = shape.rank() == 0 ? 1 : shape[shape.rank() - 1];
  const Rows rows{array.values.size() / length, length};
  if (std::max(rows.count, rows.length) > longest_side) {
    throw std::runtime_error("a PNG has at most 1000000 pixels a side, the array " + array.name + " has " +
                             std::to_string(rows.count) + " rows of " + std::to_string(rows.length) +
                             "; .npy has no such limit");
  }
  return rows;
}

void write_png16(const std::vector<NamedArray>& arrays, const DataHeader& header, const ByteSink& sink,
                 const Progress& progress) {
  const NamedArray& array = arrays.front();
  const Rows rows = rows_of(array);
  const auto values = array.values.values();
  const Mapping mapping = mapping_of(values, progress.share(0, 0.1));
  PngStream png(
      static_cast<int>(rows.length), static_cast<int>(rows.count),
      {.channels = 1,
       .dpi = {},
       .text = header.embedded,
       .bits = 16,
       .texts = {{"Title", header.view + ": " + array.name}, {"Description", description(array, header, mapping)}}},
      sink);
  const Progress rest = progress.share(0.1, 1);
  const auto length = static_cast<std::size_t>(rows.length);
  std::vector<std::uint16_t> line(length);
  const std::size_t rows_at_once = std::max<std::size_t>(1, (quick >> 4U) / length);
  for (std::size_t row = 0; row < static_cast<std::size_t>(rows.count); ++row) {
    if (row % rows_at_once == 0) rest.at(static_cast<double>(row) / static_cast<double>(rows.count));
    for (std::size_t i = 0; i < length; ++i) {
      line[i] = mapping.pixel(values[row * length + i]);
    }
    png.rows({reinterpret_cast<const std::uint8_t*>(line.data()), png.row_bytes()});
  }
  png.finish();
  rest.at(1);
}

}  // namespace

DataFormat png16_data_format() {
  return {"png16", ".png",     "PNG 16 bit", "one array as a grey picture of raw values, a pixel a cell",
          false,   write_png16};
}

}  // namespace tconv
