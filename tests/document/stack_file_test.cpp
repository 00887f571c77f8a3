#include "document/stack_file.h"

#include <gtest/gtest.h>

#include "document/stack_text.h"
#include "files/file_error.h"
#include "support/temp_dir.h"

namespace tconv::test {
namespace {

using std::int64_t;
using Sizes = std::vector<int64_t>;

/// The sizes that a built-in stack goes through, the input first.
Sizes sizes_of(std::string_view id) {
  const StackReport report = report_on(built_in_stack(id).stack);
  EXPECT_TRUE(report.problems.empty()) << to_line(report.problems.at(0));
  Sizes sizes{report.depths.at(0).axes[0].input};
  for (const StackDepth& depth : report.depths) sizes.push_back(depth.axes[0].output);
  return sizes;
}

TEST(BuiltInStacks, HaveTheSizesOfTheirNetworks) {
  EXPECT_EQ(sizes_of("dcgan-4x4"), (Sizes{1, 4, 8, 16, 32, 64}));
  EXPECT_EQ(sizes_of("dcgan-5x5"), (Sizes{1, 4, 8, 16, 32, 64}));
  EXPECT_EQ(sizes_of("u-net"), (Sizes{7, 14, 14, 14, 28, 28, 28, 56, 56, 56, 112, 112, 112, 224, 224, 224}));
  EXPECT_EQ(sizes_of("fcn-32s"), (Sizes{7, 224}));
  EXPECT_EQ(sizes_of("fcn-16s"), (Sizes{7, 14, 224}));
  EXPECT_EQ(sizes_of("fcn-8s"), (Sizes{7, 14, 28, 224}));
  EXPECT_EQ(sizes_of("autoencoder"), (Sizes{7, 14, 28, 28}));
  EXPECT_EQ(sizes_of("resize-convolution"), (Sizes{16, 32, 32, 64, 64}));
  EXPECT_EQ(sizes_of("sub-pixel"), (Sizes{64, 64, 128, 128, 256}));
}

TEST(BuiltInStacks, HaveTheCostOfTheirNetworks) {
  const StackReport dcgan = report_on(built_in_stack("dcgan-4x4").stack);
  EXPECT_EQ(dcgan.parameters, 100 * 1024 * 16 + 1024 * 512 * 16 + 512 * 256 * 16 + 256 * 128 * 16 + 128 * 3 * 16);
  EXPECT_EQ(dcgan.depths[1].macs, int64_t{1024} * 512 * 16 * 4 * 4);
  // What concatenation brings: the convolution after it sees twice the channels.
  const StackReport unet = report_on(built_in_stack("u-net").stack);
  EXPECT_EQ(unet.depths[0].parameters, 1024 * 512 * 4 + 512);
  EXPECT_EQ(unet.depths[1].parameters, 1024 * 512 * 9 + 512);
  EXPECT_EQ(unet.depths[2].parameters, 512 * 512 * 9 + 512);
}

TEST(BuiltInStacks, AreEvenOrNot) {
  for (const BuiltInStack& stack : built_in_stacks()) {
    const StackReport report = report_on(built_in_stack(stack.id).stack);
    ASSERT_TRUE(report.problems.empty()) << stack.id << ": " << to_line(report.problems[0]);
    const bool uneven = stack.id == "dcgan-5x5" || stack.id == "autoencoder";
    EXPECT_EQ(report.depths.back().even(), !uneven) << stack.id;
    EXPECT_FALSE(stack.title.empty());
    EXPECT_LE(stack.title.size(), 24U) << "does not fit on a button";
  }
  // The last 3×3 convolution cannot mend what repeats after four cells.
  const StackReport tutorial = report_on(built_in_stack("autoencoder").stack);
  EXPECT_EQ(tutorial.depths[1].axes[0].period, 4);
  EXPECT_FALSE(tutorial.depths[2].even());
}

TEST(StackFile, ReadsEveryKey) {
  const StackFile file = parse_stack(R"({"format": "tconv-stack", "version": 1, "dims": 3, "input": [2, 3, 4],
    "channels": 8, "title": "t", "note": "n", "layers": [
      {"name": "a", "kind": "transposed", "out_channels": 6, "kernel": [1, 2, 3], "stride": 2, "padding_begin": 0,
       "padding_end": [0, 0, 1], "output_padding": 1, "dilation": 1, "groups": 2, "bias": true},
      {"kind": "convolution", "joined": 2, "kernel": 3, "padding": 1},
      {"kind": "nearest", "factor": [1, 2, 3]},
      {"kind": "shuffle", "factor": 2}]})",
                                     "x");
  EXPECT_EQ(file.title, "t");
  EXPECT_EQ(file.note, "n");
  ASSERT_EQ(file.stack.size(), 4U);
  EXPECT_EQ(file.stack[0].spec.in_channels, 8);
  EXPECT_EQ(file.stack[0].spec.axes[2].kernel, 3);
  EXPECT_EQ(file.stack[0].spec.axes[2].padding_end, 1);
  EXPECT_EQ(file.stack[0].spec.axes[1].input, 3);
  EXPECT_TRUE(file.stack[0].spec.bias);
  EXPECT_EQ(file.stack[1].spec.in_channels, 8);
  EXPECT_EQ(file.stack[1].spec.out_channels, 8);
  const StackReport report = report_on(file.stack);
  ASSERT_TRUE(report.problems.empty()) << to_line(report.problems[0]);
  EXPECT_EQ(report.depths[2].axes[2].output, 9 * 3);
  EXPECT_EQ(report.depths[3].layer.spec.out_channels, 1);
}

