#pragma once
// An OpenGL context without a window or display server, through EGL.

#include <memory>
#include <string>

namespace tconv {

/// Current on the thread that made it, from construction on.
class OffscreenContext {
 public:
  /// On the first of `egl_candidates` that has one. Asks for a core context, 4.5 first, then 4.3 and 3.3, one that
  /// reports when it is lost where the driver can. Throws std::runtime_error with one line that names what is missing.
  OffscreenContext();
  ~OffscreenContext();
  OffscreenContext(const OffscreenContext&) = delete;
  OffscreenContext& operator=(const OffscreenContext&) = delete;

  /// Whether it is on this thread now; makes it so unless another thread has it. Quick when it is.
  bool make_current();
  /// Lets another thread have it.
  void release();

 private:
  struct Handles;
  std::unique_ptr<Handles> handles_;
};

/// Of the current context: 45 for 4.5.
int gl_version();
/// For the status bar: "OpenGL 4.5, llvmpipe"; without 4.3 that results come from the CPU.
std::string gl_description();

}  // namespace tconv
