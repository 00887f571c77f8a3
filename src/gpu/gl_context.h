#pragma once

namespace tconv {

/// An OpenGL context that a thread can take.
class GlContext {
 public:
  virtual ~GlContext() = default;
  /// Whether it is on this thread now; makes it so unless another thread has it. Quick when it is.
  virtual bool make_current() = 0;
  /// Lets another thread have it.
  virtual void release() = 0;
};

}  // namespace tconv