std::string stack_error(const std::string& layers, const std::string& rest = R"("input": 2, "channels": 4)") {
  try {
    parse_stack(R"({"format": "tconv-stack", "version": 1, )" + rest + R"(, "layers": )" + layers + "}", "x");
  } catch (const FileError& error) {
    return error.what();
  }
  return "none";
}

TEST(StackFile, SaysWhatIsWrongAndWhere) {
  const auto expect = [](const std::string& error, const std::string& part) {
    EXPECT_NE(error.find(part), std::string::npos) << error;
    EXPECT_EQ(error.rfind("x: ", 0), 0U) << error;
    EXPECT_EQ(error.find('\n'), std::string::npos);
  };
  EXPECT_EQ(stack_error("[]"), "none");  // report_on says that it is empty
  expect(stack_error("3"), "\"layers\" must be a list of at most 64 layers");
  expect(stack_error("[{\"kind\": \"pooling\"}]"), "\"layers[0].kind\" must be \"transposed\", \"convolution\"");
  expect(stack_error("[{\"kernl\": 3}]"), "unknown key 'kernl' in \"layers[0]\"");
  expect(stack_error("[{}, {\"kernel\": [3]}]"), "\"layers[1].kernel\" must have one number per axis (2)");
  expect(stack_error("[{\"kernel\": 2.5}]"), "\"layers[0].kernel\" must be an integer");
  expect(stack_error("[{\"kind\": \"nearest\"}]"), "\"layers[0]\" must have a \"factor\"");
  expect(stack_error("[{\"kind\": \"nearest\", \"kernel\": 2}]"), "unknown key 'kernel'");
  expect(stack_error("[{\"kind\": \"convolution\", \"stride\": 2}]"), "unknown key 'stride'");
  expect(stack_error("[{\"joined\": 2}]"), "\"layers[0].joined\" must be left out of the first layer");
  expect(stack_error("[{\"out_channels\": 9223372036854775807}]"),
         "\"layers[0].out_channels\" must be 0 to 2147483648");
  expect(stack_error("[]", R"("input": 2)"), "has no \"channels\"");
  expect(stack_error("[]", R"("channels": 2)"), "has no \"input\"");
  expect(stack_error("[]", R"("input": 2, "channels": 2, "dims": 4)"), "\"dims\" must be 1, 2 or 3");
  for (const auto& [text, part] : std::vector<std::pair<std::string, std::string>>{
           {"", "not valid JSON"},
           {"[]", "not a stack"},
           {R"({"format": "tconv-scenario", "version": 1})", "not a stack"},
           {R"({"format": "tconv-stack"})", "has no \"version\""},
           {R"({"format": "tconv-stack", "version": 0})", "at least 1"},
           {R"({"format": "tconv-stack", "version": 2, "new": 1})", "newer than this program's 1"}}) {
    try {
      parse_stack(text, "x");
      ADD_FAILURE() << text;
    } catch (const FileError& error) {
      expect(error.what(), part);
    }
  }
}

TEST(StackFile, AbsurdLayersAreProblemsOfTheirLayer) {
  const auto problem = [](const std::string& layers) {
    const StackFile file = parse_stack(
        R"({"format": "tconv-stack", "version": 1, "input": 2, "channels": 4, "layers": )" + layers + "}", "x");
    const StackReport report = report_on(file.stack);
    return report.problems.empty() ? "none" : report.problems[0].field;
  };
  EXPECT_EQ(problem("[{\"kernel\": 0}]"), "layer 1, kernel");
  EXPECT_EQ(problem("[{\"kind\": \"shuffle\", \"factor\": 0}]"), "layer 1, stride");
  EXPECT_EQ(problem("[{\"kind\": \"shuffle\", \"factor\": 3}]"), "layer 1, in_channels");
  EXPECT_EQ(problem("[{\"kind\": \"nearest\", \"factor\": 9223372036854775807}]"), "layer 1, stride");
  EXPECT_EQ(problem("[{\"kind\": \"convolution\", \"padding\": 9223372036854775807}]"), "layer 1, padding_begin");
  EXPECT_EQ(problem("[{\"groups\": 3}]"), "layer 1, groups");
}

