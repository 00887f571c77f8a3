// tconv apply: a layer run on arrays from files.

#include <algorithm>
#include <memory>
#include <optional>

#include "cli/command.h"
#include "cli/layer_arrays.h"
#include "cli/problem_lines.h"
#include "compute/limits.h"
#include "compute/method.h"
#include "core/names.h"
#include "files/file_error.h"

namespace tconv {
namespace {

using std::int64_t;

struct ApplyOptions {
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

Arrays read_arrays(const ApplyOptions& options) {
  ArrayReader reader;
  Arrays arrays;
  arrays.input = reader.image_or_npy(options.input);
  arrays.weight = reader.npy(options.weight);
  if (options.has_bias()) arrays.bias = reader.npy(options.bias);
  reader.require_all_read();
  return arrays;
}

std::vector<Problem> bias_problems(const ApplyOptions& options, const LayerSpec& layer, const Tensor& bias) {
  if (!layer.bias || bias.shape() == Shape{layer.out_channels}) return {};
  return {{"bias", -1, "must have shape (" + std::to_string(layer.out_channels) + "), one per output channel",
           found_shape(options.bias, bias.shape()), std::nullopt}};
}

/// The CPU's methods and the devices.
std::vector<std::string_view> methods_and_devices(const std::vector<Device>& devices) {
  std::vector<std::string_view> names;
  for (const Method& method : methods()) names.push_back(method.id);
  for (const Device& device : devices) names.push_back(device.id);
  return names;
}

/// Throws CliError (could not) where the device is not there or cannot do this layer.
Tensor output_of(const Device& device, const LayerSpec& layer, const Arrays& arrays) {
  const Shape shape = output_shape(layer);
  std::vector<float> output(static_cast<std::size_t>(shape.elements()));
  try {
    const auto backend = device.open();
    backend->prepare(layer, arrays.weight, arrays.bias)->run(arrays.input.data(), output.data());
  } catch (const BackendError& error) {
    throw CliError(ExitCode::could_not, {"--method " + std::string(device.id) + ": " + error.what() +
                                         "; --method fast computes on the CPU"});
  }
  return Tensor(shape, std::move(output));
}

Tensor output_of(const Method& method, const LayerSpec& layer, const Arrays& arrays) {
  require_memory_for(method, layer);
  const std::optional<Tensor> output = method.run(layer, arrays.input, arrays.weight, arrays.bias, {});
  if (!output) throw CliError(ExitCode::could_not, {"the computation was abandoned"});
  return *output;
}

void run_apply(const ApplyOptions& options, const std::vector<Device>& devices) {
  const Method* method = find_method(options.method);
  const auto device = std::ranges::find(devices, options.method, &Device::id);
  if (method == nullptr && device == devices.end()) {
    throw usage_error("--method: there is no method " + tconv::quoted(options.method) +
                      "; known: " + listed(methods_and_devices(devices)));
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

  write_array(options.output,
              method != nullptr ? output_of(*method, layer, arrays) : output_of(*device, layer, arrays));
}

Action prepare_apply(CLI::App& app, const std::vector<Device>& devices) {
  const auto options = std::make_shared<ApplyOptions>();
  app.add_option("--input", options->input, "array of shape N, C_in and 1 to 3 spatial axes (.npy), or an image")
      ->required()
      ->type_name("FILE");
  app.add_option("--weight", options->weight, "array of shape C_in, C_out/G and as many spatial axes (.npy)")
      ->required()
      ->type_name("FILE");
  options->bias_option = app.add_option("--bias", options->bias, "array of shape C_out (.npy)")->type_name("FILE");
  add_array_layer_flags(options->flags, app);
  app.add_option("--method", options->method, "how to compute it: " + listed(methods_and_devices(devices)))
      ->type_name("ID");
  app.add_option("--output", options->output, "the .npy file to write; - for standard output")
      ->required()
      ->type_name("FILE");
  return [options, devices](std::ostream&) { run_apply(*options, devices); };
}

}  // namespace

Command apply_command(const std::vector<Device>& devices) {
  return {"apply", "run a layer on arrays from .npy files",
          [devices](CLI::App& app) { return prepare_apply(app, devices); }};
}

}  // namespace tconv
