#include <nlohmann/json.hpp>

#include "cli_test_support.h"

namespace tconv::test {
namespace {

using Json = nlohmann::json;

Json json_of(std::vector<std::string> words) {
  words.insert(words.begin(), "stack");
  words.push_back("--json");
  const CliRun result = run(words);
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(lines_of(result.out).size(), 1U);
  return Json::parse(result.out, nullptr, false);
}

class StackCommand : public testing::Test {
 protected:
  std::string scenario(const std::string& name, const std::string& layer) const {
    return dir_.write(name, R"({"format": "tconv-scenario", "version": 1, "layer": )" + layer + "}").string();
  }
  TempDir dir_;
  const std::string k3_s2_ = scenario("k3.tconv.json", R"({"input": 4, "kernel": 3, "stride": 2, "padding": 1})");
};

TEST_F(StackCommand, OneScenarioThreeTimes) {
  const Json json = json_of({k3_s2_, "--depth", "3"});
  ASSERT_EQ(json["layers"].size(), 3U);
  const Json& last = json["layers"][2];
  EXPECT_EQ(last["name"], "k3");
  EXPECT_EQ(last["kind"], "transposed");
  EXPECT_EQ(last["input"], (Json{13, 13}));
  EXPECT_EQ(last["output"], (Json{25, 25}));
  EXPECT_EQ(json["layers"][0]["counts"], (Json{{1, 2}, {1, 2}}));
  EXPECT_EQ(json["layers"][1]["counts"][0], (Json{1, 3, 2, 3}));
  EXPECT_EQ(last["counts"][0].size(), 8U);
  EXPECT_EQ(last["ratio"], 25);
  EXPECT_EQ(last["least"], 1);
  EXPECT_EQ(last["most"], 25);
  EXPECT_EQ(last["even"], false);
  EXPECT_EQ(last["evening_kernel"], 8);
  EXPECT_EQ(last["drift"], (Json{-3.5, -3.5}));
  EXPECT_EQ(last["parameters"], 9);
  EXPECT_EQ(last["macs"], 9 * 13 * 13);
  EXPECT_EQ(json["parameters"], 27);
}

TEST_F(StackCommand, PresetsByName) {
  const Json json = json_of({"dcgan-4x4"});
  EXPECT_EQ(json["title"], "DCGAN 4×4");
  EXPECT_EQ(json["layers"].back()["output"], (Json{64, 64}));
  EXPECT_EQ(json["layers"].back()["ratio"], 1);
  EXPECT_EQ(json["parameters"], 12654592);
  EXPECT_EQ(json_of({"u-net"})["layers"][1]["joined_channels"], 512);
}

TEST_F(StackCommand, ScenariosFollowEachOther) {
  const std::string gaps = scenario("gaps.tconv.json", R"({"input": 9, "kernel": 2, "stride": 3})");
  const Json json = json_of({k3_s2_, gaps});
  EXPECT_EQ(json["layers"][1]["input"], (Json{7, 7}));
  EXPECT_EQ(json["layers"][1]["ratio"], Json());
  EXPECT_EQ(json["layers"][1]["least"], 0);
}

TEST_F(StackCommand, WhatIsTooLongIsNull) {
  const std::string long_one = scenario("six.tconv.json", R"({"dims": 1, "input": 1, "kernel": 9, "stride": 6})");
  const Json json = json_of({long_one, "--depth", "6"});
  EXPECT_EQ(json["layers"][4]["counts"][0].size(), 7776U);
  for (const char* key : {"even", "least", "most", "ratio", "evening_kernel"}) {
    EXPECT_EQ(json["layers"][5][key], Json()) << key;
  }
  EXPECT_EQ(json["layers"][5]["counts"], (Json{Json()}));
}

TEST_F(StackCommand, WritesATable) {
  const CliRun result = run({"stack", k3_s2_, "--depth", "3"});
  ASSERT_EQ(result.code, 0) << result.err;
  const auto lines = lines_of(result.out);
  ASSERT_EQ(lines.size(), 8U) << result.out;
  EXPECT_TRUE(contains(lines[1], "most:least")) << lines[1];
  EXPECT_TRUE(contains(lines[4], "13 → 25")) << lines[4];
  EXPECT_TRUE(contains(lines[4], "25 : 1")) << lines[4];
  EXPECT_TRUE(contains(lines[4], "-3.5")) << lines[4];
  EXPECT_TRUE(contains(result.out, "After 3 layers the busiest cell gets 25 times")) << result.out;
  EXPECT_TRUE(contains(result.out, "kernel is 8 or a multiple")) << result.out;
}

TEST_F(StackCommand, RefusesInOneLine) {
  const std::string prefix = "tconv stack: ";
  const std::string wide =
      scenario("wide.tconv.json", R"({"input": 4, "kernel": 2, "stride": 2, "in_channels": 3, "out_channels": 2})");
  const std::string line = scenario("line.tconv.json", R"({"dims": 1, "input": 4, "kernel": 2})");
  const std::string zero = scenario("zero.tconv.json", R"({"input": 4, "stride": 0})");
  expect_refusal(run({"stack", k3_s2_, wide}), 2, prefix,
                 {"layer 2 (wide), in_channels: must be the 1 output channels of layer 1 (k3), found 3"});
  expect_refusal(run({"stack", k3_s2_, line}), 2, prefix, {"layer 2 (line), dims: must be the 2 of layer 1 (k3)"});
  expect_refusal(run({"stack", zero}), 2, prefix, {"layer 1 (zero), stride", "layer 1 (zero), stride"});
  expect_refusal(run({"stack", "u-net", "--depth", "2"}), 2, prefix, {"--depth: repeats one scenario"});
  expect_refusal(run({"stack", k3_s2_, wide, "--depth", "2"}), 2, prefix, {"--depth: repeats one scenario"});
  expect_refusal(run({"stack", k3_s2_, "--depth", "0"}), 2, prefix, {"--depth"});
  expect_refusal(run({"stack", k3_s2_, "--depth", "65"}), 2, prefix, {"--depth"});
  expect_refusal(run({"stack"}), 2, prefix, {"SCENARIO"});
  expect_refusal(run({"stack", "no-such"}), 3, prefix, {"no-such: is neither a file nor a built-in scenario"});
  expect_refusal(run({"stack", "u-net", k3_s2_}), 3, prefix, {"u-net: is a stack itself"});
  expect_refusal(run({"stack", dir_.write("x.stack.json", "{").string()}), 3, prefix, {"not valid JSON"});
}

}  // namespace
}  // namespace tconv::test
