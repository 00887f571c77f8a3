#pragma once
// The header of a .npy file: a Python dict literal, parsed and never evaluated.

#include <cstddef>
#include <string>
#include <string_view>

#include "core/tensor.h"

namespace tconv {

/// The element type of a .npy file.
struct NpyType {
  char kind = 'f';          ///< 'f' float, 'i' signed, 'u' unsigned, 'b' bool.
  std::size_t bytes = 4;    ///< Per element: f 2, 4, 8; i and u 1, 2, 4, 8; b 1.
  bool big_endian = false;  ///< '>' in the file; '<', '|', '=' and nothing are read as little-endian.
};

struct NpyHeader {
  std::string descr;  ///< As written in the file, without quotes: "<f4".
  NpyType type;
  bool fortran_order = false;
  Shape shape;
};

/// Parses `text`, the dict with the padding after it. Accepted: exactly the keys 'descr', 'fortran_order' and 'shape'
/// in any order, single or double quotes, trailing commas, spaces and line breaks, Python 2's long integers (3L).
/// Throws FileError for file `name` on anything else: a missing, repeated or unknown key; a value of another type; an
/// element type that is not in NpyType (object arrays are never unpickled); a negative extent; more than
/// Shape::max_rank axes; a shape whose element count or byte count leaves int64.
NpyHeader parse_npy_header(std::string_view text, std::string_view name);

/// The shape as Python writes it: "(2, 3)", "(4,)", "()".
std::string python_tuple(const Shape& shape);

}  // namespace tconv
