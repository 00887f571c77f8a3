#include "cli_test_support.h"
#include "core/coverage.h"
#include "core/scenario.h"
#include "files/image.h"
#include "support/npz.h"
#include "views/view.h"

namespace tconv::test {
namespace {

CliRun data(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "data");
  return run(arguments);
}

TEST(DataCommand, ListsTheArraysOfAView) {
  const CliRun result = data({"--view", "paint", "--list", "--step", "3"});
  EXPECT_EQ(result.code, 0) << result.err;
  const auto lines = lines_of(result.out);
  ASSERT_GE(lines.size(), 4U);
  EXPECT_EQ(lines[0], "output\t1 × 1 × 4 × 4\toutput y after 3 of 4 stamps");
  EXPECT_EQ(lines[1], "input\t1 × 1 × 2 × 2\tinput x");
  EXPECT_EQ(data({"--list"}).out, run({"render", "--list"}).out);
}

TEST(DataCommand, WritesTheFirstArrayOrTheNamedOne) {
  const TempDir dir;
  const std::string file = (dir / "a.npy").string();
  ASSERT_EQ(data({"--view", "overlap", "--output", file}).code, 0);
  EXPECT_EQ(read_npy(file), coverage_map(example_scenario().layer));
  ASSERT_EQ(data({"--view", "paint", "--array", "input", "--output", file}).code, 0);
  EXPECT_EQ(read_npy(file), Tensor(Shape{1, 1, 2, 2}, {1, 2, 3, 4}));
  ASSERT_EQ(data({"--view", "overlap", "--option", "overlap/sum=kernel", "--output", file}).code, 0);
  EXPECT_EQ(read_npy(file), coverage_map(example_scenario().layer, weight_of(example_scenario()).values()));
  EXPECT_EQ(dir.entries(), 1);
}

TEST(DataCommand, EveryFormatByItsExtension) {
  const TempDir dir;
  for (const char* extension : {"csv", "TSV", "npy", "npz", "png"}) {
    const std::string file = (dir / ("a." + std::string(extension))).string();
    const CliRun result = data({"--view", "overlap", "--output", file});
    EXPECT_EQ(result.code, 0) << result.err;
    EXPECT_FALSE(file_bytes(file).empty()) << extension;
  }
  EXPECT_EQ(read_npz(dir / "a.npz").size(), 3U);
  EXPECT_EQ(read_image(dir / "a.png").shape(), (Shape{1, 1, 4, 4}));
  EXPECT_TRUE(file_bytes(dir / "a.csv").starts_with("# Tconv Studio, Overlap: "));
  EXPECT_TRUE(contains(file_bytes(dir / "a.csv"), "\n1,2,2,1\n2,4,4,2\n"));
}

TEST(DataCommand, TheNameOfAFormatComesBeforeTheExtension) {
  const TempDir dir;
  const std::string file = (dir / "a.txt").string();
  ASSERT_EQ(data({"--view", "overlap", "--format", "tsv", "--output", file}).code, 0);
  EXPECT_EQ(file_bytes(file), "1\t2\t2\t1\n2\t4\t4\t2\n2\t4\t4\t2\n1\t2\t2\t1\n");
  ASSERT_EQ(data({"--view", "overlap", "--bits", "16", "--output", (dir / "a.png").string()}).code, 0);
}

TEST(DataCommand, SeveralArraysInTheirOrder) {
  const TempDir dir;
  const std::string file = (dir / "a.npz").string();
  ASSERT_EQ(data({"--view", "paint", "--array", "kernel", "--array", "input", "--output", file}).code, 0);
  EXPECT_EQ(read_npz(file).size(), 2U);
  EXPECT_LT(file_bytes(file).find("kernel.npy"), file_bytes(file).find("input.npy"));
}

TEST(DataCommand, GoesToStandardOutput) {
  const TempDir dir;
  for (const char* name : {"-", "/dev/stdout"}) {
    const std::string file = (dir / "a.csv").string();
    ASSERT_EQ(shell("\"$TCONV\" data --view paint --array input --format tsv --output " + std::string(name) + " > '" +
                    file + "'"),
              0);
    EXPECT_EQ(file_bytes(file), "1\t2\n3\t4\n");
  }
}

TEST(DataCommand, SaysWhatIsWrongInOneLine) {
  const auto refuse = [](std::vector<std::string> arguments, int code, const std::vector<std::string>& parts) {
    expect_refusal(data(std::move(arguments)), code, "tconv data: ", parts);
  };
  refuse({}, 2, {"--view is required", "--output is required, or --list"});
  refuse({"--view", "nope", "--output", "a.csv"}, 2, {"there is no view 'nope'; nearest: "});
  refuse({"--view", "paint", "--output", "a.xls"}, 2, {"known: .csv, .npy, .npz, .png, .tsv"});
  refuse({"--view", "paint", "--output", "-"}, 2, {"--format is required"});
  refuse({"--view", "paint", "--format", "xls", "--output", "-"}, 2, {"there is no format 'xls'; known: csv"});
  refuse({"--view", "paint", "--bits", "8", "--output", "a.png"}, 2, {"--bits: must be 16, found '8'"});
  refuse({"--view", "paint", "--bits", "16", "--output", "a.csv"}, 2, {"only a .png has bits"});
  refuse({"--view", "paint", "--array", "outpt", "--output", "a.csv"}, 2, {"no array 'outpt'; known: output, input"});
  refuse({"--view", "paint", "--array", "input", "--array", "input", "--output", "a.npz"}, 2, {"named twice"});
  refuse({"--view", "paint", "--array", "input", "--array", "kernel", "--output", "a.csv"}, 2,
         {".csv holds one array, 2 are named"});
  refuse({"--view", "paint", "--step", "9", "--output", "a.csv"}, 2, {"--step: must be 0 to 4, found 9"});
  refuse({"--view", "paint", "--output", "/no/such/folder/a.csv"}, 1, {"/no/such/folder"});
  refuse({"--view", "paint", "--output", "a.csv", "/no/such.tconv.json"}, 3, {"/no/such.tconv.json"});
}

TEST(DataCommand, AnIllegalLayerHasNoNumbers) {
  const TempDir dir;
  const auto file =
      dir.write("a.tconv.json", R"({"format": "tconv-scenario", "version": 1, "layer": {"dims": 1, "input": [2],)"
                                R"( "kernel": [3], "stride": [0]}})");
  for (const View& view : all_views()) {
    const CliRun result = data({"--view", std::string(view.id), "--output", (dir / "a.csv").string(), file.string()});
    EXPECT_EQ(result.code, 2) << view.id << result.err;
    EXPECT_TRUE(contains(result.err, "stride")) << result.err;
  }
  EXPECT_EQ(dir.entries(), 1);
}

}  // namespace
}  // namespace tconv::test
