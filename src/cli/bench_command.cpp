// tconv bench: how long layers take, as CSV.

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>
#include <ostream>

#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/layer_flags.h"
#include "core/names.h"
#include "compute/cpu_backend.h"
#include "compute/layer_bench.h"
#include "compute/layer_table.h"
#include "compute/limits.h"
#include "files/embedded.h"
#include "files/file_error.h"

namespace tconv {
namespace {

constexpr std::string_view built_in = "bench/layers.csv";
constexpr std::string_view cpu = "cpu";
constexpr std::string_view fast = "fast";
constexpr std::int64_t most_threads = 1024;

struct BenchOptions {
  std::string layers;
  std::string only;
  std::string threads = "1";
  double seconds = 0.5;
  std::string device = std::string(cpu);
  std::string method = std::string(fast);
  std::string engine;
  bool explain = false;
};

/// What computes the layers: backends, one for each number of threads, or a plain way.
struct Means {
  struct Opened {
    int threads;
    std::unique_ptr<Backend> backend;
  };
  std::vector<Opened> backends;
  const Method* plain = nullptr;
};

std::vector<int> thread_counts(const BenchOptions& options) {
  std::vector<int> counts;
  for (const std::int64_t count : parse_numbers("--threads", options.threads)) {
    if (count < 1 || count > most_threads) {
      throw usage_error("--threads: must be 1 to " + std::to_string(most_threads) + ", found " + std::to_string(count) +
                        "; nearest legal value: " + std::to_string(std::clamp<std::int64_t>(count, 1, most_threads)));
    }
    if (std::ranges::find(counts, count) != counts.end()) {
      throw usage_error("--threads: " + std::to_string(count) + " is named twice");
    }
    counts.push_back(static_cast<int>(count));
  }
  return counts;
}

[[noreturn]] void refuse_name(const char* flag, const char* kind, const std::string& name,
                              const std::vector<std::string_view>& known) {
  throw usage_error(std::string(flag) + ": there is no " + kind + " " + tconv::quoted(name) + "; " +
                    suggestion(name, known));
}

std::vector<std::string_view> timed_methods() {
  std::vector<std::string_view> names{fast};
  for (const Method& method : plain_methods()) names.push_back(method.id);
  return names;
}

Means means_of(const BenchOptions& options, const std::vector<Device>& devices) {
  const auto counts = thread_counts(options);
  Means means;
  const auto device = std::ranges::find(devices, options.device, &Device::id);
  if (options.device != cpu && device == devices.end()) {
    std::vector<std::string_view> known{cpu};
    for (const Device& each : devices) known.push_back(each.id);
    refuse_name("--device", "device", options.device, known);
  }
  const auto plain = std::ranges::find(plain_methods(), options.method, &Method::id);
  if (options.method != fast && plain == plain_methods().end()) {
    refuse_name("--method", "method", options.method, timed_methods());
  }
  const auto engines = cpu_engines();
  if (!options.engine.empty()) {
    if (std::ranges::find(engines, options.engine) == engines.end()) {
      refuse_name("--engine", "engine", options.engine, engines);
    }
    if (options.device != cpu || options.method != fast) {
      throw usage_error("--engine: is for --method fast on the CPU only");
    }
  }
  if (options.device != cpu) {
    if (options.method != fast)
      throw usage_error("--method: other devices than the CPU have " + std::string(fast) + " only");
    means.backends.push_back({1, device->open()});
  } else if (options.method != fast) {
    means.plain = &*plain;
  } else {
    for (const int count : counts) means.backends.push_back({count, cpu_backend(count, options.engine)});
  }
  return means;
}

std::vector<NamedLayer> wanted_layers(const BenchOptions& options) {
  std::vector<NamedLayer> layers = options.layers.empty()
                                       ? parse_layer_table(embedded_file(built_in).value(), built_in, current_limits())
                                       : read_layer_table(options.layers, current_limits());
  if (layers.empty()) throw FileError(options.layers, "lists no layer", "a layer is a line below the columns' names");
  std::vector<std::string_view> names;
  for (const NamedLayer& each : layers) names.push_back(each.name);
  const auto unwanted = [&](const NamedLayer& each) { return each.name.find(options.only) == std::string::npos; };
  if (std::ranges::all_of(layers, unwanted)) {
    throw usage_error("--only: no layer has " + tconv::quoted(options.only) + " in its name; " +
                      suggestion(options.only, names));
  }
  std::erase_if(layers, unwanted);
  return layers;
}

std::string row_of(const NamedLayer& layer, const LayerBench::Way& way, double operations) {
  char numbers[160];
  std::snprintf(numbers, sizeof numbers, ",%d,%.4f,%.4f,%lld,%.2f,%.4f\n", way.threads, way.timing.median * 1e3,
                way.timing.least * 1e3, static_cast<long long>(way.timing.repetitions),
                operations / way.timing.median * 1e-9, way.prepared * 1e3);
  return layer.name + "," + way.device + "," + way.method + numbers;
}

/// One layer's rows. Throws Cancelled, BackendError, std::bad_alloc.
void bench_layer(const NamedLayer& layer, const Means& means, const BenchOptions& options, const Progress& progress,
                 std::ostream& out) {
  LayerBench bench(layer.layer);
  for (const Means::Opened& opened : means.backends) bench.add(*opened.backend, opened.threads);
  if (means.plain != nullptr) bench.add(*means.plain);
  if (options.explain) {  // the number of threads changes nothing about it
    for (const std::string& line : bench.ways().front().explanation) out << "# " << layer.name << ": " << line << "\n";
    out.flush();
  }
  const auto keep_going = [&] {
    try {
      progress.check();
      return true;
    } catch (const Cancelled&) {
      return false;
    }
  };
  if (!bench.run({.seconds = options.seconds}, keep_going)) throw Cancelled();
  for (const LayerBench::Way& way : bench.ways()) out << row_of(layer, way, bench.operations());
  out.flush();
}

void run_bench(const BenchOptions& options, const std::vector<Device>& devices, std::ostream& out) {
  if (!(options.seconds > 0 && options.seconds <= 3600)) {
    throw usage_error("--seconds: must be above 0 and at most 3600");
  }
  const Means means = means_of(options, devices);
  const std::vector<NamedLayer> layers = wanted_layers(options);
  const Progress progress = command_progress();
  const bool rows_are_seen = ::isatty(STDOUT_FILENO) != 0;  // then they tell how far it is
  out << "layer,device,method,threads,median_ms,min_ms,repetitions,gflops,prepare_ms\n";
  if (options.explain) {
    for (const Means::Opened& opened : means.backends) {
      const std::string name = "# " + std::string(opened.backend->id()) + ": ";
      out << name << opened.backend->description() << "\n";
      const double bandwidth = opened.backend->copy_bandwidth();
      if (bandwidth > 0) out << name << "copying moves " << std::lround(bandwidth * 1e-9) << " GB/s\n";
    }
  }
  // One layer that a device cannot compute does not keep the others from being timed; there is a line for each.
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (!rows_are_seen) progress.at(static_cast<double>(i) / static_cast<double>(layers.size()));
    try {
      bench_layer(layers[i], means, options, progress, out);
    } catch (const BackendError& error) {
      lines.push_back(layers[i].name + ": " + error.what());
    } catch (const std::bad_alloc&) {
      lines.push_back(layers[i].name + ": not enough memory");
    }
  }
  if (!lines.empty()) throw CliError(ExitCode::could_not, std::move(lines));
}

Action prepare_bench(CLI::App& app, const std::vector<Device>& devices) {
  const auto options = std::make_shared<BenchOptions>();
  app.add_option("--layers", options->layers,
                 "a CSV list of layers, name,N,Cin,Cout,groups,Hin,Win,K,S,P,OP,D (default: a built-in list)")
      ->type_name("FILE");
  app.add_option("--only", options->only, "only layers with this in their names")->type_name("TEXT");
  app.add_option("--threads", options->threads, "numbers of threads to try, of --method fast on the CPU (default 1)")
      ->type_name("LIST");
  app.add_option("--seconds", options->seconds, "time for each layer and number of threads (default 0.5)")
      ->type_name("NUMBER");
  std::vector<std::string_view> names{cpu};
  for (const Device& device : devices) names.push_back(device.id);
  app.add_option("--device", options->device, "what computes: " + listed(names))->type_name("ID");
  app.add_option("--method", options->method, "how: " + listed(timed_methods()))->type_name("ID");
  app.add_option("--engine", options->engine,
                 "which of the fast kernels: " + listed(cpu_engines()) + " (default: what the planner chooses)")
      ->type_name("ID");
  app.add_flag("--explain", options->explain, "say which path each layer takes and why, in lines that begin with #");
  return [options, devices](std::ostream& out) { run_bench(*options, devices, out); };
}

}  // namespace

Command bench_command(const std::vector<Device>& devices) {
  return {"bench", "time layers, as CSV", [devices](CLI::App& app) { return prepare_bench(app, devices); }};
}

}  // namespace tconv
