#pragma once
// Where in the output the results of the `direct` engine's tiles go.

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/direct_plan.h"

namespace tconv {

/// Of the results of one chunk (see FlatMap) and one class.
struct DirectPlacement {
  enum class Kind {
    nowhere,  ///< no result is a cell of the output
    one_row,  ///< one after the other
    lanes,    ///< each vector in at most two rows: DirectTile::stores
    copied,   ///< the tile is written elsewhere, and copied
  } kind = Kind::nowhere;
  std::int64_t begin = 0;  ///< the first stretch's first cell of output channel 0, in floats
  int rows = 0;            ///< phases of y that have such rows
  std::size_t stores = 0;  ///< for lanes: where the chunk's begin in the list
};

struct DirectPlaces {
  std::vector<DirectPlacement> chunks;
  std::vector<DirectStore> stores;
};

class DirectPlacer {
 public:
  /// The plan is that for the shape, and is kept by reference.
  DirectPlacer(const LayerPlan& plan, const DirectShape& shape);

  /// Of all chunks, whose stretches those are (see FlatMap::list_chunks).
  void place(std::span<const FlatMap::Chunk> chunks, std::span<const FlatMap::Stretch> stretches,
             const DirectClass& cls, DirectPlaces& places) const;

  /// Copies what one stretch has of a tile that was written elsewhere, whole, into the output; `channel`: of the
  /// output, the tile's first.
  void copy(const DirectTile& tile, const FlatMap::Stretch& stretch, const DirectClass& cls, std::int64_t channel,
            float* output) const;

 private:
  /// Of a chunk with these stretches; `stores` grows by those of its vectors.
  DirectPlacement place(std::span<const FlatMap::Stretch> stretches, const DirectClass& cls,
                        std::vector<DirectStore>& stores) const;
  /// How many of the class' phases of y have that row; 0 also when the crop leaves none of its plane.
  int rows_of(const FlatMap::Stretch& stretch, const DirectClass& cls) const;
  /// The stretch's first cell of phases 0, 0 of the class, of output channel 0.
  std::int64_t begin_of(const FlatMap::Stretch& stretch, const DirectClass& cls) const;
  /// The stretch's cells in the row of its first, of all phases x of the class together.
  std::int64_t cells_of(const FlatMap::Stretch& stretch, const DirectClass& cls) const;
  /// False, with nothing added, when rows are shorter than a vector.
  bool list_stores(std::span<const FlatMap::Stretch> stretches, const DirectClass& cls, std::int64_t begin,
                   std::vector<DirectStore>& stores) const;

  const LayerPlan& plan_;
  const DirectShape shape_;
  const int lanes_;
};

}  // namespace tconv
