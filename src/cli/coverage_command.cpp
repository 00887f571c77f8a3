// tconv coverage: how many stamps reach each output cell, axis by axis and as a map.

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/color_flags.h"
#include "cli/command.h"
#include "cli/data_output.h"
#include "cli/interrupt.h"
#include "cli/layer_arrays.h"
#include "cli/layer_flags.h"
#include "cli/method_flag.h"
#include "cli/problem_lines.h"
#include "core/coverage.h"
#include "document/pytorch_code.h"
#include "figure/color_scale.h"
#include "files/extension.h"
#include "files/png_writer.h"
#include "views/view_arrays.h"

namespace tconv {
namespace {

using Json = nlohmann::ordered_json;
using std::int64_t;

struct CoverageOptions {
  LayerFlags flags;
  std::string dims;
  CLI::Option* dims_option = nullptr;
  bool json = false;
  DataOutput output;
  ColorFlags colors;
  MethodFlag method;

  bool has_dims() const { return dims_option->count() > 0; }
};

constexpr int64_t usual_input = 8;

/// The layer whose axes are listed, and the one whose map is drawn: one number per flag and no --dims is an axis like
/// every other, and its map has two.
struct Layers {
  LayerSpec listed{};
  LayerSpec drawn{};
};

Layers layers_of(const CoverageOptions& options) {
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

Json coverage_json(const LayerSpec& layer) {
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
std::string count_list(const std::vector<int64_t>& numbers) {
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

void write_coverage(std::ostream& out, const LayerSpec& layer) {
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
    out << "phase counts: " << count_list(phase_counts(axis)) << "\n"
        << "variance: " << Json(phase_variance(axis)).dump() << "\n";
    if (gap(axis) > 0) out << "gap: " << n(gap(axis)) << " untouched cells between two stamps\n";
    out << "counts along " << n(axis.input) << " inputs: " << count_list(axis_coverage(axis)) << "\n"
        << "even: " << (is_even(axis) ? "yes" : "no") << "\n";
  }
}

/// Of counts from 0 up, as in the Overlap view.
ColorScale coverage_scale(const Tensor& map, const Presentation& presentation) {
  return {*find_color_map(presentation.color_map), presentation.colors, {.parts = {map.values()}, .counts = true}};
}

/// A heat map of square blocks, so many pixels a cell that a small map is no stamp; 3D slices stand one below another.
void write_heat_map(const Tensor& map, const Presentation& presentation, const ByteSink& sink,
                    const Progress& progress) {
  constexpr int64_t wanted_pixels = 512;
  constexpr int64_t largest_side = 32768;
  const int64_t length = map.shape()[map.shape().rank() - 1];
  const int64_t count = map.size() / length;
  if (std::max(count, length) > largest_side) {
    throw CliError(ExitCode::could_not,
                   {"--output: a PNG has at most " + std::to_string(largest_side) + " cells on a side here, found " +
                    std::to_string(count) + " × " + std::to_string(length) + "; .npy has no such limit"});
  }
  const int64_t block = std::max<int64_t>(1, wanted_pixels / std::max(count, length));
  const ColorScale scale = coverage_scale(map, presentation);
  const auto table = scale.table();
  std::vector<std::int32_t> entries(static_cast<std::size_t>(length));
  PngStream png(static_cast<int>(length * block), static_cast<int>(count * block), {.channels = 3, .dpi = {}}, sink);
  std::vector<std::uint8_t> line(png.row_bytes());
  for (int64_t row = 0; row < count; ++row) {
    progress.at(static_cast<double>(row) / static_cast<double>(count));
    std::uint8_t* to = line.data();
    scale.entries(map.values().data() + row * length, entries.size(), false, entries.data());
    for (const std::int32_t entry : entries) {
      const Color color = table[static_cast<std::size_t>(entry)];
      for (int64_t k = 0; k < block; ++k) {
        *to++ = color.r;
        *to++ = color.g;
        *to++ = color.b;
      }
    }
    for (int64_t k = 0; k < block; ++k) png.rows(line);
  }
  png.finish();
}

/// A .png is a heat map unless raw values were asked for.
bool wants_heat_map(const DataOutput& output) {
  return !output.chosen_by_name() && lower_extension(output.path()) == ".png";
}

void write_map(const CoverageOptions& options, const LayerSpec& layer, const Presentation& presentation) {
  const DataOutput& output = options.output;
  int64_t cells = 1;
  for (const AxisSpec& axis : layer.spatial()) cells *= output_size(axis);
  require_memory("--output", cells * static_cast<int64_t>(sizeof(float)));
  const Progress progress = command_progress();
  require_coverage_memory(layer);
  const auto counted = [&] {
    return options.method.compute([&] { return *coverage_map(layer, going_on(progress)); },
                                  [&](Backend& device) { return device.coverage_map(layer); });
  };
  if (wants_heat_map(output)) {
    const Tensor map = counted();
    output.write([&](const ByteSink& sink) { write_heat_map(map, presentation, sink, progress); });
    return;
  }
  NamedArray map = hits_array(layer, counted());
  map.name = "coverage";
  output.write({std::move(map)}, {.view = "Overlap", .words = {pytorch_code(layer)}, .embedded = {}}, progress);
}

/// Throws CliError unless the layer is legal and there is memory for its axes' counts; nothing is computed with it.
void require_countable(const LayerSpec& layer) {
  require_none(validate(layer));
  int64_t numbers = 0;
  for (const AxisSpec& axis : layer.spatial()) numbers += output_size(axis) + axis.stride + axis.kernel;
  require_memory("counting", 4 * static_cast<int64_t>(sizeof(int64_t)) * numbers);
}

Action prepare_coverage(CLI::App& app, const std::vector<Device>& devices) {
  const auto options = std::make_shared<CoverageOptions>();
  options->flags.add_axis_fields(app, {"kernel", "stride"}, {});
  options->dims_option =
      app.add_option("--dims", options->dims, "axes: 1, 2 or 3 (default: as many as the lists have; of a map 2)")
          ->type_name("N");
  app.add_flag("--json", options->json, "one line of JSON: even, and per axis phase_counts, even, variance and gap");
  options->output.add(app, "also write the map of counts: .png (colours), .csv, .tsv, .npy or .npz");
  options->colors.add(app);
  options->method.add(app, devices);
  return [options](std::ostream& out) {
    const Layers layers = layers_of(*options);
    options->method.check();
    if (!options->method.is_cpu() && !options->output.given()) {
      throw usage_error("--method: is for the map of counts, --output names its file");
    }
    require_countable(layers.listed);
    require_countable(layers.drawn);
    if (options->output.given() && !wants_heat_map(options->output)) options->output.format();
    Document document;
    options->colors.apply(document);
    if (options->output.given()) write_map(*options, layers.drawn, document.presentation);
    if (options->json) {
      out << coverage_json(layers.listed).dump() << "\n";
    } else {
      write_coverage(out, layers.listed);
    }
  };
}

}  // namespace

Command coverage_command(const std::vector<Device>& devices) {
  return {"coverage", "how many stamps reach each output cell, and whether that is even",
          [devices](CLI::App& app) { return prepare_coverage(app, devices); }};
}

}  // namespace tconv
