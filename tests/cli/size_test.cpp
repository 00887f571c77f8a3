#include <nlohmann/json.hpp>

#include "cli_test_support.h"
#include "support/reference_cases.h"

namespace tconv::test {
namespace {

/// The command with its words split at spaces.
CliRun size(const std::string& words) {
  std::vector<std::string> arguments{"size"};
  std::istringstream stream(words);
  for (std::string word; stream >> word;) arguments.push_back(word);
  return run(arguments);
}

std::string flags(const ReferenceLayer& layer) {
  return "--input " + list(layer.input) + " --kernel " + list(layer.kernel) + " --stride " + list(layer.stride) +
         " --padding " + list(layer.padding) + " --output-padding " + list(layer.output_padding) + " --dilation " +
         list(layer.dilation);
}

TEST(SizeCommand, WritesOneLineOfJson) {
  const CliRun result = size("--input 4 --kernel 3 --stride 2 --padding 1 --output-padding 1 --dilation 1 --json");
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.err, "");
  EXPECT_EQ(result.out, "{\"output\":[8],\"legal_outputs\":[[7,8]],\"forward_inputs\":[[7,8]]}\n");
}

TEST(SizeCommand, KnowsTheTableOfSizes) {
  struct Row {
    const char* flags;
    int output;
  };
  for (const Row& row :
       {Row{"--input 2 --kernel 3", 4}, Row{"--input 4 --kernel 3 --padding 1", 4},
        Row{"--input 4 --kernel 4 --stride 2 --padding 1", 8}, Row{"--input 4 --kernel 3 --stride 2 --padding 1", 7},
        Row{"--input 14 --kernel 4 --stride 2 --padding 1", 28}, Row{"--input 2 --kernel 3 --stride 2", 5}}) {
    const CliRun result = size(std::string(row.flags) + " --json");
    EXPECT_TRUE(result.out.starts_with("{\"output\":[" + std::to_string(row.output) + "],")) << row.flags << result.out;
  }
}

TEST(SizeCommand, AgreesWithPyTorchOnEveryCase) {
  for (const ReferenceCase& reference : reference_cases("conv_transpose")) {
    const CliRun result = size(flags(reference) + " --json");
    ASSERT_EQ(result.code, 0) << reference.name << result.err;
    EXPECT_EQ(nlohmann::json::parse(result.out)["output"], nlohmann::json(reference.output)) << reference.name;
  }
}

TEST(SizeCommand, RefusesWhatPyTorchRefuses) {
  for (const BadLayer& bad : bad_layers()) {
    const CliRun result = size(flags(bad));
    EXPECT_EQ(result.code, 2) << bad.torch;
    EXPECT_EQ(result.out, "");
    EXPECT_TRUE(result.err.starts_with("tconv size: ")) << result.err;
  }
}

TEST(SizeCommand, TakesOneNumberPerAxis) {
  EXPECT_EQ(size("--input 4,6 --kernel 3 --stride 2,3 --padding 1 --json").out,
            "{\"output\":[7,16],\"legal_outputs\":[[7,8],[16,17,18]],\"forward_inputs\":[[7,8],[16,17,18]]}\n");
  EXPECT_EQ(size("--input 4 --kernel 3,1,2 --json").out,
            "{\"output\":[6,4,5],\"legal_outputs\":[[6],[4],[5]],\"forward_inputs\":[[6],[4],[5]]}\n");
}

TEST(SizeCommand, CropsUnevenly) {
  EXPECT_TRUE(size("--input 4 --kernel 3 --padding-begin 2 --json").out.starts_with("{\"output\":[4]"));
  EXPECT_TRUE(size("--input 4 --kernel 3 --padding 1 --padding-end 0 --json").out.starts_with("{\"output\":[5]"));
  EXPECT_TRUE(size("--input=4 --kernel=3 --padding-end=0 --padding=1 --json").out.starts_with("{\"output\":[5]"));
}

TEST(SizeCommand, TextShowsTheSumAndTheReason) {
  const CliRun result = size("--input 4 --kernel 3 --stride 2 --padding 1 --output-padding 1");
  EXPECT_EQ(result.code, 0);
  EXPECT_TRUE(contains(result.out, "(4-1)*2 - 2*1 + 1*(3-1) + 1 + 1 = 8")) << result.out;
  EXPECT_TRUE(contains(result.out, "legal outputs: 7, 8")) << result.out;
  EXPECT_TRUE(contains(result.out, "takes to 4: 7, 8")) << result.out;
  EXPECT_TRUE(contains(result.out, "output_padding")) << result.out;
  EXPECT_TRUE(contains(size("--input 4,5 --kernel 3 --padding-begin 1").out, "axis 1")) << result.out;
  EXPECT_TRUE(contains(size("--input 4 --kernel 3 --stride 30").out, "93 to 122"));
}

TEST(SizeCommand, ListsEveryProblem) {
  expect_refusal(
      size("--input 0 --kernel 0 --stride 0 --padding -1 --dilation 0 --json"), 2, "tconv size: ",
      {"input (axis 0): must be at least 1, found 0; nearest legal value: 1", "kernel (axis 0)", "stride (axis 0)",
       "padding (axis 0): must be at least 0, found -1; nearest legal value: 0", "dilation (axis 0)"});
  expect_refusal(size("--input 4 --kernel 3,0 --padding-end -2"), 2,
                 "tconv size: ", {"padding_end (axis 0)", "kernel (axis 1)", "padding_end (axis 1)"});
  expect_refusal(size("--input 4 --kernel 3 --stride 2 --output-padding 2"), 2,
                 "tconv size: ", {"output_padding (axis 0): must be less than max(stride, dilation) = 2, found 2"});
  // PyTorch's rule, not the textbooks': dilation allows it, too.
  EXPECT_EQ(size("--input 4 --kernel 3 --stride 2 --dilation 3 --output-padding 2").code, 0);
}

TEST(SizeCommand, RefusesWhatIsNoNumber) {
  for (const std::string text : {"abc", "1e9", ",", "2,", ",2", "1,,2", "0x10", "2.0", "--", "½", "1;2"}) {
    const CliRun result = run({"size", "--input", "4", "--kernel", "3", "--stride", text});
    expect_refusal(result, 2, "tconv size: ", {"--stride"});
    EXPECT_TRUE(contains(result.err, "not a whole number")) << text << ": " << result.err;
  }
  expect_refusal(run({"size", "--input", "4", "--kernel", "3", "--stride", ""}), 2, "tconv size: ", {"--stride"});
  for (const char* text : {"99999999999999999999", "-99999999999999999999"}) {
    expect_refusal(size(std::string("--input 4 --kernel 3 --stride ") + text), 2, "tconv size: ", {"out of range"});
  }
  expect_refusal(size("--input a --kernel 3 --stride b"), 2, "tconv size: ", {"--input: 'a'", "--stride: 'b'"});
  EXPECT_EQ(run({"size", "--input", "4, 6", "--kernel", "3"}).code, 0);
}

TEST(SizeCommand, RefusesListsThatDoNotAgree) {
  expect_refusal(size("--input 4,5 --kernel 3,3,3"), 2, "tconv size: ", {"differ in length (--input 2, --kernel 3)"});
  expect_refusal(size("--input 4,5,6,7 --kernel 3"), 2, "tconv size: ", {"--input: takes at most 3 numbers"});
}

TEST(SizeCommand, SurvivesEnormousNumbers) {
  for (const char* field : {"input", "kernel", "stride", "padding", "output-padding", "dilation"}) {
    std::string words = std::string("--") + field + " 9223372036854775807";
    for (const char* other : {"input", "kernel"}) {
      if (std::string(field) != other) words += std::string(" --") + other + " 3";
    }
    EXPECT_EQ(size(words).code, 2) << field;
  }
}

}  // namespace
}  // namespace tconv::test
