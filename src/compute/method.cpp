#include "compute/method.h"

#include <algorithm>
#include <array>

#include "core/phases.h"
#include "core/transpose_matrix.h"
#include "core/zero_insertion.h"

namespace tconv {
namespace {

constexpr std::array table{
    Method{"paint", "Painting (scatter_add)", &scatter_add},
    Method{"insert-zeros", "Inserting zeros", &insert_zeros},
    Method{"matrix", "Transposed matrix", &transpose_matrix},
    Method{"phases", "Phases", &interleave_phases},
};

}  // namespace

std::span<const Method> methods() { return table; }

const Method* find_method(std::string_view id) {
  const auto found = std::ranges::find(table, id, &Method::id);
  return found == table.end() ? nullptr : &*found;
}

}  // namespace tconv
