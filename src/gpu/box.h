#pragma once
// Parts of dense arrays, and copies of them.

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

namespace tconv {

struct Span {
  std::int64_t first = 0;
  std::int64_t count = 0;

  std::int64_t end() const { return first + count; }
  bool operator==(const Span&) const = default;
};

/// A part of a dense array (batch, channels, z, y, x).
struct Box {
  Span batch;
  Span channels;
  std::array<Span, 3> cells;  ///< x, y, z

  std::int64_t plane() const { return cells[0].count * cells[1].count * cells[2].count; }
  std::int64_t size() const { return batch.count * channels.count * plane(); }
};

/// The extents of an array but for the batch.
struct ArrayExtents {
  std::int64_t channels = 1;
  std::array<std::int64_t, 3> cells{};  ///< x, y, z
};

/// The numbers of a box as one dense array: a part of `array` itself where they lie together, else copied to `copy`.
const float* gathered(const Box& box, const ArrayExtents& extents, const float* array, std::vector<float>& copy);
/// Where such a dense array can be written to: its place in `array`, or else `copy`, from where `scattered` takes it to
/// its place.
float* gathering_place(const Box& box, const ArrayExtents& extents, float* array, std::vector<float>& copy);
void scattered(const Box& box, const ArrayExtents& extents, const float* from, float* array);

/// A whole array in boxes of all its channels that `fits` accepts: as many samples as can be, else one sample cut along
/// its outermost axes. Throws BackendError when even a single cell does not fit.
std::vector<Box> boxes_of(std::int64_t batch, const ArrayExtents& extents, const std::function<bool(const Box&)>& fits);

}  // namespace tconv
