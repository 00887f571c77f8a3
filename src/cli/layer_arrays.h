#pragma once
// Arrays from files as the input and weight of a layer: what `apply` and `gradients` share.

#include <cstdint>
#include <string>
#include <vector>

#include "cli/layer_flags.h"
#include "compute/method.h"
#include "core/tensor.h"

namespace tconv {

/// Reads all named files before it complains, so that every broken one is named. Throws CliError (bad file).
class ArrayReader {
 public:
  Tensor image_or_npy(const std::string& path);
  Tensor npy(const std::string& path);
  void require_all_read() const;

 private:
  std::vector<std::string> lines_;
};

/// "shape 1 × 2 × 2 in 'x.npy'".
std::string found_shape(const std::string& path, const Shape& shape);

/// Ranks from which no layer can be read; the other rules need one.
std::vector<Problem> rank_problems(const std::string& input_path, const Shape& input, const std::string& weight_path,
                                   const Shape& weight);

/// The layer that arrays of matching ranks and the flags make, legal or not; without bias.
LayerSpec layer_of_arrays(const LayerFlags& flags, const Shape& input, const Shape& weight);

/// Where the weight does not fit the layer.
std::vector<Problem> weight_problems(const LayerSpec& layer, const std::string& path, const Shape& weight);

/// Adds the flags of a layer whose sizes come from arrays.
void add_array_layer_flags(LayerFlags& flags, CLI::App& app);

/// "12 MiB", rounded up.
std::string in_mib(std::int64_t bytes);

/// Throws CliError (could not) unless so many bytes are free: "<what> needs 12 MiB, free are 10 MiB<mend>".
void require_memory(const std::string& what, std::int64_t bytes, const std::string& mend = {});

/// The same for what a method holds, and so many bytes beside it, for a legal layer; some hold more than painting does.
void require_memory_for(const Method& method, const LayerSpec& layer, std::int64_t beside = 0);

/// Writes a .npy file, "-" to standard output. Throws CliError (could not).
void write_array(const std::string& path, const Tensor& array);

}  // namespace tconv
