#pragma once
// Shares the work on an animation's pictures between a few threads.

#include <cstdint>
#include <functional>

#include "files/progress.h"

namespace tconv {

/// Calls `work(i)` for i = 0 … count − 1 on a few threads, and `use(i)` on the calling thread: in order, each after its
/// work. Works are at most `most_ahead()` before their use, so no more results than that wait at a time.
///
/// `progress` hears from the calling thread alone, and is asked whether to stop every 10 ms. What a call throws comes
/// out of here, of several the one with the lowest i; then, as on a cancel, nothing new is begun and what is being
/// done is waited for.
void work_in_order(std::int64_t count, const std::function<void(std::int64_t)>& work,
                   const std::function<void(std::int64_t)>& use, const Progress& progress);

std::int64_t most_ahead();

}  // namespace tconv
