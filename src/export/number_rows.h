#pragma once
// Arrays as lines of numbers: what CSV and TSV share.

#include <functional>
#include <string>

#include "files/byte_sink.h"
#include "views/named_array.h"

namespace tconv {

/// The longest text of a float32.
inline constexpr std::size_t longest_number = 32;

/// Writes `value` at `at`, where there is room for `longest_number` letters, and returns the end: the shortest text
/// that reads back as the same float32, whole numbers below 2^24 without an exponent, "nan", "inf" and "-inf".
char* put_number(char* at, float value);

/// How an array becomes lines. One of one axis has a number in each line; others have their last axis along a line, and
/// the rows of their last two axes under each other as a block.
struct NumberRows {
  char between = ',';  ///< the numbers of a line
  /// What stands before the block with this index along all axes but the last two, with its line break; empty for
  /// nothing. Not asked where there is only one block.
  std::function<std::string(std::span<const std::int64_t>)> heading{};
};

void write_rows(const NamedArray& array, const NumberRows& how, const ByteSink& sink, const Progress& progress);

}  // namespace tconv
