#pragma once
// Results for the views: pure functions of (scenario, step), kept while their key stays the same.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "core/playback.h"

namespace tconv {

/// Everything a view shows; arrays are empty while `problems` is not.
struct Results {
  Scenario scenario;              ///< what all of this belongs to
  std::vector<Problem> problems;  ///< of that scenario
  Tensor input;                   ///< (N, C_in, spatial…)
  Tensor weight;                  ///< (C_in, C_out/G, spatial…)
  Tensor bias;                    ///< (C_out), or empty
  Frame frame;                    ///< at the step asked for
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

/// Computes at once, on the calling thread.
Results compute_results(const Scenario& scenario, std::int64_t step);

/// Quick results are there at once; slow ones are computed by a worker while the old result stays, and are abandoned
/// when a newer one is asked for. All members are for one thread (the UI's); only `wake` is called from the worker.
class ResultStore {
 public:
  /// `wake` is called whenever a slow result is ready: ask again then.
  explicit ResultStore(std::function<void()> wake);
  ~ResultStore();
  ResultStore(const ResultStore&) = delete;
  ResultStore& operator=(const ResultStore&) = delete;

  /// The result for (scenario, step), or the last ready one with `pending` set. Valid until the next call.
  const Results& at(const Scenario& scenario, std::int64_t step);

  /// Blocks until the newest request is ready: for pictures made without a person.
  const Results& wait_for(const Scenario& scenario, std::int64_t step);

 private:
  struct Key {
    Scenario scenario;
    std::int64_t step = 0;
    bool operator==(const Key&) const = default;
  };
  void work(const std::stop_token& stop);

  std::function<void()> wake_;
  Results shown_;
  std::optional<Key> shown_key_;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::optional<Key> wanted_;  ///< what the worker shall do next, or is doing
  bool wanted_taken_ = false;
  std::optional<Results> ready_;
  std::optional<Key> ready_key_;
  std::jthread worker_;  // last: it uses everything above
};

}  // namespace tconv
