// Comma-separated values with comment lines before them that say what they are: what numpy.loadtxt and
// pandas.read_csv(comment="#", header=None) read.

#include "export/data_format.h"
#include "export/number_rows.h"
#include "files/npy_header.h"

namespace tconv {
namespace {

std::string listed(const std::vector<std::string>& names, const char* between) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : between) + name;
  return text;
}

/// A line of its own whatever the words hold.
void add_comment(std::string& out, std::string_view words) {
  out += "# ";
  for (const char c : words) out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  out += '\n';
}

std::string heading(const NamedArray& array, const DataHeader& header) {
  const Shape& shape = array.values.shape();
  std::string out;
  add_comment(out, "Tconv Studio, " + header.view + ": " + array.words);
  for (const std::string& words : header.words) add_comment(out, words);
  add_comment(out, "array " + array.name + ", shape " + shape.text() + ", axes " + listed(array.axes, ", "));
  if (!array.columns.empty()) add_comment(out, "columns: " + listed(array.columns, ","));
  const std::string reshaped = shape.rank() == 2 ? "" : ".reshape" + python_tuple(shape);
  add_comment(out, "numpy.loadtxt(file, delimiter=\",\", ndmin=2)" + reshaped + " reads it");
  return out;
}

void write_csv(const std::vector<NamedArray>& arrays, const DataHeader& header, const ByteSink& sink,
               const Progress& progress) {
  const NamedArray& array = arrays.front();
  send(heading(array, header), sink);
  const auto block_heading = [&](std::span<const std::int64_t> at) {
    std::string place;
    for (std::size_t axis = 0; axis < at.size(); ++axis) {
      place += (axis > 0 ? ", " : "") + array.axes[axis] + " " + std::to_string(at[axis]);
    }
    std::string out;
    add_comment(out, place);
    return out;
  };
  write_rows(array, {.between = ',', .heading = block_heading}, sink, progress);
}

}  // namespace

DataFormat csv_data_format() {
  return {"csv", ".csv", "CSV", "one array as text, with a header that says what it is", false, write_csv};
}

}  // namespace tconv
