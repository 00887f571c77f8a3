#pragma once
// The input of a large map, made where it is wanted: nobody waits for all of it before the first cell is seen.

#include <memory>
#include <vector>

#include "compute/large_map.h"
#include "core/tensor.h"

namespace tconv {

class LargeMapInput {
 public:
  /// Of a key that is not refused. `before`: another one, which is given back if it is the same; may be null.
  static std::shared_ptr<const LargeMapInput> make(const LargeMapKey& key,
                                                   const std::shared_ptr<const LargeMapInput>& before);

  const Shape& shape() const { return shape_; }  ///< (1, channels, rows, columns)
  /// It is a smaller one side by side with itself: what takes long to draw, and own values.
  bool repeats() const;

  /// `count` numbers of a row from column `first` on, all inside. From any thread.
  void row(std::int64_t channel, std::int64_t row, std::int64_t first, std::int64_t count, float* to) const;
  float at(std::int64_t channel, std::int64_t row, std::int64_t col) const;
  /// All of it, dense. Throws std::bad_alloc.
  std::vector<float> whole() const;

  std::int64_t memory_bytes() const;  ///< that it holds

 private:
  explicit LargeMapInput(const LargeMapKey& key);

  Pattern pattern_;
  Shape shape_;
  std::vector<std::int64_t> stride_;
  Tensor tile_;                     ///< that it repeats; empty for a recipe, which needs none
  std::int64_t first_channel_ = 0;  ///< of the tile
};

}  // namespace tconv
