#include "compute/large_map_worker.h"

#include <chrono>
#include <new>
#include <utility>

#include "compute/large_map_making.h"
#include "kernels/machine_limits.h"

namespace tconv {

namespace {

constexpr auto rest_before_measuring = std::chrono::seconds(2);  // it cannot be interrupted
constexpr int measured_megabytes = 128;                          // of each of two arrays: more than caches have

}  // namespace

/// What the worker's thread knows of the machine.
struct LargeMapWorker::Machine {
  LargeMapDevice* started = nullptr;
  std::optional<MachineLimits> limits;
  bool device_measured = false;
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

/// Whether all that was asked for is there. Throws std::bad_alloc.
bool LargeMapWorker::make(const Request& request, std::unique_ptr<LargeMapMaking>& making, Machine& machine,
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
    try {
      making = std::make_unique<LargeMapMaking>(request.key, making.get());
    } catch (const std::bad_alloc&) {
      if (making == nullptr) throw;
      making = nullptr;  // there may be room without it
      making = std::make_unique<LargeMapMaking>(request.key, nullptr);
    }
  }
  LargeMapDevice* const device = trouble.empty() ? machine.started : nullptr;
  if (!making->choose(request.way, device, trouble, show, wanted)) return false;
  making->set_floors(machine.limits ? &*machine.limits : nullptr, machine.device_bandwidth);
  show(making->state());
  if (!request.key.refused.empty()) return true;
  // What is looked at comes first; a changed look interrupts the rest, which then goes on from there.
  return making->look_at(request.look, show, wanted) && making->finish_overview(show, wanted);
}

/// Once, when nobody has wanted anything for a while.
void LargeMapWorker::measure(LargeMapMaking& making, Machine& machine, const std::stop_token& stop) {
  {
    std::unique_lock lock(mutex_);
    const bool wanted = changed_.wait_for(lock, stop, rest_before_measuring, [this] { return !settled_ || !wanted_; });
    if (wanted || stop.stop_requested()) return;
  }
  try {
    if (!machine.limits) machine.limits = machine_limits(Team(), 0.1, measured_megabytes);
    if (machine.started != nullptr && !machine.device_measured) {
      machine.device_measured = true;
      machine.device_bandwidth = machine.started->copy_bandwidth();
    }
  } catch (const std::bad_alloc&) {
    return;
  } catch (const BackendError&) {  // of the device nothing is known then
  }
  making.set_floors(&*machine.limits, machine.device_bandwidth);
  publish(making.state());
}

void LargeMapWorker::work(const std::stop_token& stop) {
  std::unique_ptr<LargeMapMaking> making;
  Machine machine;
  while (!stop.stop_requested()) {
    Request request;
    bool forgotten = false;
    {
      std::unique_lock lock(mutex_);
      const auto due = [&] { return wanted_ ? !settled_ : making != nullptr; };
      if (!changed_.wait(lock, stop, due)) break;
      forgotten = !wanted_;
      if (wanted_) request = *wanted_;
    }
    if (forgotten) {  // memory that is no longer needed
      making = nullptr;
      if (machine.started != nullptr) machine.started->rest();
      continue;
    }
    bool finished = true;
    try {
      finished = make(request, making, machine, stop);
    } catch (const std::bad_alloc&) {
      making = nullptr;
      LargeMapState state;
      state.key = request.key;
      state.refused = out_of_memory;
      publish(std::make_shared<const LargeMapState>(std::move(state)));
    }
    if (!finished) continue;  // something else is wanted, or this once more
    {
      const std::lock_guard lock(mutex_);
      if (wanted_ != request) continue;
      settled_ = true;
      changed_.notify_all();
    }
    const bool measured = machine.limits && (machine.started == nullptr || machine.device_measured);
    if (!measured && making != nullptr && request.key.refused.empty()) measure(*making, machine, stop);
  }
  making = nullptr;
  if (machine.started != nullptr) machine.started->stop();
}

}  // namespace tconv
