#pragma once
// All samples' zero-padded maps as one line of positions, so that every tap of a stride-1 correlation is one offset on
// that line, whatever the number of axes. Where rows are short, lanes run on from one row into the next.

#include <cstdint>
#include <vector>

#include "kernels/layer_plan.h"

namespace tconv {

/// Input cell (n, z, y, x) and output quotient (n, qz, qy, qx) with equal numbers share a position. Between rows,
/// planes and samples lie as many zeros as the taps reach over.
class FlatMap {
 public:
  enum class Lines {
    run_on,    ///< chunks follow each other on the line, and some hold the zeros between rows
    by_rows,   ///< every row of quotients begins a chunk; only so may y have an input_step, and no other axis
    in_place,  ///< likewise, and the line is the input array itself, from channel to channel, with no zeros anywhere
  };
  /// `chunk`: how many neighbouring positions are computed at once.
  FlatMap(const LayerPlan& plan, std::int64_t chunk, Lines lines);

  /// What a tap with these offsets (see AxisPlan::Tap) adds to a position.
  std::int64_t offset(std::int64_t z, std::int64_t y, std::int64_t x) const { return (z * rows_ + y) * pitch_ + x; }

  std::int64_t chunk() const { return chunk_; }
  std::int64_t chunks() const { return chunks_; }
  /// Positions of the chunks [first, last), with what the taps reach: a buffer of `size` floats whose element 0 is the
  /// position `begin`.
  struct Window {
    std::int64_t begin;
    std::int64_t size;
  };
  Window window(std::int64_t first_chunk, std::int64_t last_chunk) const;

  /// Lines of one channel.
  std::int64_t input_planes() const { return input_planes_[0] * input_planes_[1] * input_planes_[2]; }
  std::int64_t plane(std::int64_t z, std::int64_t y, std::int64_t x) const {
    return (z * input_planes_[1] + y) * input_planes_[2] + x;
  }
  /// From one cell of a line to the next of its row, in the input.
  std::int64_t input_stride() const { return input_planes_[2]; }

  /// A stretch of a window: `length` cells from `from` of the input of channel 0 on (negative: zeros), to `to` in it.
  struct Piece {
    std::int64_t to;
    std::int64_t length;
    std::int64_t from;
  };
  /// All of a window of one of the lines, in order.
  void list_pieces(const Window& window, std::int64_t plane, std::vector<Piece>& pieces) const;
  /// Likewise with the cells of an array that has one cell per quotient, `channels` to a sample.
  void list_quotient_pieces(const Window& window, std::int64_t channels, std::vector<Piece>& pieces) const;

  /// A stretch of quotients of one row within a chunk.
  struct Stretch {
    std::int64_t within;           ///< where it begins in the chunk
    std::int64_t length;           ///< quotients
    std::int64_t sample, z, y, x;  ///< of its first
  };
  struct Chunk {
    std::int64_t position;
    std::size_t first_stretch;  ///< the chunk's are [first_stretch, last_stretch) of the list
    std::size_t last_stretch;
  };
  /// The chunks [first, last), and the quotients in them, row by row: none for a chunk of zeros between rows.
  void list_chunks(std::int64_t first, std::int64_t last, std::vector<Chunk>& chunks,
                   std::vector<Stretch>& stretches) const;
  std::int64_t position(std::int64_t chunk) const;

 private:
  struct Row {
    std::int64_t sample, z, y;
  };
  Row row_at(std::int64_t row) const;
  /// Cells that lie on a line: `count` of each axis, of an array of `extent`, from `first` on, `step` apart.
  struct Cells {
    std::int64_t count[3], extent[3], first[3], step[3];
    std::int64_t channels;
  };
  void list_pieces(const Window& window, const Cells& cells, std::vector<Piece>& pieces) const;
  void list_chunks_by_rows(std::int64_t first, std::int64_t last, std::vector<Chunk>& chunks,
                           std::vector<Stretch>& stretches) const;

  const std::int64_t batch_;
  const std::int64_t channels_;
  std::int64_t input_[3];  ///< cells
  std::int64_t input_planes_[3];
  std::int64_t quotients_[3];
  std::int64_t y_step_;
  std::int64_t pitch_;   ///< positions from row to row
  std::int64_t rows_;    ///< rows from plane to plane
  std::int64_t planes_;  ///< planes from sample to sample
  std::int64_t least_;   ///< of all offsets
  std::int64_t most_;
  const std::int64_t chunk_;
  std::int64_t chunks_in_row_;  ///< 0 unless by rows
  std::int64_t chunks_;
};

/// Two lines whose cells alternate in rows, when their pieces say so: every stretch of the second begins one
/// cell further on in the input. Reads the input once.
bool alternate(const std::vector<FlatMap::Piece>& even, const std::vector<FlatMap::Piece>& odd);
void copy_alternating_pieces(const std::vector<FlatMap::Piece>& even, const float* from, float* to_even, float* to_odd);

}  // namespace tconv