TEST(LoadStack, TakesStacksAndScenarios) {
  const TempDir dir;
  const std::string path = dir.write("mine.stack.json", R"({"format": "tconv-stack", "version": 1, "input": 3,
    "channels": 1, "layers": [{"kernel": 2, "stride": 2}]})")
                               .string();
  EXPECT_EQ(load_stack(std::vector<std::string>{path}).stack.size(), 1U);
  EXPECT_EQ(load_stack(std::vector<std::string>{"fcn-8s"}).title, "FCN-8s");
  const StackFile two = load_stack(std::vector<std::string>{"dcgan-k4-s2", "checkerboard-k3-s2"});
  ASSERT_EQ(two.stack.size(), 2U);
  EXPECT_EQ(two.title, "dcgan-k4-s2, checkerboard-k3-s2");
  EXPECT_EQ(two.stack[1].name, "checkerboard-k3-s2");
  EXPECT_EQ(two.stack[1].spec.axes[0].kernel, 3);
  EXPECT_THROW(load_stack(std::vector<std::string>{"dcgan-k4-s2", "fcn-8s"}), FileError);
  EXPECT_THROW(load_stack(std::vector<std::string>{"no-such-thing"}), FileError);
  EXPECT_THROW(load_stack(std::vector<std::string>{(dir / "gone.stack.json").string()}), FileError);
}

TEST(StackText, SaysWhatTheStackDoes) {
  LayerSpec layer;
  layer.axes[0] = layer.axes[1] = {.input = 4, .kernel = 3, .stride = 2, .padding_begin = 1, .padding_end = 1};
  StackReport report = report_on(repeated(layer, 3));
  const StackDepth& last = report.depths[2];
  EXPECT_EQ(layer_name(last.layer), "K3 S2 P1");
  EXPECT_EQ(sizes_text(report.depths[0]), "4 → 7");
  EXPECT_EQ(counts_text(last), "1, 2, 3, 4, 5");
  EXPECT_EQ(ratio_text(last), "25 : 1");
  EXPECT_EQ(drift_text(last), "-3.5");
  EXPECT_EQ(unevenness_sentence(report),
            "After 3 layers the busiest cell gets 25 times as many paths as the quietest.");
  EXPECT_NE(evening_sentence(last).find("repeats every 8 cells"), std::string::npos);

  layer.axes[1] = {.input = 5, .kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1};
  report = report_on(repeated(layer, 1));
  EXPECT_EQ(sizes_text(report.depths[0]), "4×5 → 7×10");
  EXPECT_EQ(counts_text(report.depths[0]), "{1, 2} × {2}");
  EXPECT_EQ(drift_text(report.depths[0]), "-0.5, 0");
  EXPECT_EQ(ratio_text(report.depths[0]), "2 : 1");

  layer.axes[0] = layer.axes[1] = {.input = 2, .kernel = 2, .stride = 3};
  report = report_on(repeated(layer, 1));
  EXPECT_EQ(ratio_text(report.depths[0]), "some never");
  EXPECT_NE(unevenness_sentence(report).find("never reached"), std::string::npos);
  const StackReport unet = report_on(built_in_stack("u-net").stack);
  EXPECT_EQ(channels_text(unet.depths[1].layer), "512 + 512 → 512");
  EXPECT_EQ(layer_name(unet.depths[1].layer), "conv K3 P1");
  EXPECT_NE(unevenness_sentence(unet).find("equally many"), std::string::npos);
  EXPECT_EQ(evening_sentence(unet.depths.back()), "");
  EXPECT_EQ(layer_name(built_in_stack("sub-pixel").stack[1]), "shuffle ×2");
}

TEST(StackText, WritesNumbersShort) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(-1234), "-1,234");
  EXPECT_EQ(grouped(12654592), "12,654,592");
  EXPECT_EQ(short_count(9999), "9,999");
  EXPECT_EQ(short_count(12654592), "12.7 M");
  EXPECT_EQ(short_count(999600), "1 M");
  EXPECT_EQ(short_count(int64_t{1} << 61), "2.31 E");
  EXPECT_EQ(half_text(-0.5), "-0.5");
  EXPECT_EQ(half_text(0), "0");
  EXPECT_EQ(half_text(-24), "-24");
}

}  // namespace
}  // namespace tconv::test
