#pragma once
// An OpenGL context without a window or display server, through EGL's surfaceless platform.

#include <memory>
#include <string>

namespace tconv {

/// Current on the thread that made it, from construction to destruction.
class OffscreenContext {
 public:
  /// Asks for a core context, 4.5 first, then 4.3 and 3.3. Throws std::runtime_error with one line that names what is
  /// missing.
  OffscreenContext();
  ~OffscreenContext();
  OffscreenContext(const OffscreenContext&) = delete;
  OffscreenContext& operator=(const OffscreenContext&) = delete;

 private:
  struct Handles;
  std::unique_ptr<Handles> handles_;
};

/// Of the current context: 45 for 4.5.
int gl_version();
/// For the status bar: "OpenGL 4.5, llvmpipe"; without 4.3 that results come from the CPU.
std::string gl_description();

}  // namespace tconv
