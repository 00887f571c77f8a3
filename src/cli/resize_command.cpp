// tconv resize: a feature map made larger without weights.

#include <limits>
#include <memory>

#include "cli/command.h"
#include "cli/layer_arrays.h"
#include "cli/method_flag.h"
#include "cli/problem_lines.h"
#include "core/names.h"
#include "core/resize.h"
#include "files/file_error.h"

namespace tconv {
namespace {

using std::int64_t;

struct ResizeOptions {
  std::string factor;
  std::string mode;
  bool align_corners = false;
  std::string input;
  std::string output;
  MethodFlag method;
};

ResizeMode wanted_mode(const std::string& mode) {
  if (mode == "nearest") return ResizeMode::nearest;
  if (mode == "bilinear") return ResizeMode::bilinear;
  throw usage_error("--mode: there is no mode " + tconv::quoted(mode) + "; known: nearest, bilinear");
}

int64_t saturating_product(int64_t a, int64_t b) {
  int64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? std::numeric_limits<int64_t>::max() : product;
}

/// Without the input, which is there already: the output, and where each of its cells reads.
int64_t bytes_needed(const Shape& input, const std::vector<int64_t>& size) {
  int64_t elements = input[0] * input[1];
  int64_t places = 0;
  for (const int64_t cells : size) {
    elements *= cells;
    places += cells;
  }
  return elements * 4 + places * static_cast<int64_t>(sizeof(ResizePlace));
}

void resize_array(const ResizeOptions& options) {
  const int64_t factor = parse_number("--factor", options.factor);
  const ResizeMode mode = wanted_mode(options.mode);
  if (factor < 1) require_none({{"factor", -1, "must be at least 1", std::to_string(factor), 1}});
  if (options.align_corners && mode == ResizeMode::nearest) {
    throw usage_error("--align-corners: only with --mode bilinear; nearest has no corners to align");
  }
  options.method.check();
  ArrayReader reader;
  const Tensor input = reader.image_or_npy(options.input);
  reader.require_all_read();
  std::vector<int64_t> size;
  for (int axis = 2; axis < input.shape().rank(); ++axis) {
    size.push_back(saturating_product(input.shape()[axis], factor));
  }
  require_none(validate_resize(input.shape(), size, mode, options.align_corners));
  require_memory("the output", bytes_needed(input.shape(), size));
  write_array(options.output, options.method.compute([&] { return resize(input, size, mode, options.align_corners); },
                                                     [&](Backend& device) {
                                                       return device.resize(input, size, mode, options.align_corners);
                                                     }));
}

Action prepare_resize(CLI::App& app, const std::vector<Device>& devices) {
  const auto options = std::make_shared<ResizeOptions>();
  app.add_option("--factor", options->factor, "how much larger each spatial axis becomes (at least 1)")
      ->required()
      ->type_name("N");
  app.add_option("--mode", options->mode, "nearest, or bilinear (linear along each axis, also in 1D and 3D)")
      ->required()
      ->type_name("ID");
  app.add_flag("--align-corners", options->align_corners,
               "bilinear: the first and last cells' centres stay where they are; without it the cells' edges do");
  app.add_option("--input", options->input, "array of shape N, C and 1 to 3 spatial axes (.npy), or an image")
      ->required()
      ->type_name("FILE");
  app.add_option("--output", options->output, "the .npy file to write; - for standard output")
      ->required()
      ->type_name("FILE");
  options->method.add(app, devices);
  return [options](std::ostream&) { resize_array(*options); };
}

}  // namespace

Command resize_command(const std::vector<Device>& devices) {
  return {"resize", "enlarge by nearest neighbour or linear interpolation",
          [devices](CLI::App& app) { return prepare_resize(app, devices); }};
}

}  // namespace tconv
