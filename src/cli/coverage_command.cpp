// tconv coverage: how many stamps reach each output cell, axis by axis and as a map.

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/command.h"
#include "cli/layer_arrays.h"
#include "cli/layer_flags.h"
#include "cli/names.h"
#include "cli/problem_lines.h"
#include "compute/limits.h"
#include "core/coverage.h"
#include "figure/color_map.h"
#include "files/atomic_file.h"
#include "files/file_error.h"
#include "files/npy.h"
#include "files/png_writer.h"

namespace tconv {
namespace {

using Json = nlohmann::ordered_json;
using std::int64_t;

struct Options {
  LayerFlags flags;
  std::string dims;
  CLI::Option* dims_option = nullptr;
  bool json = false;
  std::string output;

  bool has_dims() const { return dims_option->count() > 0; }
};

constexpr int64_t usual_input = 8;

/// The layer whose axes are listed, and the one whose map is drawn: one number per flag and no --dims is an axis like
/// every other, and its map has two.
struct Layers {
  LayerSpec listed{};
  LayerSpec drawn{};
};

Layers layers_of(const Options& options) {
  int dims = options.flags.dims();
  if (options.has_dims()) {
    const int64_t wanted = parse_number("--dims", options.dims);
    if (wanted < 1 || wanted > 3) {
      require_none({{"--dims", -1, "must be 1, 2 or 3", std::to_string(wanted), std::clamp<int64_t>(wanted, 1, 3)}});
    }
    if (dims > 1 && dims != wanted) {
      throw usage_error("--dims: must be " + std::to_string(dims) + ", the length of the lists, found " +
                        std::to_string(wanted));
    }
    dims = static_cast<int>(wanted);
  }
  const auto layer_with = [&](int axes) {
    LayerSpec layer = usual_layer(axes);
    for (AxisSpec& axis : layer.spatial()) axis.input = usual_input;
    return options.flags.applied_to(layer);
  };
  return {layer_with(dims), layer_with(dims == 1 && !options.has_dims() ? 2 : dims)};
}

Json as_json(const LayerSpec& layer) {
  Json json{{"even", is_even(layer)}, {"axes", Json::array()}};
  for (const AxisSpec& axis : layer.spatial()) {
    json["axes"].push_back({{"kernel", axis.kernel},
                            {"stride", axis.stride},
                            {"dilation", axis.dilation},
                            {"phase_counts", phase_counts(axis)},
                            {"even", is_even(axis)},
                            {"variance", phase_variance(axis)},
                            {"gap", gap(axis)}});
  }
  return json;
}

/// "1, 1, 2, 1"; the middle of a long list is left out.
std::string as_list(const std::vector<int64_t>& numbers) {
  constexpr std::size_t most = 40;
  std::string text;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (numbers.size() > most && i == most / 2) {
      text += ", …";
      i = numbers.size() - most / 2;
    }
    text += (text.empty() ? "" : ", ") + std::to_string(numbers[i]);
  }
  return text;
}

void write_text(std::ostream& out, const LayerSpec& layer) {
  const auto n = [](int64_t value) { return std::to_string(value); };
  for (int i = 0; i < layer.dims; ++i) {
    const AxisSpec& axis = layer.axes[static_cast<std::size_t>(i)];
    const CountRule rule = count_rule(axis);
    if (layer.dims > 1) out << "axis " << i << "\n";
    const std::string phases = rule.reached == axis.stride ? "S" : "S/gcd(S,D)";
    out << "K = q*" << phases << " + r: " << axis.kernel << " = " << rule.q << "*" << rule.reached << " + " << rule.r
        << "\n";
    if (rule.r > 0) out << "  " << rule.r << " of " << axis.stride << " phases are hit " << rule.q + 1 << " times\n";
    out << "  " << rule.reached - rule.r << " of " << axis.stride << " phases are hit " << rule.q << " times\n";
    if (rule.reached < axis.stride) {
      out << "  " << axis.stride - rule.reached << " of " << axis.stride
          << " phases are never hit: stride and dilation share the factor " << axis.stride / rule.reached << "\n";
    }
    out << "phase counts: " << as_list(phase_counts(axis)) << "\n"
        << "variance: " << Json(phase_variance(axis)).dump() << "\n";
    if (gap(axis) > 0) out << "gap: " << n(gap(axis)) << " untouched cells between two stamps\n";
    out << "counts along " << n(axis.input) << " inputs: " << as_list(axis_coverage(axis)) << "\n"
        << "even: " << (is_even(axis) ? "yes" : "no") << "\n";
  }
}

/// Rows of a map: its last axis; all others follow each other.
struct Rows {
  int64_t count;
  int64_t length;
};

Rows rows_of(const Tensor& map) {
  const int64_t length = map.shape()[map.shape().rank() - 1];
  return {map.size() / length, length};
}

std::string csv_of(const Tensor& map) {
  const Rows rows = rows_of(map);
  std::string text;
  for (int64_t row = 0; row < rows.count; ++row) {
    for (int64_t i = 0; i < rows.length; ++i) {
      if (i > 0) text += ',';
      text += std::to_string(static_cast<int64_t>(map[row * rows.length + i]));
    }
    text += '\n';
  }
  return text;
}

/// A heat map of square blocks, so many pixels a cell that a small map is no stamp; 3D slices stand one below another.
std::string png_of(const Tensor& map) {
  constexpr int64_t wanted_pixels = 512;
  constexpr int64_t largest_side = 32768;
  const Rows rows = rows_of(map);
  if (std::max(rows.count, rows.length) > largest_side) {
    throw CliError(ExitCode::could_not,
                   {"--output: a PNG has at most " + std::to_string(largest_side) + " cells on a side here, found " +
                    std::to_string(rows.count) + " × " + std::to_string(rows.length) + "; .npy has no such limit"});
  }
  const int64_t block = std::max<int64_t>(1, wanted_pixels / std::max(rows.count, rows.length));
  const ValueRange range = finite_range(map.values());
  const ColorMap& colors = *find_color_map("viridis");
  const double most = std::max(1.0, range.high);
  std::vector<std::uint8_t> pixels;
  pixels.reserve(static_cast<std::size_t>(map.size() * block * block * 3));
  std::vector<std::uint8_t> line;
  for (int64_t row = 0; row < rows.count; ++row) {
    line.clear();
    for (int64_t i = 0; i < rows.length; ++i) {
      const Color color = colors.at(static_cast<double>(map[row * rows.length + i]) / most);
      for (int64_t k = 0; k < block; ++k) line.insert(line.end(), {color.r, color.g, color.b});
    }
    for (int64_t k = 0; k < block; ++k) pixels.insert(pixels.end(), line.begin(), line.end());
  }
  return png_bytes(static_cast<int>(rows.length * block), static_cast<int>(rows.count * block), pixels,
                   {.channels = 3, .dpi = {}});
}

void write_map(const std::string& path, const LayerSpec& layer) {
  std::string extension = std::filesystem::path(path).extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (extension != ".png" && extension != ".csv" && extension != ".npy") {
    throw usage_error("--output: no format has the extension of " + tconv::quoted(path, 200) +
                      "; known: .png, .csv, .npy");
  }
  int64_t cells = 1;
  for (const AxisSpec& axis : layer.spatial()) cells *= output_size(axis);
  constexpr int64_t bytes_a_cell = 16;  // the map, and the file as it is put together
  require_memory("--output", cells * bytes_a_cell);
  const Tensor map = coverage_map(layer);
  const std::string bytes = extension == ".png" ? png_of(map) : extension == ".csv" ? csv_of(map) : npy_bytes(map);
  try {
    write_file_atomically(path, bytes);
  } catch (const FileError& error) {
    throw CliError(ExitCode::could_not, {error.what()});
  }
}

Action prepare(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  options->flags.add_axis_fields(app, {"kernel", "stride"}, {});
  options->dims_option =
      app.add_option("--dims", options->dims, "axes: 1, 2 or 3 (default: as many as the lists have; of a map 2)")
          ->type_name("N");
  app.add_flag("--json", options->json, "one line of JSON: even, and per axis phase_counts, even, variance and gap");
  app.add_option("--output", options->output, "also write the map of counts: .png, .csv or .npy")->type_name("FILE");
  return [options](std::ostream& out) {
    const Layers layers = layers_of(*options);
    require_none(validate(layers.listed, current_limits()));
    require_none(validate(layers.drawn, current_limits()));
    if (!options->output.empty()) write_map(options->output, layers.drawn);
    if (options->json) {
      out << as_json(layers.listed).dump() << "\n";
    } else {
      write_text(out, layers.listed);
    }
  };
}

}  // namespace

Command coverage_command() {
  return {"coverage", "how many stamps reach each output cell, and whether that is even", prepare};
}

}  // namespace tconv
