#pragma once
// Reads and writes numpy's .npy files, one array each.

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "core/tensor.h"

namespace tconv {

class ByteSource;

/// The array in a .npy file of version 1.0, 2.0 or 3.0 as float32 in row-major order, with the shape of the file (also
/// rank 0, and shapes with an extent of zero: the caller decides).
///
/// Element types f2 f4 f8, i1 i2 i4 i8, u1 u2 u4 u8 and b1, either byte order, C or Fortran order. Values are rounded
/// to the nearest float32 as numpy's astype('float32') does: an f8 beyond float32 becomes ±inf, large integers lose
/// their last digits; NaN and inf stay. Bytes after the data are ignored, as numpy does.
///
/// Throws FileError for everything else; object arrays are never unpickled. A header may claim any size: nothing is
/// allocated for the data before the file is known to hold it and memory is free for it. A pipe, whose length is not
/// known, is read piece by piece.
Tensor read_npy(const std::filesystem::path& path);
/// The same for bytes in memory; `name` stands for the file in messages.
Tensor parse_npy(std::span<const std::byte> bytes, std::string_view name);
/// The same from a source at its beginning.
Tensor read_npy(ByteSource& source);

/// What stands before the numbers in a .npy file of version 1.0, '<f4', C order: a multiple of 64 bytes.
std::string npy_header_bytes(const Shape& shape);
/// A .npy file of version 1.0, '<f4', C order, data at a multiple of 64 bytes. Equal tensors give equal bytes.
std::string npy_bytes(const Tensor& tensor);
/// Writes `npy_bytes` with `write_file_atomically`; throws FileError.
void write_npy(const std::filesystem::path& path, const Tensor& tensor);

}  // namespace tconv
