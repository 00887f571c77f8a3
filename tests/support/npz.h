#pragma once
// The archives of reference arrays that numpy.savez writes.

#include <filesystem>
#include <map>
#include <string>

#include "core/tensor.h"

namespace tconv::test {

/// The arrays of an uncompressed .npz archive by their names without ".npy". Throws std::runtime_error, with the file's
/// name in the message, for a file that cannot be read and for every zip feature that numpy.savez does not use.
std::map<std::string, Tensor> read_npz(const std::filesystem::path& path);

}  // namespace tconv::test
