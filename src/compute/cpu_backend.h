#pragma once

#include "compute/backend.h"

namespace tconv {

/// `threads` as in Team; `engine`: the kernels to use (see PreparedLayer), empty for the planner's choice.
std::unique_ptr<Backend> cpu_backend(int threads = 0, std::string engine = {});

}  // namespace tconv
