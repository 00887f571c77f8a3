#pragma once

#include "compute/backend.h"

namespace tconv {

/// `threads` as in Team; `engine`: the kernels to use (see PreparedLayer), empty for the planner's choice.
std::unique_ptr<Backend> cpu_backend(int threads = 0, std::string engine = {});

/// Threads that run at the same time: one for each core that this process may use.
int cpu_threads();

/// The ids of the kernels that there are.
std::vector<std::string_view> cpu_engines();

}  // namespace tconv
