#include <algorithm>

#include "views/view_arrays.h"

namespace tconv {

std::vector<NamedArray> linked_arrays(const ViewInput& in) {
  if (!in.results.ready() || !in.results.ways) return {};
  std::vector<NamedArray> arrays;
  for (const auto part : {paint_arrays, insert_zeros_arrays, matrix_arrays}) {
    for (NamedArray& array : part(in)) {
      if (std::ranges::find(arrays, array.name, &NamedArray::name) == arrays.end()) arrays.push_back(std::move(array));
    }
  }
  return arrays;
}

}  // namespace tconv
