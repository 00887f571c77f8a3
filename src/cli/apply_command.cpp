// tconv apply: a layer run on arrays from files.

#include <memory>
#include <optional>

#include "cli/command.h"
#include "cli/layer_arrays.h"
#include "cli/names.h"
#include "cli/problem_lines.h"
#include "compute/limits.h"
#include "compute/method.h"
#include "files/file_error.h"

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

Arrays read_arrays(const Options& options) {
  ArrayReader reader;
  Arrays arrays;
  arrays.input = reader.image_or_npy(options.input);
  arrays.weight = reader.npy(options.weight);
  if (options.has_bias()) arrays.bias = reader.npy(options.bias);
  reader.require_all_read();
  return arrays;
}

std::vector<Problem> bias_problems(const Options& options, const LayerSpec& layer, const Tensor& bias) {
  if (!layer.bias || bias.shape() == Shape{layer.out_channels}) return {};
  return {{"bias", -1, "must have shape (" + std::to_string(layer.out_channels) + "), one per output channel",
           found_shape(options.bias, bias.shape()), std::nullopt}};
}

/// Some ways hold more than painting does.
void require_memory(const Method& method, const LayerSpec& layer) {
  const int64_t needed = method.extra_bytes(layer);
  const int64_t free = current_limits().memory_bytes;
  if (needed <= free) return;
  throw CliError(ExitCode::could_not, {"--method " + std::string(method.id) + " needs " + std::to_string(needed >> 20) +
                                       " MiB more than painting does, free are " + std::to_string(free >> 20) +
                                       " MiB; --method paint needs least"});
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
  require_none(rank_problems(options.input, arrays.input.shape(), options.weight, arrays.weight.shape()));
  LayerSpec layer = layer_of_arrays(options.flags, arrays.input.shape(), arrays.weight.shape());
  layer.bias = options.has_bias();
  std::vector<Problem> problems = weight_problems(layer, options.weight, arrays.weight.shape());
  const auto of_bias = bias_problems(options, layer, arrays.bias);
  problems.insert(problems.end(), of_bias.begin(), of_bias.end());
  const auto rules = validate(layer, current_limits());
  problems.insert(problems.end(), rules.begin(), rules.end());
  require_none(problems);

  require_memory(*method, layer);
  const std::optional<Tensor> output = method->run(layer, arrays.input, arrays.weight, arrays.bias, {});
  if (!output) throw CliError(ExitCode::could_not, {"the computation was abandoned"});
  write_array(options.output, *output);
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
  add_array_layer_flags(options->flags, app);
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
