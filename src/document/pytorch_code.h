#pragma once

#include <string>

#include "core/layer_spec.h"

namespace tconv {

/// The layer as a PyTorch expression: "nn.ConvTranspose2d(1, 1, kernel_size=3, stride=2, bias=False)". What is
/// PyTorch's default is left out, but kernel_size and stride always stand. Uneven paddings, which PyTorch does not
/// have, become the smaller one and a slice after the call: "…(x)[..., 0:7]"; none for an illegal layer, which has no
/// output to slice. With `columns` the expression is broken into lines of at
/// most so many characters, as far as its parts are that short; 0 keeps it on one line.
std::string pytorch_code(const LayerSpec& layer, std::size_t columns = 0);

}  // namespace tconv
