#pragma once
// Dense float32 arrays as values.

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace tconv {

/// The extents of an array, outermost first; rank 0 (a scalar, one element) to 5.
class Shape {
 public:
  static constexpr int max_rank = 5;

  Shape() = default;
  /// Unit: cells. More than `max_rank` extents is a programming error (asserted).
  Shape(std::initializer_list<std::int64_t> extents);
  explicit Shape(std::span<const std::int64_t> extents);

  int rank() const { return rank_; }
  std::int64_t operator[](int axis) const { return extents_[static_cast<std::size_t>(axis)]; }
  std::int64_t& operator[](int axis) { return extents_[static_cast<std::size_t>(axis)]; }
  /// The product of the extents; empty when one is negative or the product leaves int64.
  std::optional<std::int64_t> checked_elements() const;
  /// The product of the extents of a shape that `checked_elements` accepts.
  std::int64_t elements() const;
  /// "2 × 3 × 4"; "scalar" for rank 0.
  std::string text() const;

  bool operator==(const Shape&) const = default;

 private:
  std::array<std::int64_t, max_rank> extents_{};
  int rank_ = 0;
};

/// A row-major float32 array with immutable, shared storage: copies are as cheap as a pointer, so tensors serve as
/// cache keys and as entries of an undo history.
class Tensor {
 public:
  /// An empty tensor: shape {0}, no storage.
  Tensor();
  /// Takes `values` in row-major order; values.size() must equal shape.elements() (asserted).
  Tensor(Shape shape, std::vector<float> values);

  static Tensor filled(Shape shape, float value);

  const Shape& shape() const { return shape_; }
  std::int64_t size() const { return static_cast<std::int64_t>(values().size()); }
  bool empty() const { return size() == 0; }
  std::span<const float> values() const;
  const float* data() const { return values().data(); }
  float operator[](std::int64_t flat) const { return values()[static_cast<std::size_t>(flat)]; }

  /// A copy in which the element at row-major position `flat` is `value`.
  Tensor with(std::int64_t flat, float value) const;
  /// The same elements under another shape of as many elements (asserted); shares the storage.
  Tensor reshaped(Shape shape) const;

  /// Equal shape and equal bits: a NaN equals itself here, so that a key holding one is found again.
  bool operator==(const Tensor& other) const;

 private:
  Shape shape_;
  std::shared_ptr<const std::vector<float>> storage_;
};

}  // namespace tconv
