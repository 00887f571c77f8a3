#pragma once

#include <memory>

#include "gpu/gl_context.h"

struct GLFWwindow;

namespace tconv {

/// A context for another thread that shares objects with a window's, through a window that is never shown. Made and let
/// go on the main thread, before the window. Throws BackendError.
std::unique_ptr<GlContext> context_beside(GLFWwindow* window);

}  // namespace tconv
