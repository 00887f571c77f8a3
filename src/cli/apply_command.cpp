// tconv apply: a layer run on arrays from files.

#include <algorithm>
#include <memory>
#include <optional>

#include "cli/command.h"
#include "cli/layer_flags.h"
#include "cli/names.h"
#include "cli/problem_lines.h"
#include "compute/limits.h"
#include "compute/method.h"
#include "files/file_error.h"
#include "files/image.h"
#include "files/npy.h"

namespace tconv {
namespace {

using std::int64_t;

struct Options {
  LayerFlags flags;
  std::string input;
  std::string weight;
  std::string bias;
  CLI::Option* bias_option = nullptr;
  std::string method = std::string(methods().front().id);
  std::string output;

  bool has_bias() const { return bias_option->count() > 0; }
};

struct Arrays {
  Tensor input;
  Tensor weight;
  Tensor bias;  ///< empty without a bias
};

/// Reads all files before it complains, so that every broken one is named.
Arrays read_arrays(const Options& options) {
  std::vector<std::string> lines;
  const auto read = [&](Tensor (*reader)(const std::filesystem::path&), const std::string& path) {
    try {
      return reader(path);
    } catch (const FileError& error) {
      lines.emplace_back(error.what());
      return Tensor();
    }
  };
  Arrays arrays;
  arrays.input = read(read_array, options.input);
  arrays.weight = read(read_npy, options.weight);
  if (options.has_bias()) arrays.bias = read(read_npy, options.bias);
  if (!lines.empty()) throw CliError(ExitCode::bad_file, std::move(lines));
  return arrays;
}

std::string found_shape(const std::string& path, const Shape& shape) {
  return "shape " + shape.text() + " in " + tconv::quoted(path, 200);
}

/// Ranks from which no layer can be read; the other rules need one.
std::vector<Problem> rank_problems(const Options& options, const Shape& input, const Shape& weight) {
  std::vector<Problem> problems;
  if (input.rank() < 3 || input.rank() > 5) {
    problems.push_back({"input", -1, "must have 3, 4 or 5 axes: N, C_in and 1 to 3 spatial ones",
                        found_shape(options.input, input), std::nullopt});
    if (weight.rank() < 3 || weight.rank() > 5) {
      problems.push_back({"weight", -1, "must have 3, 4 or 5 axes: C_in, C_out/G and 1 to 3 spatial ones",
                          found_shape(options.weight, weight), std::nullopt});
    }
  } else if (weight.rank() != input.rank()) {
    problems.push_back({"weight", -1, "must have as many axes as the input, " + std::to_string(input.rank()),
                        found_shape(options.weight, weight), std::nullopt});
  }
  return problems;
}

/// Where weight and bias do not fit the layer that input and flags make.
std::vector<Problem> shape_problems(const Options& options, const LayerSpec& layer, const Arrays& arrays) {
  std::vector<Problem> problems;
  const Shape& weight = arrays.weight.shape();
  if (weight[0] != layer.in_channels) {
    problems.push_back({"weight", -1, "its first extent must be the input's number of channels",
                        std::to_string(weight[0]) + " (" + found_shape(options.weight, weight) + ")",
                        layer.in_channels});
  }
  if (layer.bias && arrays.bias.shape() != Shape{layer.out_channels}) {
    problems.push_back({"bias", -1,
                        "must have shape (" + std::to_string(layer.out_channels) + "), one per output channel",
                        found_shape(options.bias, arrays.bias.shape()), std::nullopt});
  }
  return problems;
}

/// The layer that arrays of matching ranks and the flags make, legal or not.
LayerSpec layer_of(const Options& options, const Arrays& arrays) {
  const Shape& input = arrays.input.shape();
  const Shape& weight = arrays.weight.shape();
  LayerSpec layer = usual_layer(input.rank() - 2);
  layer.batch = input[0];
  layer.in_channels = input[1];
  for (int axis = 0; axis < layer.dims; ++axis) {
    AxisSpec& spec = layer.axes[static_cast<std::size_t>(axis)];
    spec.input = input[axis + 2];
    spec.kernel = weight[axis + 2];
  }
  layer = options.flags.applied_to(layer);
  // More groups than input channels are illegal whatever the product says, which then may leave 64 bits.
  layer.out_channels = weight[1] * std::clamp<int64_t>(layer.groups, 1, std::max<int64_t>(1, layer.in_channels));
  layer.bias = options.has_bias();
  return layer;
}

void apply(const Options& options) {
  const Method* method = find_method(options.method);
  if (method == nullptr) {
    std::vector<std::string_view> names;
    for (const Method& known : methods()) names.push_back(known.id);
    throw usage_error("--method: there is no method " + tconv::quoted(options.method) + "; known: " + listed(names));
  }
  options.flags.applied_to(usual_layer(options.flags.dims()));  // a slip of the pen is found before files are read
  const Arrays arrays = read_arrays(options);
  require_none(rank_problems(options, arrays.input.shape(), arrays.weight.shape()));
  const LayerSpec layer = layer_of(options, arrays);
  std::vector<Problem> problems = shape_problems(options, layer, arrays);
  const auto rules = validate(layer, current_limits());
  problems.insert(problems.end(), rules.begin(), rules.end());
  require_none(problems);

  const std::optional<Tensor> output = method->run(layer, arrays.input, arrays.weight, arrays.bias, {});
  if (!output) throw CliError(ExitCode::could_not, {"the computation was abandoned"});
  try {
    write_npy(options.output == "-" ? "/dev/stdout" : options.output, *output);
  } catch (const FileError& error) {
    throw CliError(ExitCode::could_not, {error.what()});
  }
}

Action prepare(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  app.add_option("--input", options->input, "array of shape N, C_in and 1 to 3 spatial axes (.npy), or an image")
      ->required()
      ->type_name("FILE");
  app.add_option("--weight", options->weight, "array of shape C_in, C_out/G and as many spatial axes (.npy)")
      ->required()
      ->type_name("FILE");
  options->bias_option = app.add_option("--bias", options->bias, "array of shape C_out (.npy)")->type_name("FILE");
  options->flags.add_axis_fields(app, {}, {"input", "kernel"});
  options->flags.add(app, *find_field("groups"), false);
  std::vector<std::string_view> names;
  for (const Method& method : methods()) names.push_back(method.id);
  app.add_option("--method", options->method, "how to compute it: " + listed(names))->type_name("ID");
  app.add_option("--output", options->output, "the .npy file to write; - for standard output")
      ->required()
      ->type_name("FILE");
  return [options](std::ostream&) { apply(*options); };
}

}  // namespace

Command apply_command() { return {"apply", "run a layer on arrays from .npy files", prepare}; }

}  // namespace tconv
