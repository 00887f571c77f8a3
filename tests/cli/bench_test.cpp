#include "cli_test_support.h"
#include "compute/layer_table.h"
#include "fake_device.h"

namespace tconv::test {
namespace {

using Words = std::vector<std::string>;

const std::string header = "layer,device,method,threads,median_ms,min_ms,repetitions,gflops,prepare_ms";
const std::string columns = "name,N,Cin,Cout,groups,Hin,Win,K,S,P,OP,D\n";

class BenchCommand : public testing::Test {
 protected:
  TempDir dir;
  std::string layers =
      dir.write("layers.csv", columns + "# tiny\none,1,1,1,1,3,4,3,2,1,1,1\n\nfew,2,4,6,2,3,3,2,2,0,0,1\n").string();

  CliRun bench(const Words& more, const std::vector<Device>& devices = {}) const {
    Words words{"bench", "--layers", layers, "--seconds", "0.001"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words, devices);
  }
};

Words cells_of(const std::string& line) {
  Words cells;
  std::istringstream stream(line);
  for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
  return cells;
}

/// A row of the layer, device, method and threads that `start` names, with figures that can be.
void expect_row(const std::string& line, const std::string& start) {
  EXPECT_TRUE(line.starts_with(start + ",")) << line;
  const Words cells = cells_of(line);
  ASSERT_EQ(cells.size(), cells_of(header).size()) << line;
  const double median = std::stod(cells[4]);
  EXPECT_GE(median, std::stod(cells[5])) << line;
  EXPECT_GE(std::stod(cells[5]), 0) << line;
  EXPECT_GE(std::stoi(cells[6]), 3) << line;
  EXPECT_GT(std::stod(cells[7]), 0) << line;
  EXPECT_GE(std::stod(cells[8]), 0) << line;
}

TEST_F(BenchCommand, OneRowForEachLayerAndNumberOfThreads) {
  const CliRun result = bench({"--threads", "1,2"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(result.err, "") << "nothing but problems unless it is a terminal";
  const auto lines = lines_of(result.out);
  ASSERT_EQ(lines.size(), 5U) << result.out;
  EXPECT_EQ(lines[0], header);
  expect_row(lines[1], "one,cpu,fast,1");
  expect_row(lines[2], "one,cpu,fast,2");
  expect_row(lines[3], "few,cpu,fast,1");
  expect_row(lines[4], "few,cpu,fast,2");
}

TEST_F(BenchCommand, GigaflopsCountEveryProduct) {
  const auto lines = lines_of(bench({"--only", "few", "--method", "paint"}).out);
  ASSERT_EQ(lines.size(), 2U);
  const Words cells = cells_of(lines[1]);
  const double operations = std::stod(cells[7]) * 1e9 * std::stod(cells[4]) * 1e-3;
  EXPECT_NEAR(operations, 2.0 * 2 * 4 * 3 * (2 * 2) * (3 * 3), operations * 0.2)
      << lines[1] << ": printed digits are few";
}

TEST_F(BenchCommand, ExplainsThePathBeforeTheRows) {
  const CliRun result = bench({"--explain", "--threads", "2,1"});
  EXPECT_EQ(result.code, 0) << result.err;
  std::string before;
  int rows = 0;
  int explained = 0;
  const auto lines = lines_of(result.out);
  EXPECT_EQ(lines.at(0), header);
  EXPECT_TRUE(lines.at(1).starts_with("# cpu: ")) << lines[1];
  EXPECT_TRUE(contains(lines.at(1), "2 threads")) << lines[1];
  for (const std::string& line : lines) {
    if (line.starts_with("# one: ") || line.starts_with("# few: ")) {
      ++explained;
      EXPECT_TRUE(line.size() > 8) << line;
    } else if (line.starts_with("one,") || line.starts_with("few,")) {
      ++rows;
      const std::string name = line.substr(0, 3);
      EXPECT_TRUE(before.starts_with("# " + name) || before.starts_with(name)) << before << "\n" << line;
    }
    before = line;
  }
  EXPECT_EQ(rows, 4);
  EXPECT_GE(explained, 4) << "what was chosen, and what each thought";
  EXPECT_FALSE(contains(bench({}).out, "#"));
}

TEST_F(BenchCommand, OnlySomeLayers) {
  EXPECT_EQ(lines_of(bench({"--only", "ne"}).out).size(), 2U);
  expect_refusal(bench({"--only", "none"}), 2, "tconv bench: ", {"no layer has 'none' in its name; known: one, few"});
}

TEST_F(BenchCommand, PlainWaysRunOnOneThread) {
  for (const char* method : {"paint", "insert-zeros", "matrix", "phases"}) {
    const CliRun result = bench({"--only", "one", "--method", method, "--threads", "1,2", "--explain"});
    EXPECT_EQ(result.code, 0) << result.err;
    const auto lines = lines_of(result.out);
    ASSERT_EQ(lines.size(), 3U) << result.out;
    EXPECT_TRUE(lines[1].starts_with("# one: ")) << lines[1];
    expect_row(lines[2], "one,cpu," + std::string(method) + ",1");
  }
}

TEST_F(BenchCommand, OneEngineAlone) {
  const CliRun result = bench({"--engine", "direct", "--explain"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_TRUE(contains(result.out, "# one: direct on ")) << result.out;
}

TEST_F(BenchCommand, AnotherDevice) {
  const CliRun result = bench({"--device", "gpu", "--threads", "1,2", "--explain"}, {fake_device("gpu")});
  EXPECT_EQ(result.code, 0) << result.err;
  const auto lines = lines_of(result.out);
  ASSERT_EQ(lines.size(), 8U) << result.out;
  EXPECT_EQ(lines[1], "# gpu: a fake");
  EXPECT_EQ(lines[2], "# one: painted by hand");
  EXPECT_EQ(lines[3], "# one: there is no other way");
  expect_row(lines[4], "one,gpu,fast,1");
  expect_row(lines[7], "few,gpu,fast,1");
}

TEST_F(BenchCommand, ALayerThatADeviceCannotComputeDoesNotKeepTheOthers) {
  const CliRun result = bench({"--device", "gpu"}, {fake_device("gpu", "it melted")});
  EXPECT_EQ(result.code, 1);
  EXPECT_EQ(result.err, "tconv bench: one: it melted\n");
  const auto lines = lines_of(result.out);
  ASSERT_EQ(lines.size(), 2U) << result.out;
  expect_row(lines[1], "few,gpu,fast,1");
}

TEST_F(BenchCommand, ADeviceThatIsNotThere) {
  expect_refusal(bench({"--device", "gpu"}, {closed_device("gpu", "there is no OpenGL 4.3")}), 1,
                 "tconv bench: ", {"there is no OpenGL 4.3"});
}

TEST_F(BenchCommand, SaysWhatIsWrongInOneLine) {
  const auto refuse = [&](const Words& words, int code, const std::string& part) {
    expect_refusal(bench(words, {fake_device("gpu")}), code, "tconv bench: ", {part});
  };
  refuse({"--device", "tpu"}, 2, "--device: there is no device 'tpu'; known: cpu, gpu");
  refuse({"--method", "magic"}, 2,
         "--method: there is no method 'magic'; known: fast, paint, insert-zeros, matrix, phases");
  refuse({"--method", "paint", "--device", "gpu"}, 2, "other devices than the CPU have fast only");
  refuse({"--engine", "magic"}, 2, "--engine: there is no engine 'magic'; known: ");
  refuse({"--engine", "direct", "--method", "paint"}, 2, "--engine: is for --method fast on the CPU only");
  refuse({"--engine", "direct", "--device", "gpu"}, 2, "--engine: is for --method fast on the CPU only");
  refuse({"--threads", "1,0"}, 2, "--threads: must be 1 to 1024, found 0; nearest legal value: 1");
  refuse({"--threads", "2000"}, 2, "--threads: must be 1 to 1024, found 2000; nearest legal value: 1024");
  refuse({"--threads", "2,2"}, 2, "--threads: 2 is named twice");
  refuse({"--threads", "two"}, 2, "--threads: 'two'");
  expect_refusal(run({"bench", "--layers", (dir / "missing.csv").string()}), 3,
                 "tconv bench: ", {"missing.csv: cannot be opened"});
  expect_refusal(run({"bench", "--layers", dir.write("bad.csv", columns + "a,1,1,1,1,3,3,0,1,0,0,1\n").string()}), 3,
                 "tconv bench: ", {"bad.csv: line 2, column 'K': must be at least 1, found 0; nearest legal value: 1"});
  expect_refusal(run({"bench", "--layers", dir.write("none.csv", columns).string()}), 3,
                 "tconv bench: ", {"none.csv: lists no layer; "});
  for (const char* seconds : {"0", "-1", "nan", "1e9", "soon"}) {
    const CliRun result = run({"bench", "--layers", layers, "--seconds", seconds});
    EXPECT_EQ(result.code, 2) << seconds;
    EXPECT_EQ(result.out, "") << seconds;
    EXPECT_TRUE(contains(result.err, "--seconds")) << result.err;
  }
}

TEST_F(BenchCommand, HasAListBuiltIn) {
  const auto lines = lines_of(run({"bench", "--only", "dcgan_5", "--seconds", "0.001"}).out);
  ASSERT_EQ(lines.size(), 2U);
  expect_row(lines[1], "dcgan_5_128-3_32x32,cpu,fast,1");
  for (const char* name : {"layers.csv", "more_layers.csv"}) {
    EXPECT_GE(read_layer_table(sources() / "bench" / name).size(), 20U);
  }
}

TEST_F(BenchCommand, AnInterruptEndsIt) {
  const std::string slow = dir.write("slow.csv", columns + "slow,1,64,64,1,512,512,16,2,0,0,1\n").string();
  EXPECT_EQ(interrupted({"bench", "--layers", slow, "--method", "paint"}), 1);
}

}  // namespace
}  // namespace tconv::test
