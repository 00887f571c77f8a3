#include "compute/method.h"

#include <algorithm>
#include <array>

namespace tconv {
namespace {

constexpr std::array table{
    Method{"paint", "Painting (scatter_add)", &scatter_add},
};

}  // namespace

std::span<const Method> methods() { return table; }

const Method* find_method(std::string_view id) {
  const auto found = std::ranges::find(table, id, &Method::id);
  return found == table.end() ? nullptr : &*found;
}

}  // namespace tconv
