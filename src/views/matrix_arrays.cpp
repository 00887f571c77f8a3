#include "views/matrix_map.h"
#include "views/view_arrays.h"

namespace tconv {
namespace {

using std::int64_t;

NamedArray dense_array(const SparseMatrix& c) {
  std::vector<float> values(static_cast<std::size_t>(c.rows() * c.cols()));
  for (int64_t row = 0; row < c.rows(); ++row) {
    const auto columns = c.columns(row);
    const auto entries = c.values(row);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      values[static_cast<std::size_t>(columns[i] * c.rows() + row)] = entries[i];
    }
  }
  return {"matrix",
          "C transposed: a row for each output cell, a column for each input cell, both of one sample",
          Tensor(Shape{c.cols(), c.rows()}, std::move(values)),
          {"output", "input"}};
}

/// Rows and columns are below `largest_matrix`, and so are exact.
NamedArray entries_array(const SparseMatrix& c) {
  static_assert(largest_matrix <= largest_exact);
  const SparseMatrix transposed = c.transposed();
  require_array_memory("the table of the matrix's entries", 3 * c.nonzeros());
  std::vector<float> values;
  values.reserve(static_cast<std::size_t>(3 * c.nonzeros()));
  for (int64_t row = 0; row < transposed.rows(); ++row) {
    const auto columns = transposed.columns(row);
    const auto entries = transposed.values(row);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      values.insert(values.end(), {static_cast<float>(row), static_cast<float>(columns[i]), entries[i]});
    }
  }
  return table_array("matrix",
                     "the entries of C transposed, which is " + std::to_string(c.cols()) + " × " +
                         std::to_string(c.rows()) + ": row (output cell), column (input cell), value",
                     "entry", {"row", "column", "value"}, std::move(values));
}

NamedArray vector_array(std::string name, std::string words, std::span<const float> values, std::string axis) {
  return list_array(std::move(name), std::move(words), std::move(axis), {values.begin(), values.end()});
}

}  // namespace

std::vector<NamedArray> matrix_arrays(const ViewInput& in) {
  if (!in.results.ready() || !in.results.ways) return {};
  const Results& results = in.results;
  const LayerSpec& layer = results.scenario.layer;
  const SparseMatrix& c = results.ways->matrix;
  Figure nowhere;
  const MatrixMaps maps(in, nowhere);
  const std::string sample = layer.batch > 1 ? " of sample " + std::to_string(in.interaction.batch) : "";
  const std::string painted = results.frame.step == results.frame.step_count
                                  ? ""
                                  : " after " + std::to_string(results.frame.step) + " of " +
                                        std::to_string(results.frame.step_count) + " stamps";
  std::vector<NamedArray> arrays;
  if (c.rows() > 0) {
    const bool dense = c.rows() <= largest_dense_matrix / c.cols();
    arrays.push_back(dense ? dense_array(c) : entries_array(c));
  }
  arrays.push_back(vector_array("x", "input x" + sample + " as a vector", maps.x(), "input"));
  arrays.push_back(vector_array("y", "output y" + sample + painted + " as a vector", maps.y(), "output"));
  if (c.rows() == 0) return arrays;
  arrays.push_back(vector_array("cy", "C y, the forward convolution of y" + sample, maps.adjoint().cu, "input"));
  const MatrixSummary& summary = results.ways->matrix_summary;
  if (in.interaction.options.contains("matrix/down-up")) {
    arrays.push_back({"ramp", "1, 2, 3, … in the output's shape", summary.ramp, map_axes(layer)});
    arrays.push_back({"down", "C times the ramp", summary.down, map_axes(layer)});
    arrays.push_back({"down_up", "C transposed times C times the ramp", summary.down_up, map_axes(layer)});
  }
  if (in.interaction.options.contains("matrix/up-down")) {
    arrays.push_back({"up", "C transposed times x", summary.up, map_axes(layer)});
    arrays.push_back({"up_down", "C times C transposed times x", summary.up_down, map_axes(layer)});
  }
  return arrays;
}

}  // namespace tconv
