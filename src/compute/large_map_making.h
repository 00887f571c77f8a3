#pragma once
// One large map from its arrays to its last cell, in steps each of which leaves a state that can be shown.

#include <chrono>

#include "compute/large_map_state.h"

namespace tconv {

/// For one thread, the one on which its device was started. Functions throw std::bad_alloc.
class LargeMapMaking {
 public:
  using Show = std::function<void(std::shared_ptr<const LargeMapState>)>;

  /// `before`: a map whose arrays are taken over where they are the same; may be null.
  LargeMapMaking(const LargeMapKey& key, const LargeMapMaking* before);

  const LargeMapKey& key() const { return state_.key; }
  std::shared_ptr<const LargeMapState> state() const;

  /// Who computes from now on, never `automatic`; `device` may be null, `trouble` is why it is though it is wanted.
  /// What has been computed is kept. False when `keep_going` said no. A device that fails leaves its work to the
  /// processor; of one that takes longer than a frame a coarse map is shown first.
  bool choose(LargeMapWay way, LargeMapDevice* device, const std::string& trouble, const Show& show,
              const KeepGoing& keep_going);

  /// The blocks that a look wants more finely than the whole map has them; false when told to stop.
  bool look_at(const LargeMapLook& look, const Show& show, const KeepGoing& keep_going);
  /// The means of the whole map. False when told to stop; what is done by then stays.
  bool finish_overview(const Show& show, const KeepGoing& keep_going);

  /// What the machine allows; null and 0: not known.
  void set_floors(const MachineLimits* processor, double device_bandwidth);

 private:
  bool use_device(LargeMapWay way, LargeMapDevice* device, const Show& show, const KeepGoing& keep_going);
  void begin_coarse();
  /// Rows of the device's map in which these blocks lie, if they are not there yet.
  void fetch(const std::vector<std::int64_t>& batch, std::vector<float>& rows, std::int64_t& first_row);
  bool by_processor() const { return state_.way != LargeMapWay::gpu; }
  void restart();
  void refresh();
  void compare(const LargeMapBlocks::Block& block, const std::vector<float>& rows, std::int64_t first_row);

  LargeMapState state_;
  std::shared_ptr<LargeMapBlocks> blocks_;
  std::shared_ptr<const MapOnDevice> on_device_;
  LargeMapDevice* device_ = nullptr;  ///< that `state_.way` uses
  double device_seconds_;             ///< that it takes about
  std::optional<LargeMapWay> asked_;  ///< by `choose`
  /// Of the choice whose map this is; empty when another way was chosen before it was whole.
  std::optional<std::chrono::steady_clock::time_point> begin_ = std::chrono::steady_clock::now();
  MeanMap overview_;
  LargeMapStatistics statistics_;
  std::optional<MapDifference> difference_;  ///< of the blocks that are done; empty: they were not compared
  std::vector<std::int64_t> left_;           ///< blocks that the overview lacks, in their numbers' order
};

}  // namespace tconv
