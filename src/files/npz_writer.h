#pragma once
// Writes numpy's .npz archives: .npy files, uncompressed, in a zip archive.

#include <span>
#include <string_view>

#include "core/tensor.h"
#include "files/byte_sink.h"

namespace tconv {

struct NpzArray {
  std::string_view name;  ///< numpy.load(file)[name]: printable ASCII without '/'
  const Tensor& values;
};

/// What `numpy.load` reads as a dict of float32 arrays in C order. The same arrays give the same bytes: every file in
/// it is of 1980-01-01, the first day that a zip archive knows. Reads each array twice, for its checksum and to write
/// it, and copies none.
///
/// Throws std::runtime_error with one line for what does not fit into a plain zip archive (4 GiB, 65,535 arrays);
/// std::invalid_argument for names that are empty, unsuitable or there twice.
void write_npz(std::span<const NpzArray> arrays, const ByteSink& sink, const Progress& progress = {});

}  // namespace tconv
