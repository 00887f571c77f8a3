// tconv shuffle and tconv resize.
#include "cli_test_support.h"
#include "fake_device.h"
#include "support/reference_cases.h"

namespace tconv::test {
namespace {

class UpsamplingCommands : public testing::Test {
 protected:
  TempDir dir;
  std::string x = save(dir, "x.npy", {1, 4, 1, 2}, {0, 1, 2, 3, 4, 5, 6, 7});
  std::string y = (dir / "y.npy").string();

  CliRun shuffle(const Words& more, const std::string& input) const {
    Words words{"shuffle", "--input", input, "--output", y};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  CliRun resize(const Words& more, const std::string& input) const {
    Words words{"resize", "--input", input, "--output", y};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  void expect_no_output() const { EXPECT_FALSE(std::filesystem::exists(y)); }
};

TEST_F(UpsamplingCommands, ShuffleEqualsPyTorchAndIsUndone) {
  for (const ReferenceCase& reference : reference_cases("pixel_shuffle")) {
    const auto arrays = reference_tensors(reference.name);
    write_npy(x, arrays.at("x"));
    const std::string factor = std::to_string(reference.factor);
    const CliRun result = shuffle({"--factor", factor}, x);
    EXPECT_EQ(result.code, 0) << result.err;
    EXPECT_EQ(result.out + result.err, "");
    EXPECT_EQ(read_npy(y), arrays.at("y")) << reference.name;
    EXPECT_EQ(shuffle({"--factor", factor, "--inverse"}, y).code, 0);
    EXPECT_EQ(read_npy(y), arrays.at("x")) << reference.name;
  }
}

TEST_F(UpsamplingCommands, ShuffleTakesBothOrders) {
  save(dir, "x.npy", {1, 8, 1, 1}, {0, 1, 2, 3, 4, 5, 6, 7});
  EXPECT_EQ(shuffle({"--factor", "2"}, x).code, 0);
  EXPECT_EQ(read_npy(y), Tensor({1, 2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(shuffle({"--factor", "2", "--order", "dcr"}, x).code, 0);
  EXPECT_EQ(read_npy(y), Tensor({1, 2, 2, 2}, {0, 2, 4, 6, 1, 3, 5, 7}));
  EXPECT_EQ(shuffle({"--factor", "2", "--order", "dcr", "--inverse"}, y).code, 0);
  EXPECT_EQ(read_npy(y), read_npy(x));
}

TEST_F(UpsamplingCommands, ShuffleNamesTheNearestLegalChannels) {
  save(dir, "x.npy", {1, 6, 2, 2}, {1});
  expect_refusal(shuffle({"--factor", "2"}, x), 2,
                 "tconv shuffle: ", {"channels: must be a multiple of factor² = 4, such as 4 or 8, found 6"});
  expect_refusal(shuffle({"--factor", "3", "--inverse"}, x), 2, "tconv shuffle: ",
                 {"input (axis 0): must be a multiple of factor = 3, such as 3, found 2", "input (axis 1)"});
  expect_refusal(shuffle({"--factor", "0"}, x), 2, "tconv shuffle: ", {"factor: must be at least 1, found 0"});
  expect_refusal(shuffle({"--factor", "two"}, x), 2, "tconv shuffle: ", {"--factor: 'two' is not a whole number"});
  expect_refusal(shuffle({"--factor", "2,2"}, x), 2, "tconv shuffle: ", {"--factor: takes one number, found 2"});
  expect_refusal(shuffle({"--factor", "9223372036854775807"}, x), 2, "tconv shuffle: ", {"factor: may be at most"});
  expect_refusal(shuffle({"--factor", "2", "--order", "cdr"}, x), 2, "tconv shuffle: ", {"known: crd, dcr"});
  expect_refusal(shuffle({"--factor", "2"}, "nowhere.npy"), 3, "tconv shuffle: ", {"nowhere.npy"});
  expect_refusal(run({"shuffle"}), 2,
                 "tconv shuffle: ", {"--factor is required", "--input is required", "--output is required"});
  save(dir, "x.npy", {6}, {1});
  expect_refusal(shuffle({"--factor", "2"}, x), 2, "tconv shuffle: ", {"input: must have 3, 4 or 5 axes"});
  save(dir, "x.npy", {0, 4, 2, 2}, {});
  expect_refusal(shuffle({"--factor", "2"}, x), 2, "tconv shuffle: ", {"at least one cell on every axis"});
  expect_no_output();
}

TEST_F(UpsamplingCommands, ResizeEqualsPyTorch) {
  for (const ReferenceCase& reference : reference_cases("upsample")) {
    const auto arrays = reference_tensors(reference.name);
    write_npy(x, arrays.at("x"));
    Words flags{"--factor", std::to_string(reference.factor), "--mode", reference.mode};
    if (reference.align_corners) flags.emplace_back("--align-corners");
    const CliRun result = resize(flags, x);
    ASSERT_EQ(result.code, 0) << result.err;
    EXPECT_EQ(result.out + result.err, "");
    const Tensor found = read_npy(y);
    const Tensor& truth = arrays.at("y");
    ASSERT_EQ(found.shape(), truth.shape());
    for (std::int64_t i = 0; i < truth.size(); ++i) ASSERT_NEAR(found[i], truth[i], 2e-6) << reference.name;
  }
}

TEST_F(UpsamplingCommands, ResizeRefusesInOneLine) {
  expect_refusal(resize({"--factor", "2", "--mode", "nearest", "--align-corners"}, x), 2,
                 "tconv resize: ", {"--align-corners: only with --mode bilinear"});
  expect_refusal(resize({"--factor", "2", "--mode", "cubic"}, x), 2, "tconv resize: ", {"known: nearest, bilinear"});
  expect_refusal(resize({"--factor", "0", "--mode", "nearest"}, x), 2, "tconv resize: ", {"factor: must be at least"});
  expect_refusal(resize({"--factor", "9223372036854775807", "--mode", "bilinear"}, x), 2,
                 "tconv resize: ", {"output: may have at most"});
  expect_refusal(resize({"--factor", "1000000", "--mode", "bilinear"}, x), 2,
                 "tconv resize: ", {"output: may have at most 2147483648 elements"});
  expect_refusal(resize({"--factor", "2", "--mode", "nearest"}, "nowhere.npy"), 3, "tconv resize: ", {"nowhere.npy"});
  save(dir, "x.npy", {6}, {1});
  expect_refusal(resize({"--factor", "2", "--mode", "nearest"}, x), 2, "tconv resize: ", {"must have 3, 4 or 5 axes"});
  expect_no_output();
#ifndef __SANITIZE_ADDRESS__  // whose own memory is beyond any such limit
  const std::string err = (dir / "err").string();
  save(dir, "x.npy", {1, 1, 1, 2}, {1});
  EXPECT_EQ(shell("ulimit -v 400000; timeout 20 \"$TCONV\" resize --factor 20000 --mode bilinear --input '" + x +
                  "' --output '" + y + "' 2> '" + err + "'"),
            1);
  EXPECT_TRUE(contains(file_bytes(err), "tconv resize: the output needs ")) << file_bytes(err);
  expect_no_output();
#endif
}

TEST_F(UpsamplingCommands, TakeImagesAndWriteToStandardOutput) {
  const std::string picture = (dir / "x.png").string();
  ASSERT_EQ(run({"render", "--view", "size", "--output", picture, "--width", "320", "--height", "400"}).code, 0);
  ASSERT_EQ(resize({"--factor", "1", "--mode", "nearest"}, picture).code, 0);
  const Tensor image = read_npy(y);
  ASSERT_EQ(image.shape()[1], 3);
  ASSERT_EQ(shuffle({"--factor", "2", "--inverse"}, picture).code, 0);
  EXPECT_EQ(read_npy(y).shape(), (Shape{1, 12, image.shape()[2] / 2, 160}));
  EXPECT_EQ(shell("\"$TCONV\" shuffle --factor 2 --input '" + x + "' --output - > '" + (dir / "out").string() + "'"),
            0);
  EXPECT_EQ(read_npy(dir / "out"), Tensor({1, 1, 2, 4}, {0, 2, 1, 3, 4, 6, 5, 7}));
}

TEST_F(UpsamplingCommands, ADeviceComputesWhenItIsNamed) {
  const std::vector<Device> devices{fake_device("gpu"), closed_device("none", "there is no OpenGL 4.3 here")};
  const auto negative = [](const Tensor& tensor) {
    std::vector<float> values(tensor.values().begin(), tensor.values().end());
    for (float& value : values) value = -value;
    return Tensor(tensor.shape(), std::move(values));
  };
  const std::vector<Words> commands{{"shuffle", "--factor", "2", "--input", x, "--output", y},
                                    {"shuffle", "--factor", "1", "--inverse", "--input", x, "--output", y},
                                    {"resize", "--factor", "2", "--mode", "nearest", "--input", x, "--output", y},
                                    {"coverage", "--kernel", "3", "--stride", "2", "--output", y}};
  for (const Words& command : commands) {
    const auto by = [&](const char* method) {
      Words words = command;
      words.insert(words.end(), {"--method", method});
      return run(words, devices);
    };
    SCOPED_TRACE(command[0]);
    ASSERT_EQ(run(command, devices).code, 0);
    const Tensor usual = read_npy(y);
    ASSERT_EQ(by("cpu").code, 0);
    EXPECT_EQ(read_npy(y), usual);
    ASSERT_EQ(by("gpu").code, 0);
    EXPECT_EQ(read_npy(y), negative(usual));
    expect_refusal(by("none"), 1, "tconv " + command[0] + ": ",
                   {"--method none: there is no OpenGL 4.3 here; --method cpu computes on the CPU"});
    expect_refusal(by("tpu"), 2, "tconv " + command[0] + ": ",
                   {"--method: there is no method 'tpu'; known: cpu, gpu, none"});
    EXPECT_EQ(read_npy(y), negative(usual));
  }
  expect_refusal(run({"coverage", "--kernel", "3", "--stride", "2", "--method", "gpu"}, devices), 2,
                 "tconv coverage: ", {"--method: is for the map of counts, --output names its file"});
}

TEST_F(UpsamplingCommands, TheOutputMayBeTheInput) {
  EXPECT_EQ(run({"shuffle", "--factor", "2", "--input", x, "--output", x}).code, 0);
  EXPECT_EQ(read_npy(x).shape(), (Shape{1, 1, 2, 4}));
  EXPECT_EQ(dir.entries(), 1);
}

}  // namespace
}  // namespace tconv::test
