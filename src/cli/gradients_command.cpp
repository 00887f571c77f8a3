// tconv gradients: the backward pass of a layer on arrays from files.

#include <memory>

#include "cli/command.h"
#include "cli/layer_arrays.h"
#include "cli/problem_lines.h"
#include "compute/limits.h"
#include "core/gradients.h"

namespace tconv {
namespace {

struct Options {
  LayerFlags flags;
  std::string input, weight, grad_output;
  std::string grad_input, grad_weight, grad_bias;  ///< files to write; empty: not wanted
};

std::vector<Problem> grad_output_problems(const Options& options, const LayerSpec& layer, const Tensor& grad_output) {
  const Shape needed = output_shape(layer);
  if (grad_output.shape() == needed) return {};
  return {{"grad-output", -1, "must have the shape of the layer's output, " + needed.text(),
           found_shape(options.grad_output, grad_output.shape()), std::nullopt}};
}

void require_wanted(const Options& options) {
  int wanted = 0;
  int to_stdout = 0;
  for (const std::string* path : {&options.grad_input, &options.grad_weight, &options.grad_bias}) {
    wanted += !path->empty();
    to_stdout += *path == "-";
  }
  if (wanted == 0) throw usage_error("name a file for at least one of --grad-input, --grad-weight and --grad-bias");
  if (to_stdout > 1) throw usage_error("only one array can go to standard output (-)");
}

void run(const Options& options) {
  require_wanted(options);
  options.flags.applied_to(usual_layer(options.flags.dims()));  // a slip of the pen is found before files are read
  ArrayReader reader;
  const Tensor input = reader.image_or_npy(options.input);
  const Tensor weight = reader.npy(options.weight);
  const Tensor grad_output = reader.npy(options.grad_output);
  reader.require_all_read();
  require_none(rank_problems(options.input, input.shape(), options.weight, weight.shape()));
  const LayerSpec layer = layer_of_arrays(options.flags, input.shape(), weight.shape());
  std::vector<Problem> problems = weight_problems(layer, options.weight, weight.shape());
  const auto rules = validate(layer, current_limits());
  problems.insert(problems.end(), rules.begin(), rules.end());
  require_none(problems);
  require_none(grad_output_problems(options, layer, grad_output));

  if (!options.grad_input.empty()) write_array(options.grad_input, *convolve(layer, grad_output, weight, {}));
  if (!options.grad_weight.empty()) write_array(options.grad_weight, *weight_gradient(layer, input, grad_output, {}));
  if (!options.grad_bias.empty()) write_array(options.grad_bias, bias_gradient(layer, grad_output));
}

Action prepare(CLI::App& app) {
  const auto options = std::make_shared<Options>();
  const auto file = [&](const char* flag, std::string& path, const char* help) {
    return app.add_option(flag, path, help)->type_name("FILE");
  };
  file("--input", options->input, "array of shape N, C_in and 1 to 3 spatial axes (.npy), or an image")->required();
  file("--weight", options->weight, "array of shape C_in, C_out/G and as many spatial axes (.npy)")->required();
  file("--grad-output", options->grad_output, "gradient of the loss by the output, of its shape (.npy)")->required();
  add_array_layer_flags(options->flags, app);
  file("--grad-input", options->grad_input, "write the gradient by the input here (.npy); - for standard output");
  file("--grad-weight", options->grad_weight, "write the gradient by the weight here (.npy)");
  file("--grad-bias", options->grad_bias, "write the gradient by the bias here (.npy)");
  return [options](std::ostream&) { run(*options); };
}

}  // namespace

Command gradients_command() { return {"gradients", "the backward pass of a layer on arrays from .npy files", prepare}; }

}  // namespace tconv
