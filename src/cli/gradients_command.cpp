// tconv gradients: the backward pass of a layer on arrays from files.

#include <algorithm>
#include <filesystem>
#include <memory>

#include "cli/command.h"
#include "cli/layer_arrays.h"
#include "cli/problem_lines.h"
#include "compute/gradient_method.h"
#include "compute/limits.h"
#include "core/names.h"
#include "files/file_error.h"

namespace tconv {
namespace {

struct Output {
  std::string path;
  CLI::Option* option = nullptr;
  Tensor array = {};

  bool wanted() const { return option->count() > 0; }
  std::string flag() const { return option->get_name(); }
};

struct GradientsOptions {
  LayerFlags flags;
  std::string input, weight, grad_output;
  std::string method = std::string(gradient_methods().front().id);
  Output grad_input, grad_weight, grad_bias;
};

std::vector<Problem> grad_output_problems(const GradientsOptions& options, const LayerSpec& layer,
                                          const Tensor& grad_output) {
  const Shape needed = output_shape(layer);
  if (grad_output.shape() == needed) return {};
  return {{"grad-output", -1, "must have the shape of the layer's output, " + needed.text(),
           found_shape(options.grad_output, grad_output.shape()), std::nullopt}};
}

/// Two names of one file, also through links, are one.
std::filesystem::path place_of(const std::string& path) {
  std::error_code error;
  const std::filesystem::path file = path == "-" ? "/dev/stdout" : path;
  const auto place = std::filesystem::weakly_canonical(std::filesystem::absolute(file, error), error);
  return error ? file : place;
}

void require_wanted(const GradientsOptions& options) {
  std::vector<const Output*> wanted;
  for (const Output* output : {&options.grad_input, &options.grad_weight, &options.grad_bias}) {
    if (!output->wanted()) continue;
    if (output->path.empty()) throw usage_error(output->flag() + ": the file name is empty");
    wanted.push_back(output);
  }
  if (wanted.empty()) throw usage_error("name a file for at least one of --grad-input, --grad-weight and --grad-bias");
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const std::string flags = wanted[j]->flag() + " and " + wanted[i]->flag();
      if (place_of(wanted[i]->path) == place_of(wanted[j]->path)) {
        if (wanted[i]->path == "-" || wanted[j]->path == "-") {
          throw usage_error(flags + ": only one array can go to standard output (-)");
        }
        throw usage_error(flags + ": name the same file, " + tconv::quoted(wanted[i]->path, 200) +
                          "; each needs one of its own");
      }
    }
  }
}

std::vector<std::string_view> gradient_method_names() {
  std::vector<std::string_view> names;
  for (const GradientMethod& method : gradient_methods()) names.push_back(method.id);
  return names;
}

const GradientMethod& wanted_method(const GradientsOptions& options) {
  const auto method = std::ranges::find(gradient_methods(), options.method, &GradientMethod::id);
  if (method != gradient_methods().end()) return *method;
  throw usage_error("--method: there is no method " + tconv::quoted(options.method) + "; " +
                    suggestion(options.method, gradient_method_names()));
}

/// Beside what painting holds: gradients of the shapes of input and weight, and the fast kernels' copy of the weight;
/// float64 sums of one input plane.
std::int64_t bytes_of_gradients(const LayerSpec& layer, const Tensor& input, const Tensor& weight) {
  const std::int64_t more =
      4 * (input.size() + 2 * weight.size()) + 8 * input.size() / (layer.batch * layer.in_channels);
  const std::int64_t painting = memory_needed(layer);
  return more > INT64_MAX - painting ? INT64_MAX : painting + more;
}

/// One that cannot be written does not keep the others from being written; there is a line for each.
void write_all(const GradientsOptions& options) {
  std::vector<std::string> lines;
  for (const Output* output : {&options.grad_input, &options.grad_weight, &options.grad_bias}) {
    if (!output->wanted()) continue;
    try {
      write_array(output->path, output->array);
    } catch (const CliError& error) {
      for (const std::string& line : error.lines()) lines.push_back(output->flag() + ": " + line);
    }
  }
  if (!lines.empty()) throw CliError(ExitCode::could_not, std::move(lines));
}

void run_gradients(GradientsOptions& options) {
  require_wanted(options);
  const GradientMethod& method = wanted_method(options);
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

  require_memory("tconv gradients", bytes_of_gradients(layer, input, weight));
  // All are computed before the first is written.
  if (options.grad_input.wanted()) options.grad_input.array = *method.input(layer, grad_output, weight, {});
  if (options.grad_weight.wanted()) options.grad_weight.array = *method.weight(layer, input, grad_output, {});
  if (options.grad_bias.wanted()) options.grad_bias.array = bias_gradient(layer, grad_output);
  write_all(options);
}

Action prepare_gradients(CLI::App& app) {
  const auto options = std::make_shared<GradientsOptions>();
  const auto file = [&](const char* flag, std::string& path, const char* help) {
    return app.add_option(flag, path, help)->type_name("FILE");
  };
  file("--input", options->input, "array of shape N, C_in and 1 to 3 spatial axes (.npy), or an image")->required();
  file("--weight", options->weight, "array of shape C_in, C_out/G and as many spatial axes (.npy)")->required();
  file("--grad-output", options->grad_output, "gradient of the loss by the output, of its shape (.npy)")->required();
  add_array_layer_flags(options->flags, app);
  app.add_option("--method", options->method, "how to compute it: " + listed(gradient_method_names()))->type_name("ID");
  const auto output = [&](const char* flag, Output& to, const char* of) { to.option = file(flag, to.path, of); };
  output("--grad-input", options->grad_input, "write the gradient by the input here (.npy); - for standard output");
  output("--grad-weight", options->grad_weight, "write the gradient by the weight here (.npy), likewise");
  output("--grad-bias", options->grad_bias, "write the gradient by the bias here (.npy), likewise");
  return [options](std::ostream&) { run_gradients(*options); };
}

}  // namespace

Command gradients_command() {
  return {"gradients", "the backward pass of a layer on arrays from .npy files", prepare_gradients};
}

}  // namespace tconv
