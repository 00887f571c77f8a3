// Feeds arbitrary bytes to the .npy reader: it must return a tensor or throw FileError, nothing else.
//
// Not part of the build, since libFuzzer comes with clang only. From the top folder:
//   clang++ -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -Isrc tests/fuzz/npy_fuzz.cpp \
//     src/files/npy.cpp src/files/npy_header.cpp src/files/byte_source.cpp src/files/file_kind.cpp \
//     src/files/file_error.cpp src/files/atomic_file.cpp src/core/tensor.cpp -o build/npy_fuzz
//   build/npy_fuzz -max_len=4096 -max_total_time=60

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "files/file_error.h"
#include "files/npy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const tconv::Tensor tensor = tconv::parse_npy(std::as_bytes(std::span(data, size)), "fuzz.npy");
    if (tensor.size() != tensor.shape().elements()) std::abort();
  } catch (const tconv::FileError&) {
  }
  return 0;
}
