// The layer as an ONNX node. Its paddings have a begin and an end, as this program's have, so that no slice is needed.

#include "document/code_snippet.h"
#include "document/python_text.h"

namespace tconv {
namespace {

using std::int64_t;

std::string node_lines(const LayerSpec& layer, int64_t group) {
  std::vector<int64_t> pads = per_axis(layer, [](const AxisSpec& a) { return a.padding_begin; });
  for (const AxisSpec& axis : layer.spatial()) pads.push_back(axis.padding_end);
  const auto list = [&](auto get) { return python_list(per_axis(layer, get)); };
  std::string text = "# No output_shape: it would override pads, and auto_pad would say which end is cropped more.\n";
  text += "node = helper.make_node(\n";
  text += std::string("    \"ConvTranspose\", [\"x\", \"w\"") + (layer.bias ? ", \"b\"" : "") + "], [\"y\"],\n";
  text += "    kernel_shape=" + list([](const AxisSpec& a) { return a.kernel; }) + ",\n";
  text += "    strides=" + list([](const AxisSpec& a) { return a.stride; }) + ",\n";
  text += "    pads=" + python_list(pads) + ",  # all begins, then all ends\n";
  text += "    output_padding=" + list([](const AxisSpec& a) { return a.output_padding; }) + ",  # at the end\n";
  text += "    dilations=" + list([](const AxisSpec& a) { return a.dilation; }) + ",\n";
  return text + "    group=" + std::to_string(group) + ")\n";
}

}  // namespace

std::string onnx_snippet(const Scenario& scenario) {
  const LayerSpec& layer = scenario.layer;
  const std::string names = layer.bias ? "x, w, b" : "x, w";
  std::string text = script_heading(scenario, "ONNX");
  text += "import numpy as np\nfrom onnx import TensorProto, helper\nfrom onnx.reference import ReferenceEvaluator\n\n";
  text += script_arrays(scenario) + "\n";
  if (layer.groups > 1) {
    text += "# For a runtime this is one node with group=" + std::to_string(layer.groups) +
            ". onnx's own ReferenceEvaluator mixes up the channels of several\n"
            "# groups, therefore the node here is that of a single group and runs once for each.\n";
  }
  text += node_lines(layer, 1);
  text += "\n\ndef run(**arrays):\n";
  text +=
      "    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, a.shape) for name, a in "
      "arrays.items()]\n";
  text += "    output = helper.make_tensor_value_info(\"y\", TensorProto.FLOAT, None)\n";
  text += "    graph = helper.make_graph([node], \"layer\", inputs, [output])\n";
  text += "    model = helper.make_model(graph, opset_imports=[helper.make_opsetid(\"\", 11)])\n";
  text += "    return ReferenceEvaluator(model).run(None, arrays)[0]\n\n\n";
  if (layer.groups == 1) {
    text += layer.bias ? "y = run(x=x, w=w, b=b)\n" : "y = run(x=x, w=w)\n";
  } else {
    const std::string groups = std::to_string(layer.groups);
    text += "groups = zip(np.split(x, " + groups + ", axis=1), np.split(w, " + groups + ")" +
            (layer.bias ? ", np.split(b, " + groups + ")" : "") + ")\n";
    text += std::string("y = np.concatenate([run(") + (layer.bias ? "x=x, w=w, b=b" : "x=x, w=w") + ") for " + names +
            " in groups], axis=1)\n";
  }
  return text + script_ending(layer);
}

}  // namespace tconv
