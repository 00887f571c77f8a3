#include "document/python_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "core/sizes.h"
#include "document/verdict.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int64_t most_inline_elements = 64;   // of x, w and b
constexpr int64_t most_printed_elements = 64;  // of y
constexpr std::size_t most_columns = 100;

std::string joined(const std::vector<int64_t>& numbers) {
  std::string text;
  for (const int64_t number : numbers) text += (text.empty() ? "" : ", ") + std::to_string(number);
  return text;
}

/// The shortest text that reads back as the same float.
std::string python_number(float value) {
  if (std::isnan(value)) return "np.nan";
  if (std::isinf(value)) return value < 0 ? "-np.inf" : "np.inf";
  std::array<char, 32> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

/// Rows of the innermost axis on lines of their own, as long as they fit.
std::string array_literal(const Tensor& array) {
  const Shape& shape = array.shape();
  const int64_t row = shape[shape.rank() - 1];
  const bool one_line = row == array.size() || row == 1;
  std::string text = "np.array([";
  std::size_t line = one_line ? 20 : most_columns;
  for (int64_t i = 0; i < array.size(); ++i) {
    const std::string number = python_number(array[i]) + (i + 1 < array.size() ? "," : "");
    const bool new_row = !one_line && i % row == 0;
    if (new_row || line + number.size() + 1 > most_columns) {
      text += "\n    " + number;
      line = 4 + number.size();
    } else {
      text += (i == 0 ? "" : " ") + number;
      line += number.size() + 1;
    }
  }
  return text + "], dtype=np.float32)" + (shape.rank() > 1 ? ".reshape" + python_tuple(shape) : "");
}

/// One array of the scenario; it is computed only when it is small.
struct Role {
  const char* name;
  const char* layout;
  const Pattern& pattern;
  Shape shape;
  Tensor (*make)(const Scenario&);

  bool is_inline() const { return shape.elements() <= most_inline_elements; }
  bool is_placeholder() const { return !is_inline() && pattern.id != "ones"; }
};

std::string definition(const Role& role, const Scenario& scenario) {
  const std::string shape = python_tuple(role.shape);
  std::string text = std::string(role.name) + " = ";
  if (role.is_inline()) {
    text += array_literal(role.make(scenario));
  } else if (role.is_placeholder()) {
    text += "rng.standard_normal(" + shape + ", dtype=np.float32)";
  } else {
    text += "np.ones(" + shape + ", dtype=np.float32)";
  }
  text += std::string("  # ") + role.layout;
  if (role.is_placeholder()) text += "; stands for the scenario's \"" + role.pattern.id + "\"";
  return text + "\n";
}

}  // namespace

std::string python_tuple(const std::vector<int64_t>& numbers) {
  return "(" + joined(numbers) + (numbers.size() == 1 ? ",)" : ")");
}

std::string python_list(const std::vector<int64_t>& numbers) { return "[" + joined(numbers) + "]"; }

std::string python_slice(const std::vector<KeptCells>& ranges, const std::vector<int64_t>& sizes) {
  std::string text = "y = y[:, :";
  bool whole = true;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    whole = whole && ranges[i].begin == 0 && ranges[i].end == sizes[i];
    text += ", " + std::to_string(ranges[i].begin) + ":" + std::to_string(ranges[i].end);
  }
  return whole ? "" : text + "]\n";
}

std::string python_zero_cells(const std::vector<int64_t>& cells) {
  std::string text = "x_padded = np.pad(x, ((0, 0), (0, 0)";
  for (const int64_t number : cells) text += ", (0, " + std::to_string(number) + ")";
  return text + "))\n";
}

std::string script_heading(const Scenario& scenario, const std::string& framework) {
  const LayerSpec& layer = scenario.layer;
  std::string text = "# ConvTranspose" + std::to_string(layer.dims) + "d " + short_name(layer) + " in " + framework +
                     ": " + python_tuple(input_shape(layer)) + " -> " + python_tuple(output_shape(layer)) + "\n";
  text += "# O = (I-1)*S - P_begin - P_end + D*(K-1) + OP + 1\n";
  std::string last;
  for (const AxisSpec& a : layer.spatial()) {
    const auto n = [](int64_t number) { return std::to_string(number); };
    std::string line = "#   = " + n(a.input - 1) + "*" + n(a.stride) + " - " + n(a.padding_begin) + " - " +
                       n(a.padding_end) + " + " + n(a.dilation) + "*" + n(a.kernel - 1) + " + " + n(a.output_padding) +
                       " + 1 = " + n(output_size(a)) + "\n";
    if (line != last) text += line;
    last = std::move(line);
  }
  return text;
}

std::string script_arrays(const Scenario& scenario) {
  const LayerSpec& layer = scenario.layer;
  std::vector<Role> roles{
      {"x", "N, C_in, spatial", scenario.input, input_shape(layer), input_of},
      {"w", "C_in, C_out/groups, spatial: PyTorch's layout", scenario.kernel, weight_shape(layer), weight_of}};
  if (layer.bias) roles.push_back({"b", "C_out", scenario.bias, Shape{layer.out_channels}, bias_of});
  std::string text;
  if (std::ranges::any_of(roles, &Role::is_placeholder)) {
    text +=
        "# Random numbers are placeholders for arrays too long to print here: put your own in, e.g. np.load(...).\n"
        "rng = np.random.default_rng(0)\n";
  }
  for (const Role& role : roles) text += definition(role, scenario);
  return text;
}

std::string script_ending(const LayerSpec& layer) {
  const Shape shape = output_shape(layer);
  std::string text = "\nprint(tuple(y.shape))\n";
  if (shape.elements() <= most_printed_elements) text += "print(y)\n";
  return text + "assert tuple(y.shape) == " + python_tuple(shape) + "\n";
}

}  // namespace tconv
