#pragma once
// The layer at the size of real maps, up to 16384 cells on a side: one output channel, cut into blocks that are
// computed where somebody looks. The whole is kept as means of cells only, and read at full size block by block.

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/scatter_add.h"
#include "core/scenario.h"

namespace tconv {

class LargeMapInput;
struct MachineLimits;

/// Who computes a large map.
enum class LargeMapWay {
  automatic,  ///< the device if it is faster, else the processor
  cpu,
  gpu,  ///< the device; the processor where that fails
  both  ///< for comparing them
};

/// What of a large map a person chooses.
struct LargeMapChoice {
  std::int64_t side = 4096;      ///< output cells that the longer side has about; 0: the scenario's own size
  std::int64_t out_channel = 0;  ///< of the scenario's layer
  LargeMapWay way = LargeMapWay::automatic;

  bool operator==(const LargeMapChoice&) const = default;
};

/// What is computed. Two equal keys have equal maps.
struct LargeMapKey {
  Scenario scenario;  ///< its layer is that which is computed: one sample, the input channels of one group, one output
  std::int64_t group = 0;
  std::int64_t out_channel = 0;      ///< of the group
  std::int64_t own_in_channels = 1;  ///< of the scenario that it was made for, whose weights it takes
  std::int64_t own_out_channels = 1;
  std::int64_t own_groups = 1;
  std::string refused{};  ///< why it cannot be computed, one sentence; empty if it can

  bool operator==(const LargeMapKey&) const = default;
};

/// Of a legal scenario. Its layer's input grows until the output is as large as chosen; own values of an input are
/// repeated. Refused are layers without two spatial axes, and what the free memory cannot hold.
LargeMapKey large_map_key(const Scenario& scenario, const LargeMapChoice& choice);

/// Numbers about all cells that are computed.
class LargeMapStatistics {
 public:
  LargeMapStatistics() = default;
  /// Of counts of finite cells in equal parts of least … most, and of the cells that are not finite.
  LargeMapStatistics(double least, double most, std::vector<std::int64_t> parts, std::int64_t not_finite);

  void add(const float* values, std::int64_t count);
  void add(const LargeMapStatistics& other);  ///< both by values

  std::int64_t cells() const { return cells_; }
  std::int64_t not_finite() const { return not_finite_; }
  /// Of the finite cells; 0 without any.
  double least() const { return cells_ > not_finite_ ? least_ : 0; }
  double most() const { return cells_ > not_finite_ ? most_ : 0; }
  /// How many finite cells lie in each of `bars` equal parts of [low, high], low < high; the first and last also count
  /// what lies beyond. Places are known to a 128th of a value, or to the parts that were counted.
  std::vector<std::int64_t> histogram(double low, double high, int bars) const;

 private:
  static constexpr std::size_t bins = 65536;  // by the upper half of a float32's bits
  double place_of(std::size_t bin) const;     ///< a value in it

  bool equal_parts_ = false;  ///< bins_ are parts of least_ … most_
  std::vector<std::int64_t> bins_;
  std::int64_t cells_ = 0;
  std::int64_t not_finite_ = 0;
  double least_ = 0;
  double most_ = 0;
};

/// A rectangle of cells, in rows and columns.
struct CellWindow {
  std::int64_t row = 0, col = 0, rows = 0, cols = 0;

  bool operator==(const CellWindow&) const = default;
};

/// Means of `step` × `step` cells each (fewer at the far edges), row-major.
struct MeanMap {
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::int64_t step = 1;
  std::vector<float> values;
};

/// A layer of two axes and its arrays, computed block by block on the fast kernels. Not for two threads at a time, but
/// it uses all cores itself.
class LargeMapBlocks {
 public:
  /// Of a key that is not refused. `before`: another map, whose input is taken over if it is the same; may be null.
  /// Throws std::bad_alloc.
  explicit LargeMapBlocks(const LargeMapKey& key, const LargeMapBlocks* before = nullptr);
  ~LargeMapBlocks();

  std::int64_t rows() const;  ///< output cells
  std::int64_t cols() const;
  std::int64_t block_rows() const;  ///< cells of a block, the last ones may have fewer
  std::int64_t block_cols() const;
  std::int64_t grid_rows() const;  ///< blocks
  std::int64_t grid_cols() const;
  /// The step of the means of the whole map: a power of two that leaves about a thousand of them on the longer side.
  std::int64_t overview_step() const;

  /// Computes the blocks whose numbers (row of the grid · grid_cols + column) are given. `done` is told of each, in any
  /// order and on any thread, but never of two at a time: with its means at `step`, a power of two up to overview_step,
  /// and with its statistics, null unless `with_statistics`. False when `keep_going` said no.
  struct Block {
    std::int64_t number;
    CellWindow cells;
    MeanMap means;
    const LargeMapStatistics* statistics;
    const float* values;      ///< its cells
    std::int64_t value_cols;  ///< from one row of them to the next
    double seconds;           ///< that its cells took one thread, without means and statistics
  };
  using Done = std::function<void(Block block)>;
  bool compute(const std::vector<std::int64_t>& numbers, std::int64_t step, bool with_statistics, const Done& done,
               const KeepGoing& keep_going);

  /// What the means of the whole map are about, from the means of the input: right but for the edges of things.
  MeanMap coarse() const;

  /// One cell, as scatter_add gives it.
  float cell(std::int64_t row, std::int64_t col) const;

  // The layer of the whole map and its arrays.
  const LayerSpec& layer() const;
  const std::shared_ptr<const LargeMapInput>& input() const;
  const Tensor& weight() const;
  const Tensor& bias() const;

  std::int64_t products() const;     ///< multiplications of the whole map
  std::int64_t bytes_moved() const;  ///< of input and output
  /// Below which no way of computing the map can get on a machine with these limits (kernels/machine_limits.h).
  double floor_seconds(const MachineLimits& limits) const;
  std::int64_t memory_bytes() const;  ///< that this holds
  std::string way() const;            ///< of the kernel
  int threads() const;                ///< that compute

 private:
  class Work;
  std::unique_ptr<Work> work_;
};

}  // namespace tconv
