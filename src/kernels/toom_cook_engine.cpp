// Fewer products than the definition has: every phase of a layer is the product of two polynomials in each axis, the
// cells of a tile and the phase's taps, and is computed from the values of both at some points (Toom-Cook; transposed,
// it is known as Winograd's convolution).

#include "kernels/engine.h"
#include "kernels/toom_cook_kernel.h"

namespace tconv {
namespace {

Estimate estimate_toom_cook(const LayerPlan& layer) {
  const ToomCookChoice choice = toom_cook_choice(layer);
  if (!choice.plan) return {false, 0, choice.why};
  return {true, choice.plan->cycles, toom_cook_words(layer, *choice.plan)};
}

std::unique_ptr<Kernel> prepare_toom_cook(const LayerPlan& layer, const float* weight, const float* bias) {
  return std::make_unique<ToomCookKernel>(layer, *toom_cook_choice(layer).plan, weight, bias);
}

}  // namespace

Engine toom_cook_engine() { return {"toom_cook", &estimate_toom_cook, &prepare_toom_cook}; }

}  // namespace tconv
