#include "cli/sweep.h"

#include "cli/command.h"
#include "cli_test_support.h"
#include "document/embedded_document.h"
#include "support/temp_dir.h"

namespace tconv::test {
namespace {

std::vector<std::int64_t> values(const char* text) { return parse_sweep(text).values; }

std::string refusal(const std::function<void()>& use) {
  try {
    use();
  } catch (const CliError& error) {
    return error.lines().front();
  }
  return "";
}

TEST(Sweep, IsARangeOrAList) {
  EXPECT_EQ(values("kernel=2:6"), (std::vector<std::int64_t>{2, 3, 4, 5, 6}));
  EXPECT_EQ(values("kernel=2:7:2"), (std::vector<std::int64_t>{2, 4, 6}));
  EXPECT_EQ(values("output-padding=0,1"), (std::vector<std::int64_t>{0, 1}));
  EXPECT_EQ(values("stride=3"), (std::vector<std::int64_t>{3}));
  EXPECT_EQ(values("stride=1:9223372036854775807:4611686018427387904").size(), 2U);
  EXPECT_NE(refusal([] { values("kernel"); }).find("NAME=FIRST:LAST"), std::string::npos);
  EXPECT_NE(refusal([] { values("kernal=2:3"); }).find("kernel"), std::string::npos);
  EXPECT_NE(refusal([] { values("kernel=6:2"); }).find("below the first"), std::string::npos);
  EXPECT_NE(refusal([] { values("kernel=2:6:0"); }).find("at least 1"), std::string::npos);
  EXPECT_NE(refusal([] { values("kernel=2:x"); }).find("--sweep"), std::string::npos);
}

TEST(Sweep, RunsThroughEveryCombination) {
  const auto layers = swept(LayerSpec{}, {parse_sweep("kernel=2:4"), parse_sweep("stride=1,2")});
  ASSERT_EQ(layers.size(), 6U);
  EXPECT_EQ(layers[1].axes[1].kernel, 2);
  EXPECT_EQ(layers[1].axes[0].stride, 2);
  EXPECT_EQ(layers[5].axes[0].kernel, 4);
  EXPECT_EQ(swept(LayerSpec{}, {}).size(), 1U);
  EXPECT_NE(refusal([] {
              swept({}, {parse_sweep("kernel=1:2"), parse_sweep("kernel=1:3")});
            }).find("twice"),
            std::string::npos);
  EXPECT_NE(refusal([] {
              swept({}, {parse_sweep("kernel=1:200"), parse_sweep("stride=1:200")});
            }).find("at most"),
            std::string::npos);
}

TEST(Sweep, NamesSayWhichOneItIs) {
  LayerSpec layer;
  layer.axes[0].kernel = 5;
  EXPECT_EQ(expanded("{view}_{kernel}_{stride}.svg", layer, {{"view", "overlap"}}), "overlap_5_1.svg");
  EXPECT_EQ(expanded("plain{.png", layer, {}), "plain{.png");
  EXPECT_NE(refusal([&] { expanded("{kernal}.svg", layer, {}); }).find("kernel"), std::string::npos);
}

TEST(Sweep, DrawsEveryCombination) {
  const TempDir dir;
  const std::string output = (dir / "{view}_{kernel}_{stride}.svg").string();
  const CliRun result = run({"render", "--view", "overlap", "--output", output, "--sweep", "kernel=2:3", "--sweep",
                             "stride=0:2", "--width", "300", "checkerboard-k3-s2"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_NE(result.out.find("overlap_2_0.svg: left out, stride"), std::string::npos) << result.out;
  EXPECT_FALSE(std::filesystem::exists(dir / "overlap_2_0.svg"));
  for (const char* name : {"overlap_2_1.svg", "overlap_2_2.svg", "overlap_3_1.svg", "overlap_3_2.svg"}) {
    const auto document = read_embedded_document(dir / name);
    ASSERT_TRUE(document) << name;
    EXPECT_EQ("overlap_" + std::to_string(document->scenario.layer.axes[0].kernel) + "_" +
                  std::to_string(document->scenario.layer.axes[0].stride) + ".svg",
              name);
  }
  const CliRun one_name =
      run({"render", "--view", "paint", "--output", (dir / "x.svg").string(), "--sweep", "kernel=2:3"});
  EXPECT_EQ(one_name.code, 2);
  EXPECT_NE(one_name.err.find("put {kernel} into"), std::string::npos) << one_name.err;
}

}  // namespace
}  // namespace tconv::test
