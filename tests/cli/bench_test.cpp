#include "cli_test_support.h"
#include "compute/cpu_backend.h"
#include "compute/layer_table.h"
#include "fake_device.h"

namespace tconv::test {
namespace {

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
  if (cpu_threads() < 2) GTEST_SKIP() << "one core alone";
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
  if (cpu_threads() < 2) GTEST_SKIP() << "one core alone";
  const CliRun result = bench({"--explain", "--threads", "2,1"});
  EXPECT_EQ(result.code, 0) << result.err;
  std::string before;
  int rows = 0;
  int explained = 0;
  const auto lines = lines_of(result.out);
  EXPECT_EQ(lines.at(0), header);
  EXPECT_TRUE(lines.at(1).starts_with("# cpu: ")) << lines[1];
  EXPECT_TRUE(contains(lines.at(1), "2 threads")) << lines[1];
  EXPECT_TRUE(contains(result.out, ": one_channel: no: only for one channel in and ")) << result.out;
  EXPECT_FALSE(contains(result.out, "AVX3")) << result.out;
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
  EXPECT_EQ(lines_of(bench({"--only", "NE"}).out).size(), 2U);
  expect_refusal(bench({"--only", ""}), 2, "tconv bench: ", {"--only: must be some letters of a layer's name"});
  const std::string both =
      dir.write("both.csv", columns + "a,1,1,1,1,3,3,3,1,0,0,1\nA,1,1,1,1,3,3,3,1,0,0,1\n").string();
  for (const char* name : {"a", "A"}) {
    const auto lines = lines_of(run({"bench", "--layers", both, "--seconds", "0.001", "--only", name}).out);
    ASSERT_EQ(lines.size(), 2U) << "what is written as it is goes first";
    EXPECT_TRUE(lines[1].starts_with(name)) << lines[1];
  }
}

TEST_F(BenchCommand, PlainWaysRunOnOneThread) {
  using Case = std::pair<const char*, const char*>;
  for (const auto& [method, what] :
       {Case{"paint", "every input cell adds"}, Case{"insert-zeros", "zeros are put between"},
        Case{"matrix", "the transposed sparse matrix"}, Case{"phases", "one small convolution"}}) {
    const CliRun result = bench({"--only", "one", "--method", method, "--explain"});
    EXPECT_EQ(result.code, 0) << result.err;
    const auto lines = lines_of(result.out);
    ASSERT_EQ(lines.size(), 3U) << result.out;
    EXPECT_TRUE(lines[1].starts_with("# one: ")) << lines[1];
    EXPECT_TRUE(contains(lines[1], what)) << lines[1];
    expect_row(lines[2], "one,cpu," + std::string(method) + ",1");
  }
}

TEST_F(BenchCommand, OneEngineAlone) {
  const CliRun result = bench({"--engine", "direct", "--explain"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_TRUE(contains(result.out, "# one: direct on ")) << result.out;
}

TEST_F(BenchCommand, AnEngineThatCannotSaysWhyAndWhichCan) {
  const std::string two =
      dir.write("two.csv", columns + "wide,1,2,2,1,5,5,16,8,4,0,1\nnarrow,1,2,2,1,5,5,3,3,0,0,1\n").string();
  const CliRun result = run({"bench", "--layers", two, "--seconds", "0.001", "--engine", "wide_stride"});
  EXPECT_EQ(result.code, 1);
  const std::string said =
      "tconv bench: narrow: wide_stride is only for strides of 5 and more along a row; possible: direct";
  EXPECT_TRUE(result.err == said + "\n" || result.err == said + ", matrix_tiles\n") << result.err;  // by the processor
  const auto lines = lines_of(result.out);
  ASSERT_EQ(lines.size(), 2U) << result.out;
  expect_row(lines[1], "wide,cpu,fast,1");
}

TEST_F(BenchCommand, ALayerThatMemoryDoesNotHoldDoesNotKeepTheOthers) {
  const std::string matrix = dir.write("matrix.csv", columns +
                                                         "products,1,1,1,1,1024,1024,64,1,0,0,1\n"
                                                         "small,1,1,1,1,3,3,3,1,0,0,1\n")
                                 .string();
  const CliRun result = run({"bench", "--layers", matrix, "--seconds", "0.001", "--method", "matrix"});
  EXPECT_EQ(result.code, 1);
  EXPECT_TRUE(result.err.starts_with("tconv bench: products: --method matrix cannot hold this layer")) << result.err;
  EXPECT_EQ(lines_of(result.err).size(), 1U) << result.err;
  EXPECT_EQ(lines_of(result.out).size(), 2U) << result.out;
#ifndef __SANITIZE_ADDRESS__  // whose own memory is beyond any such limit
  const std::string large = dir.write("large.csv", columns +
                                                       "entries,1,1,1,1,1024,1024,5,1,0,0,1\n"
                                                       "cells,1,1,1,1,9000,9000,3,1,0,0,1\n"
                                                       "small,1,1,1,1,3,3,3,1,0,0,1\n")
                                .string();
  const std::string out = (dir / "out").string();
  const std::string err = (dir / "err").string();
  const std::string start = "ulimit -v 200000; timeout 60 \"$TCONV\" bench --layers '" + large +
                            "' --seconds 0.001 > '" + out + "' 2> '" + err + "' ";
  EXPECT_EQ(shell(start + "--method matrix"), 1);
  auto lines = lines_of(file_bytes(err));
  ASSERT_EQ(lines.size(), 2U);
  for (const char* part :
       {"tconv bench: entries: --method matrix needs ", " MiB, free are ", "; --method paint needs "}) {
    EXPECT_TRUE(contains(lines[0], part)) << lines[0];
  }
  EXPECT_TRUE(lines[1].starts_with("tconv bench: cells: --method matrix needs ")) << lines[1];
  lines = lines_of(file_bytes(out));
  ASSERT_EQ(lines.size(), 2U);
  expect_row(lines[1], "small,cpu,matrix,1");
  EXPECT_EQ(shell(start), 1);
  lines = lines_of(file_bytes(err));
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_TRUE(lines[0].starts_with("tconv bench: cells: it needs ")) << lines[0];
  EXPECT_EQ(lines_of(file_bytes(out)).size(), 3U);
#endif
}

TEST_F(BenchCommand, ReadsItsListFromStandardInput) {
  const std::string out = (dir / "out").string();
  const std::string err = (dir / "err").string();
  const std::string bench = "\"$TCONV\" bench --layers - --seconds 0.001 > '" + out + "' 2> '" + err + "' ";
  EXPECT_EQ(shell("cat '" + layers + "' | " + bench), 0);
  EXPECT_EQ(lines_of(file_bytes(out)).size(), 3U);
  EXPECT_EQ(shell(bench + "< /dev/null"), 3);
  EXPECT_TRUE(file_bytes(err).starts_with("tconv bench: standard input: is empty")) << file_bytes(err);
  EXPECT_EQ(shell("head -n 1 '" + layers + "' | " + bench), 3);
  EXPECT_TRUE(file_bytes(err).starts_with("tconv bench: standard input: lists no layer")) << file_bytes(err);
  expect_refusal(run({"bench", "--layers", ""}), 2, "tconv bench: ", {"--layers: must name a file"});
}

TEST_F(BenchCommand, AnotherDevice) {
  const CliRun result = bench({"--device", "gpu", "--explain"}, {fake_device("gpu")});
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
  refuse({"--engine", ""}, 2, "--engine: there is no engine ''; known: ");
  const std::string most = std::to_string(cpu_threads());
  const std::string rule = "--threads: must be 1 to " + most + ", as many as this machine runs, found ";
  refuse({"--threads", "1,0"}, 2, rule + "0; nearest legal value: 1");
  refuse({"--threads", "1,99999"}, 2, rule + "99999; nearest legal value: " + most);
  refuse({"--threads", "1,1"}, 2, "--threads: 1 is named twice");
  refuse({"--threads", "1", "--method", "paint"}, 2, "--threads: is for --method fast on the CPU only");
  refuse({"--threads", "1", "--device", "gpu"}, 2, "--threads: is for --method fast on the CPU only");
  refuse({"--threads", "two"}, 2, "--threads: 'two'");
  expect_refusal(run({"bench", "--layers", (dir / "missing.csv").string()}), 3,
                 "tconv bench: ", {"missing.csv: cannot be opened"});
  expect_refusal(run({"bench", "--layers", dir.write("bad.csv", columns + "a,1,1,1,1,3,3,0,1,0,0,1\n").string()}), 3,
                 "tconv bench: ", {"bad.csv: line 2, column 'K': must be at least 1, found 0; nearest legal value: 1"});
  expect_refusal(run({"bench", "--layers", dir.write("none.csv", columns).string()}), 3,
                 "tconv bench: ", {"none.csv: lists no layer; "});
  for (const std::string seconds : {"0", "-1", "nan", "-inf"}) {
    const CliRun result = run({"bench", "--layers", layers, "--seconds", seconds});
    expect_refusal(result, 2, "tconv bench: ", {"--seconds: must be above 0 and at most 3600, found " + seconds});
    EXPECT_FALSE(contains(result.err, "nearest")) << result.err;
  }
  for (const std::string seconds : {"inf", "3600.5", "1e9"}) {
    expect_refusal(run({"bench", "--layers", layers, "--seconds", seconds}), 2, "tconv bench: ",
                   {"--seconds: must be above 0 and at most 3600, found " + seconds + "; nearest legal value: 3600"});
  }
  for (const std::string seconds : {"soon", "", "1s", "0,5"}) {
    expect_refusal(run({"bench", "--layers", layers, "--seconds", seconds}), 2,
                   "tconv bench: ", {"--seconds: must be a number, found '" + seconds + "'"});
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

TEST_F(BenchCommand, AnInterruptEndsItAndATerminalTellsWhatTakesSoLong) {
  const std::string slow = dir.write("slow.csv", columns + "slow,1,64,64,1,512,512,16,2,0,0,1\n").string();
  const Words words{"bench", "--layers", slow, "--method", "paint"};
  EXPECT_EQ(interrupted(words), 1);
  const std::string seen = seen_on_terminal(words, "1 of 1, slow: ");
  const std::size_t end = seen.find("\rtconv bench: cancelled\r\n");
  ASSERT_NE(end, std::string::npos) << seen;
  EXPECT_TRUE(contains(seen.substr(0, end), " s")) << seen;
  EXPECT_FALSE(contains(seen.substr(end + 1), "slow")) << seen;
  EXPECT_EQ(seen.find("cancelled", end + 20), std::string::npos) << seen;
}

}  // namespace
}  // namespace tconv::test
