// Our kernels beside their peers, oneDNN and XNNPACK, in one process and in turn. Prints CSV, one row for each layer,
// method and number of threads; with --table also a table in Markdown at the end.
//
//   build/release/bench/peers_bench --threads 1,2 --seconds 0.5 --table tests/bench/layers.csv
//   build/release/bench/peers_bench --only dcgan --engines direct,tiles     # single engines, too
//   build/release/bench/peers_bench --direction dw                          # the gradients
//
// Everybody's result is held against sums in float64. The runtimes' idle threads spin for some milliseconds: each gets
// the cores for itself, after a pause, several times, so that what else goes on hits all alike.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <thread>

#include "compute/timing.h"
#include "peers/contender.h"
#include "peers/report.h"

namespace tconv::bench {
namespace {

constexpr auto settling = std::chrono::milliseconds(80);
constexpr double seconds_a_round = 0.1;
constexpr double least_rounds = 4;
constexpr double most_rounds = 12;
constexpr std::int64_t times_a_round = 2;
constexpr double wrong = 1e-3;  // of the result's rms: no rounding, but another layer

struct Options {
  std::string layers = "tests/bench/layers.csv";
  std::vector<int> threads{1, 2};
  double seconds = 0.5;
  std::string only;
  std::vector<std::string> methods;
  std::vector<std::string> engines;
  Direction direction = Direction::forward;
  bool table = false;
};

bool wanted(const Contender& contender, const std::vector<std::string>& methods) {
  return methods.empty() ||
         std::ranges::any_of(methods, [&](const std::string& method) { return contender.method.starts_with(method); });
}

std::vector<Contender> contenders_of(const Case& of, const Options& options, Arrays& arrays) {
  std::vector<Contender> all;
  for (const int threads : options.threads) {
    for (auto& some : {our_contenders(of, options.direction, threads, options.engines, arrays),
                       onednn_contenders(of, options.direction, threads, arrays),
                       xnnpack_contenders(of, options.direction, threads, arrays)}) {
      std::ranges::copy_if(some, std::back_inserter(all),
                           [&](const Contender& one) { return wanted(one, options.methods); });
    }
  }
  return all;
}

std::vector<Row> time_all(const Case& of, const Options& options) {
  Arrays arrays;
  const std::vector<Contender> contenders = contenders_of(of, options, arrays);
  const auto result = arrays.get("checked", of.result_shape(options.direction).elements());
  std::vector<Row> rows;
  std::vector<TimedCall> calls;
  for (const Contender& contender : contenders) {
    std::ranges::fill(result->span(), NAN);
    if (!contender.run()) throw std::runtime_error(of.name + ", " + contender.method + ": failed");
    contender.fetch(result->data());
    rows.push_back({.layer = of.name,
                    .method = contender.method,
                    .how = contender.how,
                    .plain = contender.plain,
                    .threads = contender.threads,
                    .timing = {},
                    .operations = of.operations(),
                    .error = error_of(of, options.direction, result->data())});
    if (!(rows.back().error.largest < wrong)) {
      std::cerr << of.name << ", " << contender.method << ", threads " << contender.threads << ": wrong by "
                << rows.back().error.largest << " of the rms\n";
    }
    calls.emplace_back(contender.run);
  }
  const double rounds = std::clamp(std::round(options.seconds / seconds_a_round), least_rounds, most_rounds);
  for (int round = 0; round < static_cast<int>(rounds); ++round) {
    for (const Runtime runtime : {Runtime::tbb, Runtime::openmp, Runtime::pthreadpool}) {
      std::vector<TimedCall*> together;
      for (std::size_t i = 0; i < calls.size(); ++i) {
        if (contenders[i].runtime == runtime) together.push_back(&calls[i]);
      }
      if (together.empty()) continue;
      std::this_thread::sleep_for(settling);
      time_in_turn(std::span<TimedCall* const>(together), {options.seconds / rounds, times_a_round});
    }
  }
  for (std::size_t i = 0; i < calls.size(); ++i) rows[i].timing = calls[i].timing();
  return rows;
}

void run(const Options& options) {
  std::vector<NamedLayer> layers = read_layer_table(options.layers);
  std::erase_if(layers, [&](const NamedLayer& layer) { return layer.name.find(options.only) == std::string::npos; });
  std::map<int, MachineLimits> limits;
  const auto measure_limits = [&] {
    if (!options.table) return;
    for (const int threads : options.threads) {
      limits[threads] = best_of(limits[threads], machine_limits(Team(threads)));
    }
  };
  measure_limits();
  std::cout << csv_header << "\n";
  std::vector<Row> rows;
  for (const NamedLayer& layer : layers) {
    for (Row& row : time_all(Case(layer), options)) {
      print_csv(std::cout, row);
      rows.push_back(std::move(row));
    }
    std::cout.flush();
  }
  if (!options.table) return;
  measure_limits();
  std::cout << "\n";
  for (const auto& [threads, limit] : limits) {
    std::printf("%d thread%s: %.0f GFLOP/s, read %.1f GB/s, write %.1f, copy %.1f, read from cache %.0f\n", threads,
                threads == 1 ? "" : "s", 2e-9 * limit.multiply_adds, 1e-9 * limit.read, 1e-9 * limit.write,
                1e-9 * limit.copy, 1e-9 * limit.cached);
  }
  std::cout << "\n";
  print_table(std::cout, layers, options.direction, rows, limits);
}

}  // namespace
}  // namespace tconv::bench

int main(int argc, char** argv) {
  using tconv::bench::Direction;
  tconv::bench::Options options;
  CLI::App app("Our kernels beside their peers: CSV to standard output", "peers_bench");
  app.add_option("layers", options.layers, "the list of layers (compute/layer_table.h)")->capture_default_str();
  app.add_option("--threads", options.threads, "numbers of threads")->delimiter(',')->capture_default_str();
  app.add_option("--seconds", options.seconds, "for each method")->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--only", options.only, "layers whose name has this in it");
  app.add_option("--methods", options.methods, "methods whose names begin so: fast, onednn, xnnpack")->delimiter(',');
  app.add_option("--engines", options.engines, "engines to time by themselves, too, as fast:<id>")->delimiter(',');
  const std::map<std::string, Direction> directions{
      {"forward", Direction::forward}, {"dx", Direction::dx}, {"dw", Direction::dw}};
  app.add_option("--direction", options.direction, "forward, or the gradients dx and dw")
      ->transform(CLI::CheckedTransformer(directions));
  app.add_flag("--table", options.table, "a table in Markdown at the end");
  CLI11_PARSE(app, argc, argv);
  try {
    tconv::bench::run(options);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "peers_bench: %s\n", error.what());
    return 1;
  }
  return 0;
}
