#include "cli/layer_arrays.h"

#include <algorithm>

#include "cli/command.h"
#include "compute/limits.h"
#include "core/names.h"
#include "files/file_error.h"
#include "files/image.h"
#include "files/npy.h"

namespace tconv {
namespace {

Tensor read_or_note(Tensor (*reader)(const std::filesystem::path&), const std::string& path,
                    std::vector<std::string>& lines) {
  try {
    return reader(path);
  } catch (const FileError& error) {
    lines.emplace_back(error.what());
    return {};
  }
}

}  // namespace

Tensor ArrayReader::image_or_npy(const std::string& path) { return read_or_note(read_array, path, lines_); }
Tensor ArrayReader::npy(const std::string& path) { return read_or_note(read_npy, path, lines_); }

void ArrayReader::require_all_read() const {
  if (!lines_.empty()) throw CliError(ExitCode::bad_file, lines_);
}

std::string found_shape(const std::string& path, const Shape& shape) {
  return "shape " + shape.text() + " in " + tconv::quoted(path, 200);
}

std::vector<Problem> rank_problems(const std::string& input_path, const Shape& input, const std::string& weight_path,
                                   const Shape& weight) {
  std::vector<Problem> problems;
  if (input.rank() < 3 || input.rank() > 5) {
    problems.push_back({"input", -1, "must have 3, 4 or 5 axes: N, C_in and 1 to 3 spatial ones",
                        found_shape(input_path, input), std::nullopt});
    if (weight.rank() < 3 || weight.rank() > 5) {
      problems.push_back({"weight", -1, "must have 3, 4 or 5 axes: C_in, C_out/G and 1 to 3 spatial ones",
                          found_shape(weight_path, weight), std::nullopt});
    }
  } else if (weight.rank() != input.rank()) {
    problems.push_back({"weight", -1, "must have as many axes as the input, " + std::to_string(input.rank()),
                        found_shape(weight_path, weight), std::nullopt});
  }
  return problems;
}

LayerSpec layer_of_arrays(const LayerFlags& flags, const Shape& input, const Shape& weight) {
  LayerSpec layer = usual_layer(input.rank() - 2);
  layer.batch = input[0];
  layer.in_channels = input[1];
  for (int axis = 0; axis < layer.dims; ++axis) {
    AxisSpec& spec = layer.axes[static_cast<std::size_t>(axis)];
    spec.input = input[axis + 2];
    spec.kernel = weight[axis + 2];
  }
  layer = flags.applied_to(layer);
  // More groups than input channels are illegal whatever the product says, which then may leave 64 bits.
  layer.out_channels =
      weight[1] * std::clamp<std::int64_t>(layer.groups, 1, std::max<std::int64_t>(1, layer.in_channels));
  return layer;
}

std::vector<Problem> weight_problems(const LayerSpec& layer, const std::string& path, const Shape& weight) {
  if (weight[0] == layer.in_channels) return {};
  return {{"weight", -1, "its first extent must be the input's number of channels",
           std::to_string(weight[0]) + " (" + found_shape(path, weight) + ")", layer.in_channels}};
}

void add_array_layer_flags(LayerFlags& flags, CLI::App& app) {
  flags.add_axis_fields(app, {}, {"input", "kernel"});
  flags.add(app, *find_field("groups"), false);
}

std::string in_mib(std::int64_t bytes) {
  constexpr std::int64_t mib = std::int64_t{1} << 20;
  return std::to_string(bytes / mib + (bytes % mib > 0 ? 1 : 0)) + " MiB";
}

void require_memory(const std::string& what, std::int64_t bytes, const std::string& mend) {
  const std::int64_t free = current_limits().memory_bytes;
  if (bytes <= free) return;
  throw CliError(ExitCode::could_not, {what + " needs " + in_mib(bytes) + ", free are " + in_mib(free) + mend});
}

void require_memory_for(const Method& method, const LayerSpec& layer, std::int64_t beside) {
  const std::string name = "--method " + std::string(method.id);
  const std::int64_t needed = bytes_needed(method, layer);
  const std::int64_t painting = memory_needed(layer);
  if (needed == INT64_MAX) {
    throw CliError(ExitCode::could_not,
                   {name + " cannot hold this layer: it has room for 2^31 - 1 products of one pair of channels; "
                           "--method paint has no such limit"});
  }
  const auto and_beside = [&](std::int64_t bytes) { return bytes > INT64_MAX - beside ? INT64_MAX : bytes + beside; };
  require_memory(name, and_beside(needed),
                 needed == painting ? "" : "; --method paint needs " + in_mib(and_beside(painting)));
}

void write_array(const std::string& path, const Tensor& array) {
  try {
    write_npy(path == "-" ? "/dev/stdout" : path, array);
  } catch (const FileError& error) {
    throw CliError(ExitCode::could_not, {error.what()});
  }
}

}  // namespace tconv
