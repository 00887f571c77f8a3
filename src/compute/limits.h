#pragma once

#include "core/layer_spec.h"

namespace tconv {

/// What may be computed here and now: the core's limits and the memory that is free for this process (what the system
/// can give without swapping, what is left of an address-space limit).
Limits current_limits();

}  // namespace tconv
