#pragma once

#include <string>

#include "core/layer_spec.h"

namespace tconv {

/// The layer as a PyTorch expression: "nn.ConvTranspose2d(1, 1, kernel_size=3, stride=2, bias=False)". What is
/// PyTorch's default is left out, but kernel_size and stride always stand. Uneven paddings, which PyTorch does not
/// have, become the smaller one and a slice after the call: "…(x)[..., 0:7]"; none for an illegal layer, which has no
/// output to slice. `wrapped`: with line breaks after the parenthesis, for a narrow panel.
std::string pytorch_code(const LayerSpec& layer, bool wrapped);

}  // namespace tconv
