#include "compute/large_map_worker.h"

#include <new>
#include <utility>

#include "compute/large_map_making.h"
#include "compute/limits.h"
#include "kernels/machine_limits.h"

namespace tconv {

using std::int64_t;

/// What the worker's thread knows of the machine.
struct LargeMapWorker::Machine {
  LargeMapDevice* started = nullptr;
  std::optional<MachineLimits> limits;
  double device_bandwidth = 0;
};

LargeMapWorker::LargeMapWorker(std::function<void()> wake, LargeMapDeviceSource source)
    : wake_(std::move(wake)),
      source_(std::move(source)),
      thread_([this](const std::stop_token& stop) { work(stop); }) {}

LargeMapWorker::~LargeMapWorker() {
  thread_.request_stop();
  changed_.notify_all();
  thread_.join();  // before the device goes that it uses
}

void LargeMapWorker::open_device() {
  if (std::exchange(opened_, true)) return;
  std::unique_ptr<LargeMapDevice> device;
  std::string trouble = "there is no OpenGL 4.3 here";
  try {
    if (source_.open) device = source_.open();
  } catch (const BackendError& error) {
    trouble = error.what();
  }
  const std::lock_guard lock(mutex_);
  device_ = std::move(device);
  if (device_ == nullptr) trouble_ = trouble;
}

void LargeMapWorker::ask_for(const LargeMapKey& key, LargeMapWay way, const LargeMapLook& look) {
  if (way == LargeMapWay::automatic) way = source_.usual ? LargeMapWay::gpu : LargeMapWay::cpu;
  if (way != LargeMapWay::cpu) open_device();
  const std::lock_guard lock(mutex_);
  Request request{key, way, look, trouble_};
  if (wanted_ == request) return;
  wanted_ = std::move(request);
  settled_ = false;
  changed_.notify_all();
}

void LargeMapWorker::forget() {
  const std::lock_guard lock(mutex_);
  wanted_.reset();
  settled_ = true;
  state_ = nullptr;
  changed_.notify_all();
}

void LargeMapWorker::give_up_device(std::string trouble) {
  const std::lock_guard lock(mutex_);
  if (!trouble_.empty()) return;
  trouble_ = std::move(trouble);
  if (!wanted_) return;
  wanted_->trouble = trouble_;
  settled_ = false;
  changed_.notify_all();
}

std::shared_ptr<const LargeMapState> LargeMapWorker::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

bool LargeMapWorker::settled() const {
  const std::lock_guard lock(mutex_);
  return settled_;
}

void LargeMapWorker::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return settled_; });
}

bool LargeMapWorker::still_wanted(const Request& request) const {
  const std::lock_guard lock(mutex_);
  return wanted_ == request;
}

void LargeMapWorker::publish(std::shared_ptr<const LargeMapState> state) {
  {
    const std::lock_guard lock(mutex_);
    if (!wanted_ || wanted_->key != state->key) return;  // something newer was asked for meanwhile
    state_ = std::move(state);
  }
  if (wake_) wake_();
}

/// Throws std::bad_alloc.
void LargeMapWorker::make(const Request& request, std::unique_ptr<LargeMapMaking>& making, Machine& machine,
                          const std::stop_token& stop) {
  const auto show = [this](std::shared_ptr<const LargeMapState> state) { publish(std::move(state)); };
  const auto wanted = [&] { return !stop.stop_requested() && still_wanted(request); };
  const bool by_device = request.way != LargeMapWay::cpu;
  std::string trouble = by_device ? request.trouble : "";
  if (by_device && trouble.empty() && machine.started == nullptr) {
    try {
      device_->start();
      machine.started = device_.get();
    } catch (const BackendError& error) {
      trouble = error.what();
      const std::lock_guard lock(mutex_);
      trouble_ = trouble;
    }
  }
  if (making == nullptr || making->key() != request.key) {
    making = std::make_unique<LargeMapMaking>(request.key, making.get());
    // On a device the map will be there before its coarse means could be seen.
    if (!by_device || !trouble.empty()) show(making->state());
  }
  if (!request.key.refused.empty()) return show(making->state());
  LargeMapDevice* const device = trouble.empty() ? machine.started : nullptr;
  if (!making->choose(request.way, device, trouble, wanted)) return;
  making->set_floors(machine.limits ? &*machine.limits : nullptr, machine.device_bandwidth);
  show(making->state());
  // What is looked at comes first; a changed look interrupts the rest, which then goes on from there.
  if (making->look_at(request.look, show, wanted)) making->finish_overview(show, wanted);
}

/// Once, when there is nothing else to do.
void LargeMapWorker::measure(LargeMapMaking& making, Machine& machine) {
  try {
    if (!machine.limits) {
      // Arrays that no cache holds, where two of them do not take the memory that others want.
      const bool roomy = current_limits().memory_bytes > int64_t{4} << 30;
      machine.limits = machine_limits(Team(), 0.3, roomy ? 256 : 64);
    }
    if (machine.started != nullptr && machine.device_bandwidth == 0) {
      machine.device_bandwidth = machine.started->copy_bandwidth();
    }
  } catch (const std::bad_alloc&) {
    return;
  } catch (const BackendError&) {
    return;
  }
  making.set_floors(&*machine.limits, machine.device_bandwidth);
  publish(making.state());
}

void LargeMapWorker::work(const std::stop_token& stop) {
  std::unique_ptr<LargeMapMaking> making;
  Machine machine;
  while (!stop.stop_requested()) {
    Request request;
    {
      std::unique_lock lock(mutex_);
      const bool idle = !wanted_;
      if (idle) {  // memory that is no longer needed
        lock.unlock();
        making = nullptr;
        if (machine.started != nullptr) machine.started->rest();
        lock.lock();
      }
      if (!changed_.wait(lock, stop, [this] { return wanted_ && !settled_; })) break;
      request = *wanted_;
    }
    try {
      make(request, making, machine, stop);
    } catch (const std::bad_alloc&) {
      making = nullptr;
      LargeMapState state;
      state.key = request.key;
      state.refused = out_of_memory;
      publish(std::make_shared<const LargeMapState>(std::move(state)));
    }
    bool done = false;
    {
      const std::lock_guard lock(mutex_);
      done = wanted_ == request;
      if (done) {
        settled_ = true;
        changed_.notify_all();
      }
    }
    const bool measured = machine.limits && (machine.started == nullptr || machine.device_bandwidth > 0);
    if (done && !measured && making != nullptr && request.key.refused.empty()) measure(*making, machine);
  }
  making = nullptr;
  if (machine.started != nullptr) machine.started->stop();
}

}  // namespace tconv
