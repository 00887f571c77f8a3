#pragma once
// A device that computes large maps and keeps them, so that a window can draw from its memory: implemented where its
// language is known, used by LargeMapWorker.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "compute/backend.h"
#include "compute/large_map.h"

namespace tconv {

/// A map in a device's memory. May be let go on any thread, also after the device.
class DeviceMap {
 public:
  virtual ~DeviceMap() = default;
};

/// What a device says of a map that it has computed.
struct MapOnDevice {
  std::shared_ptr<const DeviceMap> map;
  MeanMap overview;  ///< of the whole map, at LargeMapBlocks::overview_step
  LargeMapStatistics statistics;
  double seconds = 0;  ///< that computing it took: arrays on the device, without statistics
  std::string way;     ///< which shader and how, one line
  std::int64_t memory_bytes = 0;
};

/// Made on one thread; from `start` to `stop` all calls come from another one. Functions throw BackendError.
class LargeMapDevice {
 public:
  virtual ~LargeMapDevice() = default;
  virtual void start() = 0;
  virtual void stop() = 0;
  /// Nothing when `keep_going` said no. What is uploaded stays there for the next map with the same arrays.
  virtual std::optional<MapOnDevice> compute(const LargeMapBlocks& blocks, const KeepGoing& keep_going) = 0;
  /// Whole rows of a map of this device: rows × columns numbers.
  virtual std::vector<float> read(const DeviceMap& map, std::int64_t first_row, std::int64_t rows) = 0;
  /// See Backend::copy_bandwidth.
  virtual double copy_bandwidth() = 0;
  /// Frees what is not needed while no map is asked for.
  virtual void rest() = 0;
};

/// Where a device is to be had.
struct LargeMapDeviceSource {
  bool usual = false;  ///< maps are computed there unless a person chooses otherwise: it is faster than the processor
  /// Called when the device is first wanted. Throws BackendError; empty: there is none.
  std::function<std::unique_ptr<LargeMapDevice>()> open{};
};

}  // namespace tconv
