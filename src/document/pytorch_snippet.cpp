// The layer in PyTorch, whose rules this program's layers follow.

#include <algorithm>

#include "document/code_snippet.h"
#include "document/python_text.h"
#include "document/pytorch_code.h"

namespace tconv {

std::string pytorch_snippet(const Scenario& scenario) {
  const LayerSpec& layer = scenario.layer;
  LayerSpec even = layer;
  std::vector<CellRange> kept;
  for (AxisSpec& axis : even.spatial()) {
    const std::int64_t common = std::min(axis.padding_begin, axis.padding_end);
    const std::int64_t begin = axis.padding_begin - common;
    kept.push_back({begin, begin + output_size(axis)});
    axis.padding_begin = axis.padding_end = common;
  }
  const std::string slice = python_slice(kept, per_axis(even, output_size));

  std::string text = script_heading(scenario, "PyTorch");
  text += "import numpy as np\nimport torch\nfrom torch import nn\n\n";
  text += script_arrays(scenario);
  const std::string expression = pytorch_code(even);
  text += "\nlayer = " + (expression.size() <= 90 ? expression : pytorch_code(even, 96)) + "\n";
  text += "with torch.no_grad():\n";
  text += "    layer.weight.copy_(torch.from_numpy(w))\n";
  if (layer.bias) text += "    layer.bias.copy_(torch.from_numpy(b))\n";
  text += "    y = layer(torch.from_numpy(x)).numpy()\n";
  if (!slice.empty())
    text += "# PyTorch crops both ends by the same padding: the rest of the longer crop is a slice.\n";
  return text + slice + script_ending(layer);
}

}  // namespace tconv
