#include "gpu/offscreen_context.h"

#include <epoxy/egl.h>
#include <epoxy/gl.h>

#include <array>
#include <stdexcept>

namespace tconv {

struct OffscreenContext::Handles {
  EGLDisplay display = EGL_NO_DISPLAY;
  EGLContext context = EGL_NO_CONTEXT;
};

namespace {

EGLContext make_context(EGLDisplay display) {
  constexpr std::array<std::array<EGLint, 2>, 3> versions{{{4, 5}, {4, 3}, {3, 3}}};
  for (const auto& version : versions) {
    const std::array<EGLint, 7> wanted{EGL_CONTEXT_MAJOR_VERSION,
                                       version[0],
                                       EGL_CONTEXT_MINOR_VERSION,
                                       version[1],
                                       EGL_CONTEXT_OPENGL_PROFILE_MASK,
                                       EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT,
                                       EGL_NONE};
    const EGLContext context = eglCreateContext(display, EGL_NO_CONFIG_KHR, EGL_NO_CONTEXT, wanted.data());
    if (context != EGL_NO_CONTEXT) return context;
  }
  return EGL_NO_CONTEXT;
}

}  // namespace

OffscreenContext::OffscreenContext() : handles_(std::make_unique<Handles>()) {
  if (!epoxy_has_egl_extension(EGL_NO_DISPLAY, "EGL_EXT_platform_base") ||
      !epoxy_has_egl_extension(EGL_NO_DISPLAY, "EGL_MESA_platform_surfaceless")) {
    throw std::runtime_error(
        "no off-screen OpenGL: EGL has no surfaceless platform (install libegl1 and a Mesa driver)");
  }
  handles_->display = eglGetPlatformDisplayEXT(EGL_PLATFORM_SURFACELESS_MESA, EGL_DEFAULT_DISPLAY, nullptr);
  if (handles_->display == EGL_NO_DISPLAY || eglInitialize(handles_->display, nullptr, nullptr) == EGL_FALSE) {
    throw std::runtime_error("no off-screen OpenGL: EGL cannot be started (install libegl1 and libgl1-mesa-dri)");
  }
  eglBindAPI(EGL_OPENGL_API);
  handles_->context = make_context(handles_->display);
  if (handles_->context == EGL_NO_CONTEXT ||
      eglMakeCurrent(handles_->display, EGL_NO_SURFACE, EGL_NO_SURFACE, handles_->context) == EGL_FALSE) {
    if (handles_->context != EGL_NO_CONTEXT) eglDestroyContext(handles_->display, handles_->context);
    eglTerminate(handles_->display);
    throw std::runtime_error("no off-screen OpenGL: OpenGL 3.3 is missing");
  }
}

OffscreenContext::~OffscreenContext() {
  eglMakeCurrent(handles_->display, EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
  eglDestroyContext(handles_->display, handles_->context);
  eglTerminate(handles_->display);
}

int gl_version() { return epoxy_gl_version(); }

std::string gl_description() {
  const int version = epoxy_gl_version();
  const auto* renderer = reinterpret_cast<const char*>(glGetString(GL_RENDERER));
  std::string name = renderer != nullptr ? renderer : "unknown";
  name = name.substr(0, name.find_first_of("(,/"));  // "llvmpipe (LLVM 15.0.6, 256 bits)"
  while (name.ends_with(' ')) name.pop_back();
  std::string text = "OpenGL " + std::to_string(version / 10) + "." + std::to_string(version % 10) + ", " + name;
  if (version < 43) text += " — no compute shaders (they need 4.3): results come from the CPU";
  return text;
}

}  // namespace tconv
