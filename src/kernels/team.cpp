#include "kernels/team.h"

#include <sched.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>
#include <tbb/task_scheduler_observer.h>

#include <atomic>

namespace tconv {
namespace {

/// The system likes to wake a thread on the core of the one that woke it, which is busy then, and takes milliseconds to
/// move it elsewhere. A worker that finds itself there leaves that core to the caller, also for the next times it is
/// woken.
class OffTheCallersCore : public tbb::task_scheduler_observer {
 public:
  explicit OffTheCallersCore(tbb::task_arena& arena) : tbb::task_scheduler_observer(arena) {
    if (sched_getaffinity(0, sizeof allowed_, &allowed_) == 0) observe(true);
  }
  ~OffTheCallersCore() override { observe(false); }
  OffTheCallersCore(const OffTheCallersCore&) = delete;
  OffTheCallersCore& operator=(const OffTheCallersCore&) = delete;

  void caller_is_here() { core_.store(sched_getcpu(), std::memory_order_relaxed); }

  void on_scheduler_entry(bool worker) override {
    const int core = core_.load(std::memory_order_relaxed);
    if (!worker || core < 0 || core >= CPU_SETSIZE || sched_getcpu() != core) return;
    cpu_set_t others = allowed_;
    CPU_CLR(static_cast<std::size_t>(core), &others);
    if (CPU_COUNT(&others) > 0) sched_setaffinity(0, sizeof others, &others);
  }

 private:
  cpu_set_t allowed_{};
  std::atomic<int> core_ = -1;
};

}  // namespace

struct Team::Arena {
  explicit Arena(int threads) : arena(threads), observer(arena) {}
  tbb::task_arena arena;
  OffTheCallersCore observer;
};

Team::Team(int threads) : threads_(threads > 0 ? threads : tbb::this_task_arena::max_concurrency()) {
  if (threads_ > 1) arena_ = std::make_unique<Arena>(threads_);
}
Team::~Team() = default;

bool Team::share(std::int64_t parts, const KeepGoing& keep_going,
                 const std::function<void(std::int64_t, int)>& work) const {
  if (arena_ == nullptr || parts < 2) {
    for (std::int64_t part = 0; part < parts; ++part) {
      if (keep_going && !keep_going()) return false;
      work(part, 0);
    }
    return true;
  }
  std::atomic<bool> going = true;
  arena_->observer.caller_is_here();
  arena_->arena.execute([&] {
    tbb::parallel_for(tbb::blocked_range<std::int64_t>(0, parts, 1), [&](const auto& range) {
      for (std::int64_t part = range.begin(); part != range.end(); ++part) {
        if (!going.load(std::memory_order_relaxed)) return;
        if (keep_going && !keep_going()) {
          going = false;
          return;
        }
        work(part, tbb::this_task_arena::current_thread_index());
      }
    });
  });
  return going;
}

}  // namespace tconv
