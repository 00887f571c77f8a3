#pragma once
// How long one layer takes by some ways of computing it, timed in turn.

#include <memory>
#include <string>
#include <vector>

#include "compute/backend.h"
#include "compute/method.h"
#include "compute/timing.h"

namespace tconv {

class LayerBench {
 public:
  struct Way {
    std::string device;   ///< "cpu", "gpu"
    std::string method;   ///< "fast", or a plain way's id
    int threads = 1;      ///< of the CPU
    double prepared = 0;  ///< seconds for making the weights ready; not in `timing`
    std::vector<std::string> explanation;
    Timing timing;
  };

  /// A legal layer; its arrays are numbers in −1 … 1 of a fixed seed. Throws std::bad_alloc.
  explicit LayerBench(const LayerSpec& layer);
  ~LayerBench();

  /// What it holds beside what the ways of computing a legal layer do, for a plain one, in bytes.
  static std::int64_t bytes_beside(const LayerSpec& layer);

  /// The layer on a device, which must outlive this. `threads`: what to call it. Throws BackendError.
  void add(Backend& backend, int threads);
  /// Likewise on the CPU by a plain way.
  void add(const Method& method);

  /// Times all in turn, see timing.h. False when `keep_going` said no. Throws BackendError.
  bool run(const TimingGoal& goal, const KeepGoing& keep_going = {});
  /// In the order in which they were added.
  const std::vector<Way>& ways() const { return ways_; }
  /// 2·N·C_in·C_out/G·∏K·∏I, also for products that the padding crops.
  double operations() const;

 private:
  struct Arrays;

  LayerSpec layer_;
  Tensor weight_;
  std::unique_ptr<Arrays> arrays_;
  Tensor plain_input_;  ///< empty until a plain way wants it
  std::vector<std::unique_ptr<DeviceLayer>> prepared_;
  std::vector<Way> ways_;
  std::vector<TimedCall> calls_;
  KeepGoing keep_going_;  ///< of the run that goes on
};

}  // namespace tconv
