#pragma once
// Results for the views: pure functions of (scenario, step), kept while their key stays the same.

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "compute/comparison.h"
#include "compute/large_map_worker.h"
#include "compute/ways.h"
#include "compute/worker.h"
#include "core/playback.h"

namespace tconv {

/// Everything a view shows; arrays are empty while `problems` is not.
struct Results {
  Scenario scenario;                 ///< what all of this belongs to
  std::vector<Problem> problems;     ///< of that scenario
  Tensor input;                      ///< (N, C_in, spatial…)
  Tensor weight;                     ///< (C_in, C_out/G, spatial…)
  Tensor bias;                       ///< (C_out), or empty
  Frame frame;                       ///< at the step asked for
  std::shared_ptr<const Ways> ways;  ///< of that scenario; null while they are still being computed
  /// The last one that is ready, maybe of an older scenario or choice: what it belongs to stands in it. Null when none
  /// was asked for, while the first is being computed, and for an illegal layer.
  std::shared_ptr<const Comparison> comparison;
  /// Likewise; while it is being made it changes from one call to the next. The key says what it belongs to.
  std::shared_ptr<const LargeMapState> large_map;
  bool large_map_is_old = false;  ///< it is another one than was asked for
  bool pending = false;           ///< a newer result is being computed: this is the last one that was ready. What is
                                  ///< asked for then is legal: an illegal layer needs no computing

  bool legal() const { return problems.empty(); }
  /// The problems of what was asked for, which may be newer than these results.
  std::vector<Problem> problems_now() const { return pending ? std::vector<Problem>{} : problems; }
  /// There are arrays: false for an illegal layer, and while the very first result is still being computed.
  bool ready() const { return legal() && !frame.output.empty(); }
};

/// Multiplications that the layer takes: N·C_in·∏I·∏K·C_out/G. Saturates.
std::int64_t multiplications(const LayerSpec& layer);

/// What is wanted beyond the frame.
struct Needs {
  bool ways = false;
  std::optional<ComparisonChoice> comparison = {};
  struct LargeMap {
    LargeMapChoice choice;
    LargeMapView view;
  };
  std::optional<LargeMap> large_map = {};
};

/// Computes at once, on the calling thread; what is not needed is left out.
Results compute_results(const Scenario& scenario, std::int64_t step, const Needs& needs = {.ways = true});
/// Likewise; nothing when `keep_going` says to stop.
std::optional<Results> compute_results(const Scenario& scenario, std::int64_t step, const Needs& needs,
                                       const KeepGoing& keep_going);
/// Those of another step of the same scenario: only the frame is computed. Nothing when told to stop.
std::optional<Results> results_at(const Results& results, std::int64_t step, const KeepGoing& keep_going = {});

/// Quick results are there at once; slow ones are computed by a worker while the old result stays, and are abandoned
/// when a newer one is asked for. All members are for one thread (the UI's); only `wake` is called from the worker.
class ResultStore {
 public:
  /// `wake` is called whenever a slow result is ready: ask again then. `device`: for large maps.
  explicit ResultStore(std::function<void()> wake, LargeMapDeviceSource device = {});

  /// The result for (scenario, step), or the last ready one with `pending` set. Its `ways` may be null for a while;
  /// when they are needed the last result that had them is returned instead, `pending`. A comparison that is needed may
  /// be an older one for a while. Valid until the next call.
  const Results& at(const Scenario& scenario, std::int64_t step, const Needs& needs = {});

  /// Blocks until the newest request is ready, `ways` and all: for pictures made without a person.
  const Results& wait_for(const Scenario& scenario, std::int64_t step, const Needs& needs = {});

  /// See LargeMapWorker.
  void give_up_device(std::string trouble) { large_maps_.give_up_device(std::move(trouble)); }

 private:
  struct Key {
    Scenario scenario;
    std::int64_t step = 0;
    bool operator==(const Key&) const = default;
  };
  void update(const Key& key);
  void update_ways();
  void update_comparison(const Needs& needs);
  void update_large_map(const Needs& needs);

  Results shown_;
  std::optional<Key> shown_key_;
  Results with_ways_;  ///< the last one that had them
  Worker<Key, Results> results_;
  std::optional<ComparisonKey> wanted_comparison_;  ///< of what is asked for
  std::shared_ptr<const Comparison> comparison_;    ///< the last one
  Worker<Scenario, std::shared_ptr<const Ways>> ways_;
  Worker<ComparisonKey, std::shared_ptr<const Comparison>> comparisons_;
  LargeMapWorker large_maps_;
};

}  // namespace tconv
