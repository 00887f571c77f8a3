#include "core/tensor.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace tconv {

Shape::Shape(std::initializer_list<std::int64_t> extents)
    : Shape(std::span<const std::int64_t>(extents.begin(), extents.size())) {}

Shape::Shape(std::span<const std::int64_t> extents)
    : rank_(static_cast<int>(std::min<std::size_t>(extents.size(), max_rank))) {
  assert(extents.size() <= max_rank);
  std::copy_n(extents.begin(), rank_, extents_.begin());
}

std::optional<std::int64_t> Shape::checked_elements() const {
  std::int64_t product = 1;
  bool overflow = false;
  bool zero = false;
  for (int axis = 0; axis < rank_; ++axis) {
    const std::int64_t extent = (*this)[axis];
    if (extent < 0) return std::nullopt;
    zero = zero || extent == 0;
    if (__builtin_mul_overflow(product, extent, &product)) overflow = true;
  }
  if (zero) return 0;
  if (overflow) return std::nullopt;
  return product;
}

std::int64_t Shape::elements() const {
  const auto count = checked_elements();
  assert(count);
  return count.value_or(0);
}

std::string Shape::text() const {
  if (rank_ == 0) return "scalar";
  std::string out;
  for (int axis = 0; axis < rank_; ++axis) {
    if (axis > 0) out += " × ";
    out += std::to_string((*this)[axis]);
  }
  return out;
}

Tensor::Tensor() : shape_{0} {}

Tensor::Tensor(Shape shape, std::vector<float> values)
    : shape_(shape), storage_(std::make_shared<const std::vector<float>>(std::move(values))) {
  assert(shape_.elements() == size());
}

Tensor Tensor::filled(Shape shape, float value) {
  return Tensor(shape, std::vector<float>(static_cast<std::size_t>(shape.elements()), value));
}

std::span<const float> Tensor::values() const {
  if (!storage_) return {};
  return *storage_;
}

Tensor Tensor::with(std::int64_t flat, float value) const {
  assert(flat >= 0 && flat < size());
  std::vector<float> copy(values().begin(), values().end());
  copy[static_cast<std::size_t>(flat)] = value;
  return Tensor(shape_, std::move(copy));
}

Tensor Tensor::reshaped(Shape shape) const {
  assert(shape.elements() == size());
  Tensor out = *this;
  out.shape_ = shape;
  return out;
}

bool Tensor::operator==(const Tensor& other) const {
  if (shape_ != other.shape_) return false;
  if (storage_ == other.storage_) return true;
  const auto a = values();
  const auto b = other.values();
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size_bytes()) == 0);
}

}  // namespace tconv
