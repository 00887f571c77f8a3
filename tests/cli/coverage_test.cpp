#include "core/coverage.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli_test_support.h"
#include "files/image.h"
#include "files/npy.h"
#include "support/npz.h"
#include "support/temp_dir.h"

namespace tconv::test {
namespace {

CliRun coverage(const std::string& words) {
  std::vector<std::string> arguments{"coverage"};
  std::istringstream stream(words);
  for (std::string word; stream >> word;) arguments.push_back(word);
  return run(arguments);
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(CoverageCommand, WritesOneLineOfJson) {
  const CliRun result = coverage("--kernel 3 --stride 2 --json");
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.out,
            "{\"even\":false,\"axes\":[{\"kernel\":3,\"stride\":2,\"dilation\":1,\"phase_counts\":[2,1],"
            "\"even\":false,\"variance\":0.25,\"gap\":0}]}\n");
}

TEST(CoverageCommand, ListsAsManyAxesAsAreAskedFor) {
  const auto axes = [](const std::string& words) {
    return nlohmann::json::parse(coverage(words + " --json").out)["axes"].size();
  };
  EXPECT_EQ(axes("--kernel 4 --stride 2 --dims 3"), 3U);
  EXPECT_EQ(axes("--kernel 4,3 --stride 2"), 2U);
  EXPECT_EQ(axes("--kernel 4 --stride 2 --dims 1"), 1U);
}

TEST(CoverageCommand, JsonIsTheCoresForEveryKernelStrideAndDilation) {
  for (int kernel = 1; kernel <= 16; kernel += 3) {
    for (int stride = 1; stride <= 8; ++stride) {
      for (int dilation = 1; dilation <= 4; ++dilation) {
        const AxisSpec axis{.input = 8, .kernel = kernel, .stride = stride, .dilation = dilation};
        const CliRun result = coverage("--kernel " + std::to_string(kernel) + " --stride " + std::to_string(stride) +
                                       " --dilation " + std::to_string(dilation) + " --json");
        const auto json = nlohmann::json::parse(result.out);
        EXPECT_EQ(json["even"], is_even(axis));
        EXPECT_EQ(json["axes"][0]["phase_counts"], phase_counts(axis));
        EXPECT_EQ(json["axes"][0]["variance"], phase_variance(axis));
        EXPECT_EQ(json["axes"][0]["gap"], gap(axis));
      }
    }
  }
}

TEST(CoverageCommand, SaysTheArithmetic) {
  const CliRun result = coverage("--kernel 5 --stride 3");
  EXPECT_NE(result.out.find("K = q*S + r: 5 = 1*3 + 2\n"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("2 of 3 phases are hit 2 times"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("even: no\n"), std::string::npos) << result.out;
  EXPECT_NE(coverage("--kernel 2 --stride 5").out.find("gap: 3 untouched"), std::string::npos);
  EXPECT_NE(coverage("--kernel 4 --stride 2 --dilation 2").out.find("never hit"), std::string::npos);
}

TEST(CoverageCommand, WritesTheMap) {
  const TempDir dir;
  const std::string flags = "--kernel 3 --stride 2 --input 3 --output ";
  ASSERT_EQ(coverage(flags + (dir / "map.npy").string()).code, 0);
  const Tensor map = read_npy(dir / "map.npy");
  EXPECT_EQ(map.shape(), (Shape{7, 7}));
  LayerSpec layer;
  layer.axes[0] = layer.axes[1] = {.input = 3, .kernel = 3, .stride = 2};
  EXPECT_EQ(map, coverage_map(layer));

  ASSERT_EQ(coverage(flags + (dir / "map.csv").string()).code, 0);
  EXPECT_TRUE(text_of(dir / "map.csv").starts_with("# Tconv Studio, Overlap: how many stamps"));
  EXPECT_TRUE(contains(text_of(dir / "map.csv"), "\n1,1,2,1,2,1,1\n1,1,2,1,2,1,1\n2,2,4,2,4,2,2\n"));

  ASSERT_EQ(coverage(flags + (dir / "raw.png").string() + " --bits 16").code, 0);
  EXPECT_EQ(read_image(dir / "raw.png").shape(), (Shape{1, 1, 7, 7}));
  ASSERT_EQ(coverage(flags + (dir / "map.npz").string()).code, 0);
  EXPECT_EQ(read_npz(dir / "map.npz").at("coverage"), map);

  ASSERT_EQ(coverage(flags + (dir / "map.PNG").string()).code, 0);
  const Tensor image = read_image(dir / "map.PNG");
  EXPECT_EQ(image.shape(), (Shape{1, 3, 7 * 73, 7 * 73}));
}

TEST(CoverageCommand, SaysWhatIsWrongInOneLine) {
  const auto line = [](const std::string& words, int code) {
    const CliRun result = coverage(words);
    EXPECT_EQ(result.code, code) << words;
    EXPECT_EQ(result.out, "");
    EXPECT_EQ(std::ranges::count(result.err, '\n'), 1) << result.err;
    return result.err;
  };
  EXPECT_EQ(line("--kernel 3 --stride 0", 2),
            "tconv coverage: stride (axis 0): must be at least 1, found 0; nearest legal value: 1\n");
  EXPECT_NE(line("--kernel 3 --stride 2 --dims 4", 2).find("nearest legal value: 3"), std::string::npos);
  EXPECT_NE(line("--kernel 3,3,3 --stride 2 --dims 2", 2).find("must be 3"), std::string::npos);
  EXPECT_NE(line("--kernel 3 --stride 2 --output map.gif", 2).find(".csv, .npy, .npz, .png, .tsv"), std::string::npos);
  EXPECT_NE(line("--kernel 3 --stride 2 --output /no/such/folder/map.csv", 1).find("/no/such/folder"),
            std::string::npos);
}

}  // namespace
}  // namespace tconv::test
