#pragma once
// Where OpenGL without a window is to be had on this machine.

#include <string>
#include <vector>

namespace tconv {

/// One place to ask for a context.
struct EglCandidate {
  std::string name;        ///< "device 0", "surfaceless platform", "default display"
  unsigned platform = 0;   ///< for eglGetPlatformDisplayEXT; 0: eglGetDisplay
  void* native = nullptr;  ///< what belongs to the platform: a device, or null for its default display
  bool hardware = false;
};

/// In the order to try them: graphics cards as EGL lists them, the surfaceless platform (Mesa's; a headless machine
/// with another driver has only devices), software devices, the default display. The environment variable TCONV_GPU
/// picks one: the number of a device in EGL's list, or "software". Throws std::runtime_error with one line when libEGL
/// or libGL is missing (they are opened here for the first time) or when the variable names none.
std::vector<EglCandidate> egl_candidates();

/// A display that is initialized as long as one of these lives. EGL has one display per platform and native handle in a
/// process, and terminating it takes all contexts with it: the last one here does.
class EglDisplay {
 public:
  /// Throws std::runtime_error with a few words when it cannot be started.
  explicit EglDisplay(const EglCandidate& candidate);
  ~EglDisplay();
  EglDisplay(const EglDisplay&) = delete;
  EglDisplay& operator=(const EglDisplay&) = delete;

  void* handle() const { return handle_; }

 private:
  void* handle_;
};

}  // namespace tconv
