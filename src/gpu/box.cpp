#include "gpu/box.h"

#include <algorithm>

#include "compute/backend.h"

namespace tconv {
namespace {

using std::int64_t;

/// Calls run(place in the array, place in the box, count) for each run of floats that lies together in both.
template <typename Run>
void for_each_run(const Box& box, const ArrayExtents& extents, const Run& run) {
  // The inner axes that the box has whole are one run with the next one.
  int64_t length = box.cells[0].count;
  int64_t start = box.cells[0].first;
  std::array<Span, 4> outer{box.cells[1], box.cells[2], box.channels, box.batch};
  const std::array<int64_t, 4> sizes{extents.cells[1], extents.cells[2], extents.channels, box.batch.end()};
  std::array<int64_t, 4> steps{};
  steps[0] = extents.cells[0];
  for (std::size_t i = 1; i < 4; ++i) steps[i] = steps[i - 1] * sizes[i - 1];
  bool whole = box.cells[0].count == extents.cells[0];
  for (std::size_t i = 0; i < 4 && whole; ++i) {
    whole = outer[i].count == sizes[i];
    length *= outer[i].count;
    start += outer[i].first * steps[i];
    outer[i] = {0, 1};
  }
  int64_t in_box = 0;
  for (int64_t n = outer[3].first; n < outer[3].end(); ++n) {
    for (int64_t c = outer[2].first; c < outer[2].end(); ++c) {
      for (int64_t z = outer[1].first; z < outer[1].end(); ++z) {
        for (int64_t y = outer[0].first; y < outer[0].end(); ++y) {
          run(start + n * steps[3] + c * steps[2] + z * steps[1] + y * steps[0], in_box, length);
          in_box += length;
        }
      }
    }
  }
}

/// Where the box begins in the array if it lies together there, else −1.
int64_t only_run(const Box& box, const ArrayExtents& extents) {
  int64_t first = -1;
  for_each_run(box, extents, [&](int64_t place, int64_t in_box, int64_t count) {
    if (in_box == 0 && count == box.size()) first = place;
  });
  return first;
}

}  // namespace

const float* gathered(const Box& box, const ArrayExtents& extents, const float* array, std::vector<float>& copy) {
  if (const int64_t first = only_run(box, extents); first >= 0) return array + first;
  copy.resize(static_cast<std::size_t>(box.size()));
  for_each_run(box, extents, [&](int64_t place, int64_t in_box, int64_t count) {
    std::copy_n(array + place, count, copy.data() + in_box);
  });
  return copy.data();
}

float* gathering_place(const Box& box, const ArrayExtents& extents, float* array, std::vector<float>& copy) {
  if (const int64_t first = only_run(box, extents); first >= 0) return array + first;
  copy.resize(static_cast<std::size_t>(box.size()));
  return copy.data();
}

void scattered(const Box& box, const ArrayExtents& extents, const float* from, float* array) {
  for_each_run(box, extents,
               [&](int64_t place, int64_t in_box, int64_t count) { std::copy_n(from + in_box, count, array + place); });
}

std::vector<Box> boxes_of(int64_t batch, const ArrayExtents& extents, const std::function<bool(const Box&)>& fits) {
  std::array<int64_t, 4> step{extents.cells[0], extents.cells[1], extents.cells[2], batch};
  const std::array<int64_t, 4> whole = step;
  for (;;) {
    std::vector<Box> boxes;
    for (int64_t n = 0; n < whole[3]; n += step[3]) {
      for (int64_t z = 0; z < whole[2]; z += step[2]) {
        for (int64_t y = 0; y < whole[1]; y += step[1]) {
          for (int64_t x = 0; x < whole[0]; x += step[0]) {
            const auto span = [&](std::size_t i, int64_t first) {
              return Span{first, std::min(step[i], whole[i] - first)};
            };
            boxes.push_back({span(3, n), {0, extents.channels}, {span(0, x), span(1, y), span(2, z)}});
          }
        }
      }
    }
    if (std::ranges::all_of(boxes, fits)) return boxes;
    const auto outermost = std::find_if(step.rbegin(), step.rend(), [](int64_t n) { return n > 1; });
    if (outermost == step.rend()) throw BackendError("a single cell, with all its channels, is more than fits");
    *outermost = (*outermost + 1) / 2;
  }
}

}  // namespace tconv
