#include "export/number_rows.h"

#include <charconv>
#include <cmath>

namespace tconv {
namespace {

using std::int64_t;

/// Text that is handed on a piece at a time.
class TextPieces {
 public:
  TextPieces(const ByteSink& sink, const Progress& progress) : sink_(sink), progress_(progress), text_(piece + spare) {}

  /// Room for so many letters, at most `spare`.
  char* room() { return text_.data() + used_; }
  void take(char* end) {
    used_ = static_cast<std::size_t>(end - text_.data());
    if (used_ >= piece) hand_on();
  }
  void add(std::string_view words) {
    hand_on();
    send(words, sink_);
  }
  void hand_on() {
    if (used_ > 0) send(std::string_view(text_.data(), used_), sink_);
    used_ = 0;
    progress_.at(part_);
  }
  void at(double part) { part_ = part; }

 private:
  static constexpr std::size_t piece = std::size_t{1} << 18;
  static constexpr std::size_t spare = 2 * longest_number;

  const ByteSink& sink_;
  const Progress& progress_;
  std::vector<char> text_;
  std::size_t used_ = 0;
  double part_ = 0;
};

struct Blocks {
  std::vector<int64_t> outer;  ///< extents of all axes but the last two
  int64_t rows = 1;
  int64_t cols = 1;
};

Blocks blocks_of(const Shape& shape) {
  Blocks blocks;
  const int rank = shape.rank();
  if (rank == 1) blocks.rows = shape[0];
  if (rank >= 2) {
    blocks.rows = shape[rank - 2];
    blocks.cols = shape[rank - 1];
  }
  for (int axis = 0; axis + 2 < rank; ++axis) blocks.outer.push_back(shape[axis]);
  return blocks;
}

/// The next place, the last axis fastest.
void advance(std::vector<int64_t>& at, const std::vector<int64_t>& extents) {
  for (std::size_t axis = extents.size(); axis-- > 0;) {
    if (++at[axis] < extents[axis]) return;
    at[axis] = 0;
  }
}

}  // namespace

char* put_number(char* at, float value) {
  if (std::isnan(value)) {
    *at++ = 'n';
    *at++ = 'a';
    *at++ = 'n';
    return at;
  }
  const bool whole = std::fabs(value) < static_cast<float>(largest_exact) &&
                     value == static_cast<float>(static_cast<int>(value)) && !(value == 0 && std::signbit(value));
  if (whole) return std::to_chars(at, at + longest_number, static_cast<int>(value)).ptr;
  return std::to_chars(at, at + longest_number, value).ptr;
}

void write_rows(const NamedArray& array, const NumberRows& how, const ByteSink& sink, const Progress& progress) {
  const Blocks blocks = blocks_of(array.values.shape());
  const auto values = array.values.values();
  TextPieces out(sink, progress);
  std::vector<int64_t> at(blocks.outer.size(), 0);
  const auto block = static_cast<std::size_t>(blocks.rows * blocks.cols);
  const auto cols = static_cast<std::size_t>(blocks.cols);
  for (std::size_t i = 0; i < values.size();) {
    if (how.heading && values.size() > block && i % block == 0) {
      out.add(how.heading(at));
      advance(at, blocks.outer);
    }
    out.at(static_cast<double>(i) / static_cast<double>(values.size()));
    for (std::size_t col = 0; col < cols; ++col, ++i) {
      char* end = put_number(out.room(), values[i]);
      *end++ = col + 1 < cols ? how.between : '\n';
      out.take(end);
    }
  }
  out.hand_on();
  progress.at(1);
}

}  // namespace tconv
