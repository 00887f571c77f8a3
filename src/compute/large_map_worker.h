#pragma once
// Large maps made by a thread of their own: coarse at once, then means of the whole map block by block, then what is
// looked at cell by cell. A newer map abandons the one that is being made.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "compute/large_map.h"

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

/// What is known of a large map at a moment; never changes once it is handed out.
struct LargeMapState {
  LargeMapKey key;
  std::shared_ptr<const LargeMapBlocks> blocks;          ///< null for a map that is refused
  std::shared_ptr<const MeanMap> overview;               ///< of the whole map; coarse where blocks are missing
  std::shared_ptr<const LargeMapStatistics> statistics;  ///< of the blocks that are done
  double done = 0;                                       ///< part of the blocks in overview and statistics, 0 … 1
  double seconds = 0;                                    ///< that computing them took, without making the input
  /// Finer means of blocks that were looked at, by their number; all of one step.
  std::map<std::int64_t, std::shared_ptr<const MeanMap>> tiles;
  std::int64_t tile_step = 0;
  std::string refused;  ///< the key's, or that memory ran out

  bool complete() const { return done >= 1; }
};

/// The numbers of blocks that a window touches, row by row.
std::vector<std::int64_t> blocks_in(const LargeMapBlocks& blocks, const CellWindow& window);

/// Whether every block that the look touches is there as finely as it wants.
bool shows(const LargeMapState& state, const LargeMapLook& look);

/// Computes everything that a look wants, on the calling thread. Null when `keep_going` said no.
std::shared_ptr<const LargeMapState> large_map(const LargeMapKey& key, const LargeMapLook& look,
                                               const KeepGoing& keep_going);

class LargeMapWorker {
 public:
  /// `wake` is called from the thread whenever there is a newer state.
  explicit LargeMapWorker(std::function<void()> wake);
  ~LargeMapWorker();
  LargeMapWorker(const LargeMapWorker&) = delete;
  LargeMapWorker& operator=(const LargeMapWorker&) = delete;

  void ask_for(const LargeMapKey& key, const LargeMapLook& look);
  /// Abandons what was asked for.
  void forget();
  /// The newest state of what was asked for last, or an older one of another map while there is none; null at first.
  std::shared_ptr<const LargeMapState> state() const;
  /// Whether all that was asked for is there.
  bool settled() const;
  /// Blocks until then.
  void wait();

 private:
  struct Request {
    LargeMapKey key;
    LargeMapLook look;
    bool operator==(const Request&) const = default;
  };
  void work(const std::stop_token& stop);
  bool still_wanted(const Request& request) const;
  void publish(std::shared_ptr<const LargeMapState> state);

  std::function<void()> wake_;
  mutable std::mutex mutex_;
  mutable std::condition_variable_any changed_;
  std::optional<Request> wanted_;
  bool settled_ = true;  ///< the state has all of `wanted_`
  std::shared_ptr<const LargeMapState> state_;
  std::jthread thread_;  // last: it uses everything above
};

}  // namespace tconv
