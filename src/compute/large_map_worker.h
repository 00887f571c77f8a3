#pragma once
// Large maps made by a thread of their own: coarse at once, then means of the whole map block by block, then what is
// looked at cell by cell; or all at once on a device. A newer map abandons the one that is being made.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "compute/large_map_state.h"

namespace tconv {

class LargeMapMaking;

/// For one thread; only `wake` and what a device does are called from the worker's.
class LargeMapWorker {
 public:
  /// `wake` is called from the thread whenever there is a newer state.
  explicit LargeMapWorker(std::function<void()> wake, LargeMapDeviceSource source = {});
  ~LargeMapWorker();
  LargeMapWorker(const LargeMapWorker&) = delete;
  LargeMapWorker& operator=(const LargeMapWorker&) = delete;

  void ask_for(const LargeMapKey& key, LargeMapWay way, const LargeMapLook& look);
  /// Abandons what was asked for.
  void forget();
  /// Drawing from the device failed: the processor computes from now on, and the states say why.
  void give_up_device(std::string trouble);
  /// The newest state of what was asked for last, or an older one of another map while there is none; null at first.
  std::shared_ptr<const LargeMapState> state() const;
  /// Whether all that was asked for is there.
  bool settled() const;
  /// Blocks until then.
  void wait();

 private:
  struct Request {
    LargeMapKey key;
    LargeMapWay way = LargeMapWay::cpu;
    LargeMapLook look;
    std::string trouble;  ///< why no device shall be used
    bool operator==(const Request&) const = default;
  };
  struct Machine;
  void open_device();
  void work(const std::stop_token& stop);
  bool make(const Request& request, std::unique_ptr<LargeMapMaking>& making, Machine& machine,
            const std::stop_token& stop);
  bool still_wanted(const Request& request) const;
  void publish(std::shared_ptr<const LargeMapState> state);
  void measure(LargeMapMaking& making, Machine& machine, const std::stop_token& stop);

  std::function<void()> wake_;
  LargeMapDeviceSource source_;
  mutable std::mutex mutex_;
  mutable std::condition_variable_any changed_;
  std::optional<Request> wanted_;
  bool settled_ = true;  ///< the state has all of `wanted_`
  std::shared_ptr<const LargeMapState> state_;
  bool opened_ = false;                     ///< it was tried
  std::unique_ptr<LargeMapDevice> device_;  ///< set once; null only with a trouble
  std::string trouble_;                     ///< why there is none that works
  std::jthread thread_;                     // last: it uses everything above
};

}  // namespace tconv
