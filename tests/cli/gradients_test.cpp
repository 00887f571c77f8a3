#include "cli_test_support.h"
#include "support/reference_cases.h"

namespace tconv::test {
namespace {

class GradientsCommand : public testing::Test {
 protected:
  std::string put(const std::string& name, const Tensor& array) {
    const std::string path = (dir_.path() / name).string();
    write_npy(path, array);
    return path;
  }
  std::string path(const std::string& name) const { return (dir_.path() / name).string(); }

  TempDir dir_;
  std::vector<std::string> words(std::vector<std::string> outputs) const {
    std::vector<std::string> all{"gradients", "--input", x_, "--weight", w_, "--grad-output", g_, "--stride", "2"};
    all.insert(all.end(), outputs.begin(), outputs.end());
    return all;
  }

  const std::string x_ = put("x.npy", Tensor(Shape{1, 1, 3}, {1, 2, 3}));
  const std::string w_ = put("w.npy", Tensor(Shape{1, 1, 3}, {1, -1, 2}));
  const std::string g_ = put("g.npy", Tensor(Shape{1, 1, 7}, {1, 0, 2, -1, 3, 1, 1}));
};

TEST_F(GradientsCommand, WritesWhatIsAskedFor) {
  const CliRun result =
      run({"gradients", "--input", x_, "--weight", w_, "--grad-output", g_, "--stride", "2", "--grad-input",
           path("gx.npy"), "--grad-weight", path("gw.npy"), "--grad-bias", path("gb.npy")});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(read_npy(path("gx.npy")), Tensor(Shape{1, 1, 3}, {5, 9, 4}));
  EXPECT_EQ(read_npy(path("gw.npy")), Tensor(Shape{1, 1, 3}, {14, 1, 11}));
  EXPECT_EQ(read_npy(path("gb.npy")), Tensor(Shape{1}, {7}));
}

TEST_F(GradientsCommand, ByEveryMethod) {
  for (const char* method : {"plain", "fast"}) {
    const CliRun result = run(words({"--method", method, "--grad-input", path("gx.npy"), "--grad-weight",
                                     path("gw.npy"), "--grad-bias", path("gb.npy")}));
    ASSERT_EQ(result.code, 0) << result.err;
    EXPECT_EQ(read_npy(path("gx.npy")), Tensor(Shape{1, 1, 3}, {5, 9, 4})) << method;
    EXPECT_EQ(read_npy(path("gw.npy")), Tensor(Shape{1, 1, 3}, {14, 1, 11})) << method;
    EXPECT_EQ(read_npy(path("gb.npy")), Tensor(Shape{1}, {7})) << method;
  }
  expect_refusal(run(words({"--method", "magic", "--grad-input", path("no.npy")})), 2,
                 "tconv gradients: ", {"--method: there is no method 'magic'; known: plain, fast"});
}

TEST_F(GradientsCommand, NamesTheShapeThatWasNeeded) {
  const CliRun result = run({"gradients", "--input", x_, "--weight", w_, "--grad-output", g_, "--stride", "1",
                             "--grad-input", path("gx.npy")});
  expect_refusal(result, 2, "tconv gradients: ", {"grad-output: must have the shape of the layer's output, 1 × 1 × 5"});
  EXPECT_FALSE(std::filesystem::exists(path("gx.npy")));
}

TEST_F(GradientsCommand, WantsAnOutput) {
  expect_refusal(run({"gradients", "--input", x_, "--weight", w_, "--grad-output", g_, "--stride", "2"}), 2,
                 "tconv gradients: ", {"at least one of --grad-input, --grad-weight and --grad-bias"});
  expect_refusal(run({"gradients", "--input", x_, "--weight", w_, "--grad-output", g_, "--stride", "2", "--grad-input",
                      "-", "--grad-weight", "-"}),
                 2, "tconv gradients: ", {"only one array"});
  expect_refusal(run({"gradients", "--grad-input", path("gx.npy")}), 2,
                 "tconv gradients: ", {"--input is required", "--weight is required", "--grad-output is required"});
}

TEST_F(GradientsCommand, WantsAFileOfItsOwnForEach) {
  const std::string same = path("same.npy");
  const std::string again = (dir_.path() / "." / "same.npy").string();
  for (const std::string& name : {same, again}) {
    expect_refusal(run(words({"--grad-input", same, "--grad-bias", name})), 2,
                   "tconv gradients: ", {"--grad-input and --grad-bias: name the same file"});
  }
  expect_refusal(run(words({"--grad-input", "", "--grad-weight", same})), 2,
                 "tconv gradients: ", {"--grad-input: the file name is empty"});
  EXPECT_FALSE(std::filesystem::exists(same));
}

TEST_F(GradientsCommand, SaysWhichFileCannotBeWritten) {
  const CliRun result = run(
      words({"--grad-input", path("no/gx.npy"), "--grad-weight", path("gw.npy"), "--grad-bias", path("no/gb.npy")}));
  expect_refusal(result, 1, "tconv gradients: ", {"--grad-input: ", "--grad-bias: "});
  EXPECT_TRUE(contains(result.err, "no/gx.npy: cannot be written")) << result.err;
  EXPECT_EQ(read_npy(path("gw.npy")), Tensor(Shape{1, 1, 3}, {14, 1, 11}));
}

TEST_F(GradientsCommand, WritesOneToStandardOutput) {
  ASSERT_EQ(run(words({"--grad-weight", path("gw.npy")})).code, 0);
  std::string command = "\"$TCONV\"";
  for (const std::string& word : words({"--grad-weight", "-", "--grad-bias", path("gb.npy")})) {
    command += " '" + word + "'";
  }
  EXPECT_EQ(shell(command + " > '" + path("out") + "'"), 0);
  EXPECT_EQ(file_bytes(path("out")), file_bytes(path("gw.npy")));
  EXPECT_EQ(read_npy(path("gb.npy")), Tensor(Shape{1}, {7}));
  EXPECT_EQ(shell(command + " > /dev/full 2> /dev/null"), 1);
  expect_refusal(run(words({"--grad-weight", "-", "--grad-bias", "/dev/stdout"})), 2,
                 "tconv gradients: ", {"only one array can go to standard output"});
}

TEST_F(GradientsCommand, AnInputMayBeAnOutput) {
  ASSERT_EQ(run(words({"--grad-input", x_, "--grad-weight", w_})).code, 0);
  EXPECT_EQ(read_npy(x_), Tensor(Shape{1, 1, 3}, {5, 9, 4}));
  EXPECT_EQ(read_npy(w_), Tensor(Shape{1, 1, 3}, {14, 1, 11}));
}

TEST_F(GradientsCommand, TakesEveryFlagOfALayer) {
  const auto list = [](const std::vector<std::int64_t>& numbers) {
    std::string text;
    for (const std::int64_t number : numbers) text += (text.empty() ? "" : ",") + std::to_string(number);
    return text;
  };
  int compared = 0;
  for (const ReferenceCase& reference : reference_cases("conv_transpose")) {
    if (!reference.integer) continue;  // the others are compared where a tolerance is at hand
    const auto arrays = reference_tensors(reference.name);
    const CliRun result = run({"gradients",
                               "--input",
                               put("x.npy", arrays.at("x")),
                               "--weight",
                               put("w.npy", arrays.at("w")),
                               "--grad-output",
                               put("g.npy", arrays.at("g")),
                               "--stride",
                               list(reference.stride),
                               "--padding",
                               list(reference.padding),
                               "--output-padding",
                               list(reference.output_padding),
                               "--dilation",
                               list(reference.dilation),
                               "--groups",
                               std::to_string(reference.groups),
                               "--grad-input",
                               path("gx.npy"),
                               "--grad-weight",
                               path("gw.npy"),
                               "--grad-bias",
                               path("gb.npy")});
    ASSERT_EQ(result.code, 0) << reference.name << ": " << result.err;
    EXPECT_EQ(read_npy(path("gx.npy")), arrays.at("gx")) << reference.name;
    EXPECT_EQ(read_npy(path("gw.npy")), arrays.at("gw")) << reference.name;
    if (reference.bias) {
      EXPECT_EQ(read_npy(path("gb.npy")), arrays.at("gb")) << reference.name;
    }
    ++compared;
  }
  EXPECT_GT(compared, 10);
}

TEST_F(GradientsCommand, NamesEveryBrokenFile) {
  const CliRun result = run({"gradients", "--input", path("no.npy"), "--weight", w_, "--grad-output", path("no2.npy"),
                             "--grad-input", path("gx.npy")});
  expect_refusal(result, 3, "tconv gradients: ", {"no.npy", "no2.npy"});
}

TEST_F(GradientsCommand, EveryMethodOfApplyWritesTheSame) {
  for (const char* method : {"paint", "insert-zeros", "matrix", "phases"}) {
    const std::string out = path(std::string(method) + ".npy");
    const CliRun result =
        run({"apply", "--input", x_, "--weight", w_, "--stride", "2", "--method", method, "--output", out});
    ASSERT_EQ(result.code, 0) << result.err;
    EXPECT_EQ(read_npy(out), Tensor(Shape{1, 1, 7}, {1, -1, 4, -2, 7, -3, 6})) << method;
  }
}

}  // namespace
}  // namespace tconv::test
