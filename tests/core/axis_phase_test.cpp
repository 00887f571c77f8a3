#include <gtest/gtest.h>

#include "core/coverage.h"
#include "core/phases.h"

namespace tconv {
namespace {

using std::int64_t;

TEST(AxisPhase, HasTheTapsAndCellsThatAreCongruent) {
  for (int64_t kernel = 1; kernel <= 9; ++kernel) {
    for (int64_t stride = 1; stride <= 7; ++stride) {
      for (int64_t dilation = 1; dilation <= 6; ++dilation) {
        for (int64_t padding = 0; padding <= 3; ++padding) {
          const AxisSpec axis{.input = 5,
                              .kernel = kernel,
                              .stride = stride,
                              .padding_begin = padding,
                              .padding_end = 0,
                              .dilation = dilation};
          SCOPED_TRACE("K" + std::to_string(kernel) + " S" + std::to_string(stride) + " D" + std::to_string(dilation) +
                       " P" + std::to_string(padding));
          const auto counts = phase_counts(axis);
          const auto all = axis_phases(axis);
          ASSERT_EQ(all.size(), static_cast<std::size_t>(stride));
          for (int64_t phase = 0; phase < stride; ++phase) {
            std::vector<int64_t> taps;
            for (int64_t tap = 0; tap < kernel; ++tap) {
              if (tap * dilation % stride == phase) taps.push_back(tap);
            }
            std::vector<int64_t> cells;
            for (int64_t cell = 0; cell < output_size(axis); ++cell) {
              if ((cell + padding) % stride == phase) cells.push_back(cell);
              EXPECT_EQ(phase_of(axis, cell), (cell + padding) % stride);
            }
            const AxisPhase one = axis_phase(axis, phase);
            EXPECT_EQ(one.phase, phase);
            EXPECT_EQ(one.taps, taps);
            EXPECT_EQ(static_cast<int64_t>(taps.size()), counts[static_cast<std::size_t>(phase)]);
            ASSERT_EQ(one.count, static_cast<int64_t>(cells.size()));
            for (int64_t m = 0; m < one.count; ++m) {
              EXPECT_EQ(one.first + m * stride, cells[static_cast<std::size_t>(m)]);
            }
            EXPECT_EQ(all[static_cast<std::size_t>(phase)].taps, taps);
            EXPECT_EQ(all[static_cast<std::size_t>(phase)].first, one.first);
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace tconv
