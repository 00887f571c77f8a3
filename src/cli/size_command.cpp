// tconv size: the output size of a layer, the sizes it could have and the forward inputs that it could undo.

#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>

#include "cli/command.h"
#include "cli/layer_flags.h"
#include "cli/problem_lines.h"
#include "core/sizes.h"

namespace tconv {
namespace {

using Json = nlohmann::ordered_json;
using std::int64_t;

Json size_list(const SizeRange& range) {
  Json list = Json::array();
  for (int64_t size = range.first; size <= range.last; ++size) list.push_back(size);
  return list;
}

Json sizes_json(const LayerSpec& layer) {
  Json json{{"output", Json::array()}, {"legal_outputs", Json::array()}, {"forward_inputs", Json::array()}};
  for (const AxisSpec& axis : layer.spatial()) {
    json["output"].push_back(output_size(axis));
    json["legal_outputs"].push_back(size_list(legal_outputs(axis)));
    json["forward_inputs"].push_back(size_list(forward_inputs(axis)));
  }
  return json;
}

/// "7, 8"; long ranges as "7 to 30".
std::string as_text(const SizeRange& range) {
  constexpr int64_t most_listed = 8;
  if (range.last < range.first) return "none";
  if (range.last - range.first >= most_listed) {
    return std::to_string(range.first) + " to " + std::to_string(range.last);
  }
  std::string text;
  for (int64_t size = range.first; size <= range.last; ++size)
    text += (text.empty() ? "" : ", ") + std::to_string(size);
  return text;
}

std::string formula(const AxisSpec& a) {
  const auto n = [](int64_t value) { return std::to_string(value); };
  const bool even = a.padding_begin == a.padding_end;
  const std::string crop_letters = even ? "2*P" : "P_begin - P_end";
  const std::string crop = even ? "2*" + n(a.padding_begin) : n(a.padding_begin) + " - " + n(a.padding_end);
  return "(I-1)*S - " + crop_letters + " + D*(K-1) + OP + 1 = (" + n(a.input) + "-1)*" + n(a.stride) + " - " + crop +
         " + " + n(a.dilation) + "*(" + n(a.kernel) + "-1) + " + n(a.output_padding) + " + 1 = " + n(output_size(a));
}

void write_sizes(std::ostream& out, const LayerSpec& layer) {
  for (int i = 0; i < layer.dims; ++i) {
    const AxisSpec& axis = layer.axes[static_cast<std::size_t>(i)];
    const std::string input = std::to_string(axis.input);
    if (layer.dims > 1) out << "axis " << i << "\n";
    out << "output: " << output_size(axis) << "\n"
        << "  " << formula(axis) << "\n"
        << "legal outputs: " << as_text(legal_outputs(axis)) << "\n"
        << "forward inputs that a convolution takes to " << input << ": " << as_text(forward_inputs(axis)) << "\n"
        << "output padding: " << output_padding_reason(axis) << "\n";
  }
}

Action prepare_size(CLI::App& app) {
  struct Options {
    LayerFlags flags;
    bool json = false;
  };
  const auto options = std::make_shared<Options>();
  options->flags.add_axis_fields(app, {"input", "kernel"}, {});
  app.add_flag("--json", options->json, "one line of JSON: output, legal_outputs and forward_inputs, per axis");
  return [options](std::ostream& out) {
    const LayerSpec layer = options->flags.applied_to(usual_layer(options->flags.dims()));
    require_none(validate(layer));
    if (options->json) {
      out << sizes_json(layer).dump() << "\n";
    } else {
      write_sizes(out, layer);
    }
  };
}

}  // namespace

Command size_command() {
  return {"size", "the output size of a layer, and the sizes that it could have", prepare_size};
}

}  // namespace tconv
