#include "app/glfw_context.h"

#include <GLFW/glfw3.h>

#include "compute/backend.h"

namespace tconv {
namespace {

class GlfwContext : public GlContext {
 public:
  explicit GlfwContext(GLFWwindow* beside) {
    glfwDefaultWindowHints();
    glfwWindowHint(GLFW_VISIBLE, GLFW_FALSE);
    for (const int hint :
         {GLFW_CONTEXT_VERSION_MAJOR, GLFW_CONTEXT_VERSION_MINOR, GLFW_OPENGL_PROFILE, GLFW_CONTEXT_CREATION_API}) {
      glfwWindowHint(hint, glfwGetWindowAttrib(beside, hint));
    }
    window_ = glfwCreateWindow(16, 16, "", nullptr, beside);
    if (window_ == nullptr) throw BackendError("the driver gives no second context beside the window's");
  }
  ~GlfwContext() override { glfwDestroyWindow(window_); }
  GlfwContext(const GlfwContext&) = delete;
  GlfwContext& operator=(const GlfwContext&) = delete;

  bool make_current() override {
    if (glfwGetCurrentContext() != window_) glfwMakeContextCurrent(window_);
    return glfwGetCurrentContext() == window_;
  }
  void release() override {
    if (glfwGetCurrentContext() == window_) glfwMakeContextCurrent(nullptr);
  }

 private:
  GLFWwindow* window_ = nullptr;
};

}  // namespace

std::unique_ptr<GlContext> context_beside(GLFWwindow* window) { return std::make_unique<GlfwContext>(window); }

}  // namespace tconv
