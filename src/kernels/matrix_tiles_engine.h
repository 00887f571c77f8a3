#pragma once
// For the gradient of the input, which is a convolution: the engine takes its plan, too.

#include "kernels/engine.h"

namespace tconv {

Engine matrix_tiles_engine();

}  // namespace tconv
