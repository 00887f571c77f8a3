#include "views/named_array.h"

#include <cassert>
#include <stdexcept>
#include <utility>

#include "compute/limits.h"

namespace tconv {
namespace {

std::vector<std::string> followed_by_spatial(std::vector<std::string> axes, const LayerSpec& layer) {
  for (std::string& axis : spatial_axes(layer)) axes.push_back(std::move(axis));
  return axes;
}

std::string in_mib(std::int64_t bytes) {
  constexpr std::int64_t mib = std::int64_t{1} << 20;
  return std::to_string(bytes / mib + (bytes % mib > 0 ? 1 : 0)) + " MiB";
}

}  // namespace

std::vector<std::string> spatial_axes(const LayerSpec& layer) {
  if (layer.dims == 1) return {"col"};
  if (layer.dims == 2) return {"row", "col"};
  return {"slice", "row", "col"};
}

std::vector<std::string> map_axes(const LayerSpec& layer) { return followed_by_spatial({"batch", "channel"}, layer); }

std::vector<std::string> kernel_axes(const LayerSpec& layer) {
  return followed_by_spatial({"in_channel", "out_channel"}, layer);
}

std::string rounding_note(double largest) {
  return largest > static_cast<double>(largest_exact) ? "; whole numbers beyond 16,777,216 are rounded" : "";
}

NamedArray list_array(std::string name, std::string words, std::string axis, std::vector<float> values) {
  const Shape shape{static_cast<std::int64_t>(values.size())};
  return {std::move(name), std::move(words), Tensor(shape, std::move(values)), {std::move(axis)}};
}

NamedArray table_array(std::string name, std::string words, std::string row_axis, std::vector<std::string> columns,
                       std::vector<float> values) {
  const auto across = static_cast<std::int64_t>(columns.size());
  const auto down = static_cast<std::int64_t>(values.size()) / across;
  assert(down * across == static_cast<std::int64_t>(values.size()));
  return {std::move(name),
          std::move(words),
          Tensor(Shape{down, across}, std::move(values)),
          {std::move(row_axis), "column"},
          std::move(columns)};
}

void require_array_memory(const std::string& what, std::int64_t elements) {
  const std::int64_t free = current_limits().memory_bytes;
  constexpr auto bytes_each = static_cast<std::int64_t>(sizeof(float));
  if (elements <= free / bytes_each) return;
  throw std::runtime_error(what + " needs " +
                           (elements > INT64_MAX / bytes_each ? "more memory than there can be"
                                                              : in_mib(elements * bytes_each) + " of memory") +
                           ", free are " + in_mib(free));
}

}  // namespace tconv
