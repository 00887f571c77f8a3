// The layer as an ONNX node. Its paddings have a begin and an end, as this program's have, so that no slice is needed.

#include <algorithm>

#include "document/code_snippet.h"
#include "document/python_text.h"

namespace tconv {
namespace {

using std::int64_t;

/// What of output_padding the reference evaluator takes; it refuses S or more, which the rules allow where D > S.
int64_t accepted_output_padding(const AxisSpec& axis) { return axis.output_padding % axis.stride; }
/// Zero cells behind the input, each of which makes S cells of output, for the rest.
int64_t cells_for_output_padding(const AxisSpec& axis) { return axis.output_padding / axis.stride; }

std::string node_lines(const LayerSpec& layer) {
  std::vector<int64_t> pads = per_axis(layer, [](const AxisSpec& a) { return a.padding_begin; });
  for (const AxisSpec& axis : layer.spatial()) pads.push_back(axis.padding_end);
  const auto list = [&](auto get) { return python_list(per_axis(layer, get)); };
  std::string text = "# No output_shape: it would override pads, and auto_pad would say which end is cropped more.\n";
  text += "node = helper.make_node(\n";
  text += std::string("    \"ConvTranspose\", [\"x\", \"w\"") + (layer.bias ? ", \"b\"" : "") + "], [\"y\"],\n";
  text += "    kernel_shape=" + list([](const AxisSpec& a) { return a.kernel; }) + ",\n";
  text += "    strides=" + list([](const AxisSpec& a) { return a.stride; }) + ",\n";
  text += "    pads=" + python_list(pads) + ",  # all begins, then all ends\n";
  text += "    output_padding=" + list(accepted_output_padding) + ",  # at the end\n";
  text += "    dilations=" + list([](const AxisSpec& a) { return a.dilation; }) + ",\n";
  return text + "    group=1)\n";
}

constexpr const char* evaluator_function = R"(

def run(**arrays):
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, a.shape) for name, a in arrays.items()]
    output = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    graph = helper.make_graph([node], "layer", inputs, [output])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)])
    return ReferenceEvaluator(model).run(None, arrays)[0]


)";

}  // namespace

std::string onnx_snippet(const Scenario& scenario) {
  const LayerSpec& layer = scenario.layer;
  std::string text = script_heading(scenario, "ONNX");
  text += "import numpy as np\nfrom onnx import TensorProto, helper\nfrom onnx.reference import ReferenceEvaluator\n\n";
  text += script_arrays(scenario) + "\n";
  const bool pads =
      std::ranges::any_of(layer.spatial(), [](const AxisSpec& a) { return cells_for_output_padding(a) > 0; });
  if (pads) {
    text += "# The ReferenceEvaluator refuses output_padding >= stride: zero cells behind the input make that room.\n" +
            python_zero_cells(per_axis(layer, cells_for_output_padding));
  }
  if (layer.groups > 1) {
    text += "# For a runtime this is one node with group=" + std::to_string(layer.groups) +
            ". onnx's own ReferenceEvaluator mixes up the channels of several\n"
            "# groups, therefore the node here is that of a single group and runs once for each.\n";
  }
  text += node_lines(layer);
  text += evaluator_function;
  const std::string input = pads ? "x_padded" : "x";
  if (layer.groups == 1) {
    text += "y = run(x=" + input + (layer.bias ? ", w=w, b=b)\n" : ", w=w)\n");
  } else {
    const std::string groups = std::to_string(layer.groups);
    text += "groups = zip(np.split(" + input + ", " + groups + ", axis=1), np.split(w, " + groups + ")" +
            (layer.bias ? ", np.split(b, " + groups + ")" : "") + ")\n";
    text += layer.bias ? "y = np.concatenate([run(x=x_g, w=w_g, b=b_g) for x_g, w_g, b_g in groups], axis=1)\n"
                       : "y = np.concatenate([run(x=x_g, w=w_g) for x_g, w_g in groups], axis=1)\n";
  }
  return text + script_ending(layer);
}

}  // namespace tconv
