#include "kernels/direct_placement.h"

#include <algorithm>

#include "kernels/engine.h"

namespace tconv {

using std::int64_t;

DirectPlacer::DirectPlacer(const LayerPlan& plan, const DirectShape& shape)
    : plan_(plan), shape_(shape), lanes_(vector_lanes()) {}

int DirectPlacer::rows_of(const FlatMap::Stretch& stretch, const DirectClass& cls) const {
  if (stretch.z * plan_.z().stride + cls.z >= plan_.z().output) return 0;
  const int64_t y = stretch.y * plan_.y().stride + cls.y;
  return static_cast<int>(std::clamp<int64_t>(plan_.y().output - y, 0, shape_.phases_y));
}

int64_t DirectPlacer::begin_of(const FlatMap::Stretch& stretch, const DirectClass& cls) const {
  const int64_t z = stretch.z * plan_.z().stride + cls.z;
  const int64_t y = stretch.y * plan_.y().stride + cls.y;
  const int64_t plane = stretch.sample * plan_.out_channels * plan_.z().output + z;
  return (plane * plan_.y().output + y) * plan_.x().output + stretch.x * plan_.x().stride + cls.x;
}

int64_t DirectPlacer::cells_of(const FlatMap::Stretch& stretch, const DirectClass& cls) const {
  return std::min(stretch.length * plan_.x().stride, plan_.x().output - stretch.x * plan_.x().stride - cls.x);
}

void DirectPlacer::place(std::span<const FlatMap::Chunk> chunks, std::span<const FlatMap::Stretch> stretches,
                         const DirectClass& cls, DirectPlaces& places) const {
  places.chunks.clear();
  places.stores.clear();
  for (const FlatMap::Chunk& chunk : chunks) {
    const auto own = stretches.subspan(chunk.first_stretch, chunk.last_stretch - chunk.first_stretch);
    places.chunks.push_back(place(own, cls, places.stores));
  }
}

DirectPlacement DirectPlacer::place(std::span<const FlatMap::Stretch> stretches, const DirectClass& cls,
                                    std::vector<DirectStore>& stores) const {
  DirectPlacement placement;
  bool same_rows = true;
  for (const FlatMap::Stretch& stretch : stretches) {
    const int rows = rows_of(stretch, cls);
    if (rows == 0) continue;
    if (placement.rows == 0) {
      placement.begin = begin_of(stretch, cls);
      placement.rows = rows;
    }
    same_rows = same_rows && rows == placement.rows;
  }
  if (placement.rows == 0) return placement;
  placement.kind = DirectPlacement::Kind::copied;
  if (shape_.phases_x != plan_.x().stride || !same_rows) return placement;
  if (stretches.size() == 1 &&
      cells_of(stretches.front(), cls) == int64_t{lanes_} * shape_.vectors * plan_.x().stride) {
    placement.kind = DirectPlacement::Kind::one_row;
  } else if (list_stores(stretches, cls, placement.begin, stores)) {
    placement.kind = DirectPlacement::Kind::lanes;
    placement.stores = stores.size() - static_cast<std::size_t>(shape_.vectors * shape_.phases_x);
  }
  return placement;
}

bool DirectPlacer::list_stores(std::span<const FlatMap::Stretch> stretches, const DirectClass& cls, int64_t begin,
                               std::vector<DirectStore>& stores) const {
  const int64_t stride = plan_.x().stride;
  const std::size_t before = stores.size();
  stores.resize(before + static_cast<std::size_t>(shape_.vectors * shape_.phases_x));
  for (const FlatMap::Stretch& stretch : stretches) {
    if (rows_of(stretch, cls) == 0) continue;
    const int64_t to = begin_of(stretch, cls) - begin;
    const int64_t from = stretch.within * stride;  // among the chunk's results
    const int64_t end = from + cells_of(stretch, cls);
    for (int64_t at = from; at < end;) {
      DirectStore& store = stores[before + static_cast<std::size_t>(at / lanes_)];
      const auto lane = static_cast<int>(at % lanes_);
      const auto count = static_cast<int>(std::min<int64_t>(lanes_ - lane, end - at));
      if (store.first_lanes == 0) {
        store.first = to + at - from;
        store.first_begin = lane;
        store.first_lanes = count;
      } else if (store.second_lanes == 0) {
        store.second = to + at - from;
        store.second_begin = lane;
        store.second_lanes = count;
      } else {
        stores.resize(before);
        return false;
      }
      at += count;
    }
  }
  return true;
}

void DirectPlacer::copy(const DirectTile& tile, const FlatMap::Stretch& stretch, const DirectClass& cls,
                        int64_t channel, float* output) const {
  const int rows = rows_of(stretch, cls);
  const int64_t stride = plan_.x().stride;
  const int64_t count = cells_of(stretch, cls);
  float* const to = output + begin_of(stretch, cls) + channel * plan_.output_cells();
  for (int out = 0; out < tile.outputs; ++out) {
    for (int row = 0; row < rows; ++row) {
      const float* from = tile.output + out * tile.output_stride + row * tile.row_stride;
      float* cells = to + out * plan_.output_cells() + row * plan_.x().output;
      if (shape_.phases_x == stride) {
        std::copy_n(from + stretch.within * stride, count, cells);
      } else {
        from += stretch.within;
        for (int64_t i = 0; i * stride < count; ++i) cells[i * stride] = from[i];
      }
    }
  }
}

}  // namespace tconv
