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
