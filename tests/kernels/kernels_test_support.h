#pragma once

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "core/tensor.h"
#include "kernels/engine.h"
#include "kernels/matrix_tiles.h"
#include "kernels/matrix_tiles_engine.h"
#include "kernels/team.h"

namespace tconv::test {

/// Lets the kernels use nothing better than one instruction set; 0: whatever the machine has.
class OnTarget {
 public:
  explicit OnTarget(std::int64_t target) { hwy::SetSupportedTargetsForTest(target); }
  ~OnTarget() { hwy::SetSupportedTargetsForTest(0); }
  OnTarget(const OnTarget&) = delete;
  OnTarget& operator=(const OnTarget&) = delete;
};

inline std::string instruction_set_name(const testing::TestParamInfo<std::int64_t>& info) {
  return info.param == 0 ? "MatrixTiles" : hwy::TargetName(info.param);
}

/// Where tiles are there, only the engine that uses them: the others are tested with each of the instruction sets.
inline std::vector<Engine> engines_under_test() {
  return matrix_tiles_there() ? std::vector{matrix_tiles_engine()} : listed_engines();
}

/// For OnTarget: all instruction sets, and where the machine has more than the best of them that, too.
inline std::vector<std::int64_t> instruction_sets_and_tiles() {
  std::vector<std::int64_t> sets = instruction_sets();
  if (matrix_tiles_there()) sets.push_back(0);
  return sets;
}

/// What write(output) leaves in `size` floats that are aligned to nothing but a float and were NaN before; fails when
/// it returned false or wrote beside them.
template <typename Write>
std::vector<float> guarded(std::int64_t size, const Write& write) {
  constexpr float guard = 12345.0F;
  constexpr std::size_t before = 37;
  constexpr std::size_t behind = 43;
  const auto count = static_cast<std::size_t>(size);
  std::vector<float> memory(before + count + behind, guard);
  float* const output = memory.data() + before;
  std::fill_n(output, count, std::numeric_limits<float>::quiet_NaN());
  EXPECT_TRUE(write(output));
  for (std::size_t i = 0; i < before; ++i) EXPECT_EQ(memory[i], guard) << "before the output";
  for (std::size_t i = before + count; i < memory.size(); ++i) EXPECT_EQ(memory[i], guard) << "behind the output";
  return {output, output + count};
}

/// Root mean square of the difference over that of the truth.
inline double rms_error(std::span<const float> found, std::span<const float> truth) {
  double error = 0;
  double square = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    const double difference = static_cast<double>(found[i]) - static_cast<double>(truth[i]);
    error += difference * difference;
    square += static_cast<double>(truth[i]) * static_cast<double>(truth[i]);
  }
  return square == 0 ? std::sqrt(error) : std::sqrt(error / square);
}

/// What run(to, team) writes: the truth within rounding, and the same bits from two threads and once more.
template <typename Run>
void expect_truth(const Tensor& truth, const Run& run) {
  static const Team one(1);
  static const Team two(2);
  const auto found_by = [&](const Team& team) {
    return guarded(truth.size(), [&](float* to) { return run(to, team); });
  };
  const std::vector<float> found = found_by(one);
  EXPECT_LT(rms_error(found, truth.values()), 1e-6);
  EXPECT_TRUE(found_by(two) == found) << "two threads";
  EXPECT_TRUE(found_by(one) == found) << "once more";
}

}  // namespace tconv::test
