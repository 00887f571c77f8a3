#include "core/sizes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "core/coverage.h"
#include "support/random_layers.h"

namespace tconv {
namespace {

AxisSpec plain_axis(std::int64_t input, std::int64_t kernel, std::int64_t stride, std::int64_t padding,
                    std::int64_t output_padding = 0, std::int64_t dilation = 1) {
  return {input, kernel, stride, padding, padding, output_padding, dilation};
}

TEST(Sizes, Examples) {
  EXPECT_EQ(output_size(plain_axis(2, 3, 1, 0)), 4);
  EXPECT_EQ(output_size(plain_axis(4, 3, 1, 1)), 4);
  EXPECT_EQ(output_size(plain_axis(4, 4, 2, 1)), 8);
  EXPECT_EQ(output_size(plain_axis(4, 3, 2, 1)), 7);
  EXPECT_EQ(output_size(plain_axis(4, 3, 2, 1, 1)), 8);
  EXPECT_EQ(output_size(plain_axis(14, 4, 2, 1)), 28);
  EXPECT_EQ(output_size(plain_axis(2, 3, 2, 0)), 5);
}

TEST(Sizes, Networks) {
  std::int64_t size = 7;
  for (const std::int64_t next : {14, 28, 56, 112, 224}) {  // U-Net: K2 S2
    size = output_size(plain_axis(size, 2, 2, 0));
    EXPECT_EQ(size, next);
  }
  size = output_size(plain_axis(1, 4, 1, 0));  // DCGAN: K4 S1 P0, then K4 S2 P1
  EXPECT_EQ(size, 4);
  for (const std::int64_t next : {8, 16, 32, 64}) {
    size = output_size(plain_axis(size, 4, 2, 1));
    EXPECT_EQ(size, next);
  }
}

TEST(Sizes, WithStrideOneTheSizeIsKeptIffBothPaddingsTakeTheReach) {
  for (std::int64_t kernel = 1; kernel <= 9; ++kernel) {
    for (std::int64_t dilation = 1; dilation <= 4; ++dilation) {
      for (std::int64_t padding = 0; padding <= 8; ++padding) {
        const bool kept = output_size(plain_axis(20, kernel, 1, padding, 0, dilation)) == 20;
        EXPECT_EQ(kept, 2 * padding == dilation * (kernel - 1)) << kernel << " " << dilation << " " << padding;
      }
    }
  }
}

TEST(Sizes, UnevenPaddingsCropTogether) {
  EXPECT_EQ(output_size({.input = 4, .kernel = 4, .stride = 2, .padding_begin = 2, .padding_end = 1}), 7);
}

TEST(Sizes, TwoForwardSizesCollapseAndOutputPaddingChooses) {
  const AxisSpec axis = plain_axis(4, 3, 2, 1);
  EXPECT_EQ(forward_output_size(axis, 7), 4);
  EXPECT_EQ(forward_output_size(axis, 8), 4);
  EXPECT_EQ(forward_inputs(axis), (SizeRange{7, 8}));
  EXPECT_EQ(legal_outputs(axis), (SizeRange{7, 8}));
  EXPECT_EQ(legal_outputs(plain_axis(4, 3, 2, 1, 1)), (SizeRange{7, 8})) << "whatever output padding is chosen now";
}

TEST(Sizes, LegalOutputsLeaveOutSizesBelowOne) {
  // OP 0 … 3 give −1, 0, 1, 2.
  EXPECT_EQ(legal_outputs(plain_axis(1, 1, 4, 1, 2)), (SizeRange{1, 2}));
}

TEST(SizesProperty, ForwardInputsAreThoseThatCollapseOntoI) {
  test::RandomLayers random;
  for (int i = 0; i < 300; ++i) {
    const LayerSpec layer = random.layer();
    SCOPED_TRACE(random.trace(layer));
    for (const AxisSpec& axis : layer.spatial()) {
      const SizeRange range = forward_inputs(axis);
      // Sizes beyond this make more than I cells, sizes below 1 do not exist.
      const std::int64_t beyond = (axis.input + 1) * axis.stride + stamp_extent(axis);
      for (std::int64_t n = 1; n <= beyond; ++n) {
        // Counted, not computed: how many places the stamp has on n padded cells.
        std::int64_t places = 0;
        const std::int64_t padded = n + axis.padding_begin + axis.padding_end;
        for (std::int64_t at = 0; at + stamp_extent(axis) <= padded; at += axis.stride) ++places;
        EXPECT_EQ(forward_output_size(axis, n), places) << n;
        EXPECT_EQ(n >= range.first && n <= range.last, places == axis.input) << n;
      }
    }
  }
}

TEST(SizesProperty, LegalOutputsAreThoseOfOutputPaddingsBelowTheStride) {
  test::RandomLayers random;
  for (int i = 0; i < 300; ++i) {
    const LayerSpec layer = random.layer();
    SCOPED_TRACE(random.trace(layer));
    for (AxisSpec axis : layer.spatial()) {
      const SizeRange range = legal_outputs(axis);
      EXPECT_EQ(range, forward_inputs(axis)) << "they are the same sizes, seen from both sides";
      std::int64_t found = 0;
      for (axis.output_padding = 0; axis.output_padding < axis.stride; ++axis.output_padding) {
        const std::int64_t size = output_size(axis);
        EXPECT_EQ(size >= 1, size >= range.first && size <= range.last) << size;
        found += size >= 1 ? 1 : 0;
      }
      EXPECT_EQ(std::max<std::int64_t>(0, range.last - range.first + 1), found);
    }
  }
}

TEST(SizesProperty, TheTermsAddUp) {
  test::RandomLayers random;
  for (int i = 0; i < 200; ++i) {
    const LayerSpec layer = random.layer();
    SCOPED_TRACE(random.trace(layer));
    for (const AxisSpec& axis : layer.spatial()) {
      const SizeTerms terms = size_terms(axis);
      EXPECT_EQ(terms.spread + terms.crop + terms.reach + terms.output_padding + terms.one, output_size(axis));
    }
  }
  const SizeTerms terms = size_terms({3, 4, 2, 1, 5, 1, 3});
  EXPECT_EQ(terms.spread, 4);
  EXPECT_EQ(terms.crop, -6);
  EXPECT_EQ(terms.reach, 9);
  EXPECT_EQ(terms.output_padding, 1);
}

bool says(const AxisSpec& axis, const std::string& words) {
  const std::string reason = output_padding_reason(axis);
  const bool found = reason.find(words) != std::string::npos;
  EXPECT_TRUE(found) << reason;
  return found;
}

TEST(OutputPaddingReason, SaysWhoAcceptsIt) {
  says(plain_axis(4, 3, 2, 1, -1), "cannot be below 0");
  says(plain_axis(4, 3, 2, 1, 2), "PyTorch refuses output_padding 2");
  says(plain_axis(4, 3, 2, 1, 2), "max(stride, dilation) = 2");
  says(plain_axis(4, 3, 2, 1, 2, 3), "PyTorch accepts output_padding 2 because dilation 3 exceeds stride 2");
  says(plain_axis(4, 3, 2, 1, 2, 3), "no forward convolution");
  says(plain_axis(4, 3, 2, 1, 1), "brings 2 neighbouring sizes to the same 4");
  says(plain_axis(4, 3, 3, 1, 0), "output_padding 0 to 2");
  says(plain_axis(4, 3, 1, 1, 0), "one size");
  says(plain_axis(4, 3, 1, 1, 0, 3), "PyTorch takes up to 2 because of dilation 3");
}

TEST(OutputPaddingReason, IsTrueOfTheForwardInputs) {
  test::RandomLayers random;
  for (int i = 0; i < 300; ++i) {
    const LayerSpec layer = random.layer();
    SCOPED_TRACE(random.trace(layer));
    for (const AxisSpec& axis : layer.spatial()) {
      const bool collapses = forward_output_size(axis, output_size(axis)) == axis.input;
      const bool said_none = output_padding_reason(axis).find("no forward convolution") != std::string::npos;
      EXPECT_EQ(collapses, !said_none);
    }
  }
}

TEST(FindLayers, LeadExactlyThere) {
  for (std::int64_t from = 1; from <= 12; ++from) {
    for (std::int64_t to = 1; to <= 40; ++to) {
      bool uneven_seen = false;
      std::int64_t stride = 0;
      for (const LayerChoice& choice : find_layers(from, to, 9)) {
        SCOPED_TRACE(std::to_string(from) + " to " + std::to_string(to) + ", K" + std::to_string(choice.axis.kernel));
        EXPECT_EQ(choice.axis.input, from);
        EXPECT_EQ(output_size(choice.axis), to);
        LayerSpec layer;
        layer.dims = 1;
        layer.axes[0] = choice.axis;
        EXPECT_TRUE(validate(layer).empty());
        EXPECT_LE(choice.axis.kernel, std::max<std::int64_t>(9, 2 * choice.axis.stride + 2));
        EXPECT_GE(choice.axis.kernel, choice.axis.stride) << "a smaller one leaves gaps";
        EXPECT_EQ(choice.axis.dilation, 1);
        EXPECT_LT(choice.axis.padding_begin, choice.axis.kernel) << "beyond that whole stamps are computed and cropped";
        EXPECT_EQ(choice.axis.padding_begin, choice.axis.padding_end);
        EXPECT_EQ(choice.even, is_even(choice.axis));
        EXPECT_FALSE(choice.even && uneven_seen) << "even ones first";
        uneven_seen = uneven_seen || !choice.even;
        if (stride == 0) stride = choice.axis.stride;
        EXPECT_EQ(choice.axis.stride, stride);
      }
    }
  }
}

TEST(FindLayers, FindsTheUsualDoublings) {
  const auto found = find_layers(14, 28, 5);
  const auto has = [&](std::int64_t kernel, std::int64_t padding, std::int64_t output_padding, bool even) {
    for (const LayerChoice& choice : found) {
      if (choice.axis == plain_axis(14, kernel, 2, padding, output_padding)) return choice.even == even;
    }
    return false;
  };
  EXPECT_TRUE(has(2, 0, 0, true));
  EXPECT_TRUE(has(4, 1, 0, true));
  EXPECT_TRUE(has(3, 1, 1, false));
  EXPECT_TRUE(has(5, 2, 1, false));
  EXPECT_EQ(found.size(), 4U);
}

TEST(FindLayers, NothingLeadsToNothing) {
  EXPECT_TRUE(find_layers(0, 4, 9).empty());
  EXPECT_TRUE(find_layers(4, 0, 9).empty());
}

}  // namespace
}  // namespace tconv
