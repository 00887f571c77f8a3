// tconv bench: how long layers take, as CSV.

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <memory>
#include <optional>
#include <ostream>

#include "cli/command.h"
#include "cli/interrupt.h"
#include "cli/layer_arrays.h"
#include "cli/layer_flags.h"
#include "cli/waiting_line.h"
#include "compute/cpu_backend.h"
#include "compute/layer_bench.h"
#include "compute/layer_table.h"
#include "core/names.h"
#include "files/embedded.h"
#include "files/file_error.h"

namespace tconv {
namespace {

constexpr std::string_view built_in = "bench/layers.csv";
constexpr std::string_view cpu = "cpu";
constexpr std::string_view fast = "fast";
constexpr double most_seconds = 3600;

struct BenchOptions {
  std::string layers;
  std::string only;
  std::string threads = "1";
  std::string seconds = "0.5";
  std::string device = std::string(cpu);
  std::string method = std::string(fast);
  std::string engine;
  bool explain = false;
  // Also an empty word is one that somebody wrote.
  CLI::Option* layers_option = nullptr;
  CLI::Option* only_option = nullptr;
  CLI::Option* threads_option = nullptr;
  CLI::Option* engine_option = nullptr;
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
  const std::int64_t most_threads = cpu_threads();
  std::vector<int> counts;
  for (const std::int64_t count : parse_numbers("--threads", options.threads)) {
    if (count < 1 || count > most_threads) {
      throw usage_error("--threads: must be 1 to " + std::to_string(most_threads) +
                        ", as many as this machine runs, found " + std::to_string(count) +
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

double seconds_of(const BenchOptions& options) {
  const std::string& text = options.seconds;
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) {
    throw usage_error("--seconds: must be a number, found " + tconv::quoted(text));
  }
  if (seconds > 0 && seconds <= most_seconds) return seconds;
  const std::string most = std::to_string(std::lround(most_seconds));
  throw usage_error("--seconds: must be above 0 and at most " + most + ", found " + text +
                    (seconds > most_seconds ? "; nearest legal value: " + most : ""));
}

Means means_of(const BenchOptions& options, const std::vector<Device>& devices) {
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
  const bool fast_on_cpu = options.device == cpu && options.method == fast;
  if (options.engine_option->count() > 0) {
    if (std::ranges::find(engines, options.engine) == engines.end()) {
      refuse_name("--engine", "engine", options.engine, engines);
    }
    if (!fast_on_cpu) throw usage_error("--engine: is for --method fast on the CPU only");
  }
  if (options.threads_option->count() > 0 && !fast_on_cpu) {
    throw usage_error("--threads: is for --method fast on the CPU only");
  }
  if (options.device != cpu) {
    if (options.method != fast)
      throw usage_error("--method: other devices than the CPU have " + std::string(fast) + " only");
    means.backends.push_back({1, device->open()});
  } else if (options.method != fast) {
    means.plain = &*plain;
  } else {
    for (const int count : thread_counts(options))
      means.backends.push_back({count, cpu_backend(count, options.engine)});
  }
  return means;
}

std::vector<NamedLayer> wanted_layers(const BenchOptions& options) {
  const bool own = options.layers_option->count() > 0;
  if (own && options.layers.empty()) throw usage_error("--layers: must name a file, or be - for standard input");
  if (options.only_option->count() > 0 && options.only.empty()) {
    throw usage_error("--only: must be some letters of a layer's name");
  }
  // What does not fit memory is no mistake of the list: see require_memory_of.
  std::vector<NamedLayer> layers =
      own ? read_layer_table(options.layers) : parse_layer_table(embedded_file(built_in).value(), built_in);
  if (layers.empty()) {
    throw FileError(options.layers == "-" ? "standard input" : options.layers, "lists no layer",
                    "a layer is a line below the columns' names");
  }
  std::vector<std::string_view> names;
  for (const NamedLayer& each : layers) names.push_back(each.name);
  std::string wanted = options.only;
  bool any_case = false;
  const auto unwanted = [&](const NamedLayer& each) {
    return (any_case ? lower_case(each.name) : each.name).find(wanted) == std::string::npos;
  };
  if (std::ranges::all_of(layers, unwanted)) {
    any_case = true;
    wanted = lower_case(wanted);
  }
  if (std::ranges::all_of(layers, unwanted)) {
    throw usage_error("--only: no layer has " + tconv::quoted(options.only) + " in its name; " +
                      suggestion(options.only, names));
  }
  std::erase_if(layers, unwanted);
  return layers;
}

std::string row_of(const NamedLayer& layer, const LayerBench::Way& way, double operations) {
  const double rate = operations / way.timing.median * 1e-9;
  const int decimals = rate < 1 ? 6 : 2;  // of a few products in a millisecond it would be 0.00
  char numbers[160];
  std::snprintf(numbers, sizeof numbers, ",%d,%.4f,%.4f,%lld,%.*f,%.4f\n", way.threads, way.timing.median * 1e3,
                way.timing.least * 1e3, static_cast<long long>(way.timing.repetitions), decimals, rate,
                way.prepared * 1e3);
  return layer.name + "," + way.device + "," + way.method + numbers;
}

/// Throws CliError where a layer and all that computes it are more than is free.
void require_memory_of(const LayerSpec& layer, const Means& means, const BenchOptions& options) {
  if (means.plain != nullptr) return require_memory_for(*means.plain, layer, LayerBench::bytes_beside(layer));
  std::int64_t bytes = memory_needed(layer);
  if (options.device == cpu) {
    const std::int64_t each = find_method(fast)->extra_bytes(layer);
    for (std::size_t i = 0; i < means.backends.size() && bytes <= INT64_MAX - each; ++i) bytes += each;
  }
  require_memory("it", bytes);
}

/// One layer's rows. Throws Cancelled, CliError, BackendError, std::bad_alloc.
void bench_layer(const NamedLayer& layer, const Means& means, const BenchOptions& options, const Progress& progress,
                 WaitingLine& waiting, std::ostream& out) {
  require_memory_of(layer.layer, means, options);
  LayerBench bench(layer.layer);
  for (const Means::Opened& opened : means.backends) bench.add(*opened.backend, opened.threads);
  if (means.plain != nullptr) bench.add(*means.plain);
  if (options.explain) {  // the number of threads changes nothing about it
    waiting.hide();
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
  if (!bench.run({.seconds = seconds_of(options)}, keep_going)) throw Cancelled();
  waiting.hide();
  for (const LayerBench::Way& way : bench.ways()) out << row_of(layer, way, bench.operations());
  out.flush();
}

void run_bench(const BenchOptions& options, const std::vector<Device>& devices, std::ostream& out) {
  seconds_of(options);
  const Means means = means_of(options, devices);
  const std::vector<NamedLayer> layers = wanted_layers(options);
  const Progress progress = command_progress();
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
  WaitingLine waiting;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    waiting.wait_for(std::to_string(i + 1) + " of " + std::to_string(layers.size()) + ", " + layers[i].name);
    try {
      bench_layer(layers[i], means, options, progress, waiting, out);
    } catch (const Cancelled& cancelled) {
      lines.emplace_back(cancelled.what());
      break;
    } catch (const CliError& error) {
      lines.push_back(layers[i].name + ": " + error.what());
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
  options->layers_option =
      app.add_option("--layers", options->layers,
                     "a CSV list of layers, name,N,Cin,Cout,groups,Hin,Win,K,S,P,OP,D; - for standard input (default: "
                     "a built-in list)")
          ->type_name("FILE");
  options->only_option =
      app.add_option("--only", options->only,
                     "only layers with this in their names, in whatever case where none has it as it is written")
          ->type_name("TEXT");
  options->threads_option = app.add_option("--threads", options->threads,
                                           "numbers of threads to try, of --method fast on the CPU (default 1)")
                                ->type_name("LIST");
  app.add_option("--seconds", options->seconds, "time for each layer and number of threads (default 0.5)")
      ->type_name("NUMBER");
  std::vector<std::string_view> names{cpu};
  for (const Device& device : devices) names.push_back(device.id);
  app.add_option("--device", options->device, "what computes: " + listed(names))->type_name("ID");
  app.add_option("--method", options->method, "how: " + listed(timed_methods()))->type_name("ID");
  options->engine_option =
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
