#pragma once
// Random legal layers and arrays for property tests: small, reproducible, and drawn from the table of fields, so that a
// new field is tested without an entry here.

#include <cstdint>
#include <random>
#include <string>

#include "core/layer_spec.h"

namespace tconv::test {

/// From the environment variable TCONV_TEST_SEED, else a fixed number.
std::uint32_t test_seed();

/// Every field of a layer by its name.
std::string layer_text(const LayerSpec& layer);

/// One stream of random things. The same seed gives the same stream with every compiler: the distributions of the
/// standard library, which differ, are not used.
class RandomLayers {
 public:
  explicit RandomLayers(std::uint32_t seed = test_seed()) : seed_(seed), bits_(seed) {}

  /// A legal layer of 1 to 3 dimensions. Every combination of values within the sliders' ends can occur, as long as
  /// computing it takes at most `most_work` products and as many output elements.
  LayerSpec layer(std::int64_t most_work = 20'000);

  /// Uniform in first … last, both included.
  std::int64_t between(std::int64_t first, std::int64_t last);
  /// Whole numbers −4 … 4: sums of some thousand products of them are exact in float32.
  Tensor integers(const Shape& shape);
  /// Uniform in −1 … 1.
  Tensor floats(const Shape& shape);

  /// For SCOPED_TRACE: what it takes to see this layer again.
  std::string trace(const LayerSpec& layer) const;

 private:
  std::uint32_t seed_;
  int layers_made_ = 0;
  std::mt19937 bits_;
};

}  // namespace tconv::test
