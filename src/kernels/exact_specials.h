#pragma once
// NaN and infinities exactly where the definition has them. Engines save work by multiplying with zeros that stand for
// cells or taps that there are not, or by computing with sums of several cells: 0·∞ is then NaN in cells that the
// infinity does not reach. What is finite in their results is right all the same, since nothing makes a NaN or an
// infinity finite again. Numbers that an engine's own representation cannot hold are told of in the same way.

#include <memory>

#include "core/tensor.h"
#include "kernels/engine.h"

namespace tconv {

/// `kernel`, which an engine prepared for the plan and these arrays (`bias` may be empty), followed by
/// - the `direct` engine, made ready when it is needed first, once a run of the kernel met numbers that it spread: it
///   multiplies every cell with taps that reach it, and with nothing else;
/// - where the weights are not all finite, which the zeros around an input meet in every engine, the definition for
///   those elements of the output that are not finite either.
/// Costs nothing else while all numbers are finite.
std::unique_ptr<Kernel> with_exact_specials(const LayerPlan& plan, std::unique_ptr<Kernel> kernel, const Tensor& weight,
                                            const Tensor& bias);

/// Likewise for a gradient of the weight that was computed with zeros for cells that there are not, in all products of
/// one input channel with one tap or of one output channel with one tap alike. False when `keep_going` said no.
bool make_specials_exact(const LayerSpec& layer, const float* input, const float* grad_output, float* grad_weight,
                         const Team& team, const KeepGoing& keep_going);

}  // namespace tconv
