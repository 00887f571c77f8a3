#include "kernels/team.h"

#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <atomic>

namespace tconv {

struct Team::Arena {
  explicit Arena(int threads) : arena(threads) {}
  tbb::task_arena arena;
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
