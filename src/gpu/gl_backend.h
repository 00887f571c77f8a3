#pragma once
// A GPU as what computes layers, without a window.

#include <memory>
#include <string>

#include "compute/backend.h"
#include "gpu/gl_device.h"

namespace tconv {

/// On an off-screen context of its own, which stays current on the thread that opens it: that thread computes. Throws
/// BackendError with one line when there is no OpenGL 4.3, or when a small layer does not come out as it should.
/// `path`: the id of the way to compute all layers; empty: the planner's choice.
std::unique_ptr<Backend> gl_backend();
std::unique_ptr<Backend> gl_backend(GlDeviceOptions options, std::string path = {});

/// Computes small layers by every path and holds them against `scatter_add`: throws BackendError with one line when one
/// of them differs, or fails. Takes some tens of milliseconds. For every device before it is trusted.
void self_test(GlDevice& device);

}  // namespace tconv
