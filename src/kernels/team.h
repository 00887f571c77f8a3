#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "core/scatter_add.h"

namespace tconv {

/// Some threads that share work.
class Team {
 public:
  /// `threads` >= 1; 0: one for each core that this process may use.
  explicit Team(int threads = 0);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  int threads() const { return threads_; }

  /// work(part, slot) for every part in [0, parts), in any order, each once; slot in [0, threads()) is another one for
  /// each part that runs at the same time: the scratch to use. False when `keep_going`, which is asked before each
  /// part and may be empty, said no: then parts may be missing. Passes on what `work` throws.
  bool share(std::int64_t parts, const KeepGoing& keep_going,
             const std::function<void(std::int64_t part, int slot)>& work) const;

 private:
  struct Arena;
  int threads_;
  std::unique_ptr<Arena> arena_;  ///< null for one thread
};

}  // namespace tconv
