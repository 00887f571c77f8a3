// tconv shuffle: channels to places and back.

#include <memory>

#include "cli/command.h"
#include "cli/layer_arrays.h"
#include "cli/method_flag.h"
#include "cli/problem_lines.h"
#include "core/names.h"
#include "core/pixel_shuffle.h"
#include "files/file_error.h"

namespace tconv {
namespace {

struct ShuffleOptions {
  std::string factor;
  bool inverse = false;
  std::string order = "crd";
  std::string input;
  std::string output;
  MethodFlag method;
};

ChannelOrder wanted_order(const std::string& order) {
  if (order == "crd") return ChannelOrder::crd;
  if (order == "dcr") return ChannelOrder::dcr;
  throw usage_error("--order: there is no order " + tconv::quoted(order) + "; known: crd, dcr");
}

void shuffle(const ShuffleOptions& options) {
  const std::int64_t factor = parse_number("--factor", options.factor);
  const ChannelOrder order = wanted_order(options.order);
  options.method.check();
  ArrayReader reader;
  const Tensor input = reader.image_or_npy(options.input);
  reader.require_all_read();
  require_none(validate_shuffle(input.shape(), factor, options.inverse));
  require_memory("the output", input.size() * 4);
  const auto on_cpu = [&] {
    return options.inverse ? pixel_unshuffle(input, factor, order) : pixel_shuffle(input, factor, order);
  };
  const auto on_device = [&](Backend& device) {
    return options.inverse ? device.pixel_unshuffle(input, factor, order) : device.pixel_shuffle(input, factor, order);
  };
  write_array(options.output, options.method.compute(on_cpu, on_device));
}

Action prepare_shuffle(CLI::App& app, const std::vector<Device>& devices) {
  const auto options = std::make_shared<ShuffleOptions>();
  app.add_option("--factor", options->factor, "how much larger each spatial axis becomes (at least 1)")
      ->required()
      ->type_name("N");
  app.add_flag("--inverse", options->inverse, "from places to channels: each spatial axis becomes smaller");
  app.add_option(
         "--order", options->order,
         "crd: a super-pixel's channels lie side by side (PyTorch); dcr: they lie C channels apart (TensorFlow, "
         "ONNX unless told otherwise); default crd")
      ->type_name("ID");
  app.add_option("--input", options->input,
                 "array of shape N, C and 1 to 3 spatial axes (.npy), or an image; C is a multiple of factor to the "
                 "power of the number of spatial axes")
      ->required()
      ->type_name("FILE");
  app.add_option("--output", options->output, "the .npy file to write; - for standard output")
      ->required()
      ->type_name("FILE");
  options->method.add(app, devices);
  return [options](std::ostream&) { shuffle(*options); };
}

}  // namespace

Command shuffle_command(const std::vector<Device>& devices) {
  return {"shuffle", "pixel shuffle: channels to places, or back",
          [devices](CLI::App& app) { return prepare_shuffle(app, devices); }};
}

}  // namespace tconv
