#pragma once
// An OpenGL context without a window or display server, through EGL.

#include <memory>
#include <string>

#include "gpu/gl_context.h"

namespace tconv {

/// Current on the thread that made it, from construction on.
class OffscreenContext : public GlContext {
 public:
  /// On the first of `egl_candidates` that has one. Asks for a core context, 4.5 first, then 4.3 and 3.3, one that
  /// reports when it is lost where the driver can. Throws std::runtime_error with one line that names what is missing.
  OffscreenContext();
  ~OffscreenContext() override;
  OffscreenContext(const OffscreenContext&) = delete;
  OffscreenContext& operator=(const OffscreenContext&) = delete;

  bool make_current() override;
  void release() override;

  /// Another one whose buffers, textures and programs are this one's, too; current on no thread. Throws
  /// std::runtime_error with one line.
  std::unique_ptr<OffscreenContext> shared() const;

 private:
  struct Handles;
  explicit OffscreenContext(std::unique_ptr<Handles> handles);
  std::unique_ptr<Handles> handles_;
};

// Of the current context:
int gl_version();       ///< 45 for 4.5
bool gl_in_software();  ///< the processor computes what shaders say
/// "OpenGL 4.5, llvmpipe".
std::string gl_name();
/// For the status bar: "OpenGL 4.5, llvmpipe"; without 4.3 that results come from the CPU.
std::string gl_description();

}  // namespace tconv
