#pragma once
// What is known of a large map while it is being made, and which part of it somebody looks at.

#include <map>
#include <optional>

#include "compute/large_map_device.h"

namespace tconv {

/// Which cells somebody sees, and how finely.
struct LargeMapLook {
  CellWindow window;      ///< empty: none more finely than the whole map
  std::int64_t step = 1;  ///< cells that one pixel has room for: a power of two

  bool operator==(const LargeMapLook&) const = default;
};

/// The part of a map that a picture shows.
struct LargeMapView {
  double x = 0, y = 0, w = 1, h = 1;  ///< parts of the map's width and height
  double pixels = 1024;               ///< that the longer side of the part has

  bool operator==(const LargeMapView&) const = default;
};
LargeMapLook look_of(const LargeMapKey& key, const LargeMapView& view);

/// How far the processor's and the device's cells lie apart.
struct MapDifference {
  double largest = 0;  ///< of |CPU − GPU|; infinite where only one of them is finite, or another infinity
  std::int64_t row = 0;
  std::int64_t col = 0;
  std::int64_t cells = 0;  ///< that were compared
};

/// What is known of a large map at a moment; never changes once it is handed out.
struct LargeMapState {
  LargeMapKey key;
  LargeMapWay way = LargeMapWay::cpu;                    ///< who computes it, never `automatic`
  std::shared_ptr<const LargeMapBlocks> blocks;          ///< null for a map that is refused
  std::shared_ptr<const MeanMap> overview;               ///< of the whole map; coarse where blocks are missing
  std::shared_ptr<const LargeMapStatistics> statistics;  ///< of the blocks that are done
  double done = 0;                                       ///< part of the blocks in overview and statistics, 0 … 1
  double seconds = 0;  ///< that their cells took all of the processor's threads; 0: it computes nothing
  double waited =
      0;  ///< seconds from the choice to the last of the blocks, with all that is not computing; 0: not known
  /// Finer means of blocks that were looked at, by their number; all of one step.
  std::map<std::int64_t, std::shared_ptr<const MeanMap>> tiles;
  std::int64_t tile_step = 0;
  std::shared_ptr<const MapOnDevice> device;  ///< null unless the device has computed it
  bool awaits_device = false;                 ///< it is about to; till then what the processor has is shown
  std::optional<MapDifference> difference;    ///< with `both`, of the blocks that are done
  double floor_seconds = 0;                   ///< that the processor takes at least; 0: not measured
  double device_floor_seconds = 0;            ///< that the device's memory takes at least; 0: not measured
  std::string trouble;                        ///< why the device does not compute it though it should: one line
  std::string refused;                        ///< the key's, or that memory ran out

  bool complete() const { return done >= 1; }
};

/// The numbers of blocks that a window touches, row by row.
std::vector<std::int64_t> blocks_in(const LargeMapBlocks& blocks, const CellWindow& window);

/// Whether every block that the look touches is there as finely as it wants.
bool shows(const LargeMapState& state, const LargeMapLook& look);

/// `refused` where memory has run out.
inline constexpr const char* out_of_memory = "There is too little memory for this map: choose a smaller one.";

/// Computes everything that a look wants, on the calling thread and without a device. Null when `keep_going` said no.
std::shared_ptr<const LargeMapState> large_map(const LargeMapKey& key, const LargeMapLook& look,
                                               const KeepGoing& keep_going);

}  // namespace tconv
