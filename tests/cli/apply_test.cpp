#include <cmath>

#include "cli_test_support.h"
#include "compute/method.h"
#include "fake_device.h"
#include "support/reference_cases.h"

namespace tconv::test {
namespace {

CliRun apply(const std::string& input, const std::string& weight, const std::string& output, const Words& more = {},
             const std::vector<Device>& devices = {}) {
  Words words{"apply", "--input", input, "--weight", weight, "--output", output};
  words.insert(words.end(), more.begin(), more.end());
  return run(words, devices);
}

/// The 2×2 example and places for its files.
class ApplyCommand : public testing::Test {
 protected:
  TempDir dir;
  std::string x = save(dir, "x.npy", {1, 1, 2, 2}, {1, 2, 3, 4});
  std::string w = save(dir, "w.npy", {1, 1, 3, 3}, {1, 0, 1, 0, 1, 0, 1, 0, 1});
  std::string y = (dir / "y.npy").string();

  void expect_no_output() const { EXPECT_FALSE(std::filesystem::exists(y)); }
};

void expect_equal(const Tensor& found, const Tensor& wanted, bool exact, const std::string& name) {
  ASSERT_EQ(found.shape(), wanted.shape()) << name;
  double squares = 0;
  for (const float value : wanted.values()) squares += static_cast<double>(value) * static_cast<double>(value);
  const double rms = std::sqrt(squares / static_cast<double>(wanted.size()));
  const double tolerance = exact ? 0 : 2e-5 * rms;
  for (std::int64_t i = 0; i < wanted.size(); ++i) {
    const double difference = std::abs(static_cast<double>(found[i]) - static_cast<double>(wanted[i]));
    ASSERT_LE(difference, tolerance) << name << " at " << i;
  }
}

TEST_F(ApplyCommand, PaintsTheExample) {
  const CliRun result = apply(x, w, y, {"--method", "paint"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.out + result.err, "");
  EXPECT_EQ(read_npy(y), Tensor({1, 1, 4, 4}, {1, 2, 1, 2, 3, 5, 5, 4, 1, 5, 5, 2, 3, 4, 3, 4}));
}

TEST_F(ApplyCommand, AgreesWithPyTorchOnEveryCase) {
  for (const ReferenceCase& reference : reference_cases("conv_transpose")) {
    auto arrays = reference_tensors(reference.name);
    write_npy(x, arrays.at("x"));
    write_npy(w, arrays.at("w"));
    Words flags;
    const auto add = [&](const char* flag, const std::string& value) { flags.insert(flags.end(), {flag, value}); };
    add("--stride", list(reference.stride));
    add("--padding", list(reference.padding));
    add("--output-padding", list(reference.output_padding));
    add("--dilation", list(reference.dilation));
    add("--groups", std::to_string(reference.groups));
    if (reference.bias) {
      write_npy(dir / "b.npy", arrays.at("b"));
      add("--bias", (dir / "b.npy").string());
    }
    for (const Method& method : methods()) {
      const std::string name = reference.name + " by " + std::string(method.id);
      Words words = flags;
      words.insert(words.end(), {"--method", std::string(method.id)});
      const CliRun result = apply(x, w, y, words);
      ASSERT_EQ(result.code, 0) << name << ": " << result.err;
      const bool exact = reference.integer && method.id != "fast";  // it may round whole numbers, too
      expect_equal(read_npy(y), arrays.at("y"), exact, name);
    }
  }
}

TEST_F(ApplyCommand, RefusesWhatPyTorchRefuses) {
  for (const BadLayer& bad : bad_layers()) {
    const Shape input{1, 1, bad.input[0]};
    save(dir, "x.npy", input, {1});
    save(dir, "w.npy", {1, 1, bad.kernel[0]}, {1});
    const CliRun result = apply(x, w, y,
                                {"--stride", list(bad.stride), "--padding", list(bad.padding), "--output-padding",
                                 list(bad.output_padding), "--dilation", list(bad.dilation)});
    EXPECT_EQ(result.code, 2) << bad.torch;
    EXPECT_TRUE(result.err.starts_with("tconv apply: ")) << result.err;
    expect_no_output();
  }
}

TEST_F(ApplyCommand, CropsUnevenly) {
  EXPECT_EQ(apply(x, w, y, {"--padding-begin", "1,0", "--padding-end", "0,3"}).code, 0);
  EXPECT_EQ(read_npy(y), Tensor({1, 1, 3, 1}, {3, 1, 3}));
}

TEST_F(ApplyCommand, TakesAnImageAsInput) {
  ASSERT_EQ(run({"render", "--view", "size", "--output", (dir / "x.png").string(), "--width", "320"}).code, 0);
  save(dir, "w.npy", {3, 1, 1, 1}, {1});
  const CliRun result = apply((dir / "x.png").string(), w, y, {"--padding", "100,150"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(read_npy(y).shape()[3], 20);
}

TEST_F(ApplyCommand, InputMayBeTheOutput) {
  EXPECT_EQ(apply(x, w, x).code, 0);
  EXPECT_EQ(read_npy(x).shape(), (Shape{1, 1, 4, 4}));
  EXPECT_EQ(dir.entries(), 2);
}

TEST_F(ApplyCommand, WritesToStandardOutput) {
  const std::string command = "\"$TCONV\" apply --input '" + x + "' --weight '" + w + "' --output ";
  EXPECT_EQ(apply(x, w, y).code, 0);
  for (const char* name : {"-", "/dev/stdout"}) {
    EXPECT_EQ(shell(command + name + " > '" + (dir / "out").string() + "'"), 0);
    EXPECT_EQ(file_bytes(dir / "out"), file_bytes(y));
    EXPECT_EQ(shell(command + name + " > /dev/full 2> /dev/null"), 1);
    EXPECT_EQ(shell(command + name + " >&- 2> /dev/null"), 1);
  }
}

TEST_F(ApplyCommand, ShapesThatDoNotFitAreNamed) {
  save(dir, "x.npy", {1, 3, 4, 4}, {1});
  save(dir, "w.npy", {2, 4, 3, 3}, {1});
  const std::string b = save(dir, "b.npy", {3}, {1});
  expect_refusal(apply(x, w, y, {"--bias", b, "--stride", "0,1"}), 2, "tconv apply: ",
                 {"weight: its first extent must be the input's number of channels, found 2", "bias: must have shape",
                  "stride (axis 0)"});
  save(dir, "w.npy", {3, 4, 3}, {1});
  expect_refusal(apply(x, w, y), 2, "tconv apply: ", {"weight: must have as many axes as the input, 4"});
  save(dir, "w.npy", {3, 2, 3, 3}, {1});
  save(dir, "b.npy", {2, 1}, {1});
  expect_refusal(apply(x, w, y, {"--bias", b}), 2, "tconv apply: ", {"bias: must have shape (2)"});
  save(dir, "b.npy", {6}, {1});
  EXPECT_EQ(apply(x, w, y, {"--bias", b, "--groups", "3"}).code, 0);
  std::filesystem::remove(y);
  expect_refusal(apply(x, w, y, {"--groups", "2"}), 2, "tconv apply: ", {"groups: must divide"});
  save(dir, "x.npy", {5}, {1});
  expect_refusal(apply(x, w, y), 2, "tconv apply: ", {"input: must have 3, 4 or 5 axes"});
  expect_no_output();
}

TEST_F(ApplyCommand, EmptyArraysAreIllegalLayers) {
  save(dir, "x.npy", {0, 1, 2, 2}, {});
  expect_refusal(apply(x, w, y), 2, "tconv apply: ", {"batch: must be at least 1, found 0"});
  save(dir, "x.npy", {1, 0, 2, 2}, {});
  expect_refusal(apply(x, w, y), 2, "tconv apply: ", {"weight: its first extent", "in_channels: must be at least 1"});
  save(dir, "x.npy", {1, 1, 0, 2}, {});
  save(dir, "w.npy", {1, 0, 3, 3}, {});
  expect_refusal(apply(x, w, y), 2, "tconv apply: ", {"input (axis 0)", "out_channels: must be at least 1"});
  expect_no_output();
}

TEST_F(ApplyCommand, FlagsThatDoNotFitTheArrays) {
  expect_refusal(apply(x, w, y, {"--stride", "1,2,3"}), 2, "tconv apply: ", {"--stride: found 3 numbers"});
  expect_refusal(apply(x, w, y, {"--groups", "1,1"}), 2, "tconv apply: ", {"--groups: takes one number"});
  expect_refusal(apply("nowhere.npy", w, y, {"--stride", "a"}), 2, "tconv apply: ", {"--stride: 'a'"});
  expect_refusal(apply(x, w, y, {"--method", "magic"}), 2, "tconv apply: ", {"no method 'magic'; known: paint"});
  expect_refusal(apply(x, w, y, {"--groups", "0", "--padding", "-1"}), 2,
                 "tconv apply: ", {"padding (axis 0)", "padding (axis 1)", "groups: must be at least 1"});
  expect_no_output();
}

TEST_F(ApplyCommand, ADeviceIsAMethod) {
  const std::vector<Device> devices{fake_device("gpu")};
  const std::string b = save(dir, "b.npy", {1}, {0.5F});
  ASSERT_EQ(apply(x, w, y, {"--bias", b}).code, 0);
  const Tensor truth = read_npy(y);
  const CliRun result = apply(x, w, y, {"--bias", b, "--method", "gpu"}, devices);
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(read_npy(y), truth);
  std::filesystem::remove(y);
  expect_refusal(apply(x, w, y, {"--method", "magic"}, devices), 2,
                 "tconv apply: ", {"no method 'magic'; known: paint, insert-zeros, matrix, phases, fast, gpu"});
  expect_no_output();
}

TEST_F(ApplyCommand, TheProgramComputesOnAGpu) {
  ASSERT_EQ(apply(x, w, y).code, 0);
  const Tensor truth = read_npy(y);
  std::filesystem::remove(y);
  const std::string err = (dir / "err").string();
  const int code = shell("\"$TCONV\" apply --input '" + x + "' --weight '" + w + "' --method gpu --output '" + y +
                         "' 2> '" + err + "'");
  if (code == 1) {
    EXPECT_TRUE(contains(file_bytes(err), "; --method fast computes on the CPU")) << file_bytes(err);
    EXPECT_EQ(lines_of(file_bytes(err)).size(), 1U);
    GTEST_SKIP() << file_bytes(err);
  }
  ASSERT_EQ(code, 0) << file_bytes(err);
  EXPECT_EQ(read_npy(y), truth);
}

TEST_F(ApplyCommand, ADeviceThatFailsIsOneLine) {
  const std::string wanted = "--method gpu: it melted; --method fast computes on the CPU";
  for (const Device& device : {closed_device("gpu", "it melted"), fake_device("gpu", "it melted")}) {
    expect_refusal(apply(x, w, y, {"--method", "gpu"}, {device}), 1, "tconv apply: ", {wanted});
  }
  expect_no_output();
}

TEST_F(ApplyCommand, TooLargeIsFoundBeforeAnythingIsAllocated) {
  // As processes, so that a search without an end is a failure and not a test run without an end.
  const std::string start =
      "timeout 20 \"$TCONV\" apply --input '" + x + "' --weight '" + w + "' --output '" + y + "' 2> /dev/null ";
  EXPECT_EQ(shell(start + "--stride 1000000"), 2);
  EXPECT_EQ(shell(start + "--dilation 9223372036854775807"), 2);
  EXPECT_EQ(shell(start + "--groups 9223372036854775807"), 2);
  expect_no_output();
#ifndef __SANITIZE_ADDRESS__  // whose own memory is beyond any such limit
  EXPECT_EQ(shell("ulimit -v 400000; " + start + "--stride 20000"), 2);
  expect_no_output();
#endif
}

TEST_F(ApplyCommand, AMethodThatNeedsMoreThanIsFreeIsRefused) {
  // 1024 × 1024 cells with 64 × 64 products each, 2^32: painting does not mind.
  save(dir, "x.npy", {1, 1, 1024, 1024}, {1});
  save(dir, "w.npy", {1, 1, 64, 64}, {1});
  expect_refusal(apply(x, w, y, {"--method", "matrix"}), 1,
                 "tconv apply: ", {"--method matrix cannot hold this layer"});
  expect_no_output();
#ifndef __SANITIZE_ADDRESS__              // whose own memory is beyond any such limit
  save(dir, "w.npy", {1, 1, 5, 5}, {1});  // 26 million entries: 208 MiB and more
  const std::string err = (dir / "err").string();
  const std::string start = "ulimit -v 200000; timeout 20 \"$TCONV\" apply --input '" + x + "' --weight '" + w +
                            "' --output '" + y + "' 2> '" + err + "' --method ";
  EXPECT_EQ(shell(start + "matrix"), 1);
  const auto lines = lines_of(file_bytes(err));
  ASSERT_EQ(lines.size(), 1U);
  for (const char* part : {"tconv apply: --method matrix needs ", " MiB, free are ", "--method paint needs "}) {
    EXPECT_TRUE(contains(lines[0], part)) << lines[0];
  }
  expect_no_output();
  EXPECT_EQ(shell(start + "paint"), 0);
#endif
}

TEST_F(ApplyCommand, BrokenFilesAreNamedInOneLineEach) {
  const std::string whole = file_bytes(w);
  const std::string cut = dir.write("cut.npy", whole.substr(0, whole.size() - 3)).string();
  const std::string text = dir.write("text.npy", "not an array\n").string();
  const std::string empty = dir.write("empty.npy", "").string();
  for (const std::string& broken : {cut, text, empty, (dir / "missing.npy").string(), dir.path().string()}) {
    expect_refusal(apply(broken, w, y), 3, "tconv apply: " + broken + ": ", {""});
    expect_refusal(apply(x, broken, y), 3, "tconv apply: " + broken + ": ", {""});
    expect_refusal(apply(x, w, y, {"--bias", broken}), 3, "tconv apply: " + broken + ": ", {""});
    expect_no_output();
  }
  expect_refusal(apply(cut, text, y, {"--bias", empty}), 3, "tconv apply: ", {"cut.npy", "text.npy", "empty.npy"});
  expect_refusal(apply(x, w, y, {"--bias", ""}), 3, "tconv apply: ", {"name is empty"});
}

TEST_F(ApplyCommand, AFailureLeavesTheOutputAsItWas) {
  dir.write("y.npy", "precious");
  const auto before = dir.entries();
  EXPECT_EQ(apply(x, w, y, {"--stride", "0"}).code, 2);
  EXPECT_EQ(apply("nowhere.npy", w, y).code, 3);
  EXPECT_EQ(apply(x, w, y, {"--method", "magic"}).code, 2);
  EXPECT_EQ(file_bytes(y), "precious");
  EXPECT_EQ(dir.entries(), before);
}

TEST_F(ApplyCommand, AnOutputThatCannotBeWrittenIsExitCode1) {
  expect_refusal(apply(x, w, (dir / "no" / "y.npy").string()), 1, "tconv apply: ", {"y.npy: cannot be written"});
  expect_refusal(apply(x, w, dir.path().string()), 1, "tconv apply: ", {"cannot be written"});
  expect_refusal(apply(x, w, "/dev/full"), 1, "tconv apply: ", {"/dev/full: cannot be written"});
  EXPECT_EQ(dir.entries(), 2);
}

}  // namespace
}  // namespace tconv::test
