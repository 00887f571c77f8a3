#include <algorithm>

#include "views/view_arrays.h"

namespace tconv {

using std::int64_t;

std::vector<NamedArray> large_maps_arrays(const ViewInput& in) {
  const LargeMapState* state = in.results.large_map.get();
  if (state == nullptr || !state->refused.empty()) return {};
  LargeMapBlocks blocks(state->key);
  std::vector<float> cells(static_cast<std::size_t>(blocks.rows() * blocks.cols()));
  std::vector<int64_t> all;
  for (int64_t number = 0; number < blocks.grid_rows() * blocks.grid_cols(); ++number) all.push_back(number);
  const auto put = [&](const LargeMapBlocks::Block& block) {
    for (int64_t row = 0; row < block.cells.rows; ++row) {
      std::copy_n(block.values + row * block.value_cols, block.cells.cols,
                  cells.data() + (block.cells.row + row) * blocks.cols() + block.cells.col);
    }
  };
  blocks.compute(all, 1, false, put, going_on(in.progress));
  NamedArray output;
  output.name = "output";
  output.axes = {"row", "col"};
  output.words = "the large map, every cell";
  output.values = Tensor(Shape{blocks.rows(), blocks.cols()}, std::move(cells));
  return {std::move(output)};
}

}  // namespace tconv
