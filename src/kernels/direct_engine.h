#pragma once

#include "kernels/engine.h"

namespace tconv {

/// The `direct` engine, and its kernel for any plan, those of gradients too, whose axes have at most some ten thousand
/// phases together. Arrays as in Engine::prepare, the weight as the plan says.
Engine direct_engine();
std::unique_ptr<Kernel> direct_kernel(const LayerPlan& plan, const float* weight, const float* bias);

}  // namespace tconv
