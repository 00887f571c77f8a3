#include "gpu/offscreen_context.h"

#include <epoxy/egl.h>
#include <epoxy/gl.h>

#include <array>
#include <stdexcept>
#include <vector>

#include "gpu/egl_display.h"

namespace tconv {
namespace {

EGLContext make_context(EGLDisplay display, EGLContext share) {
  // Without EGL_KHR_no_config_context only a real configuration will do.
  std::vector<EGLConfig> configs{EGL_NO_CONFIG_KHR};
  constexpr std::array<EGLint, 5> any{EGL_SURFACE_TYPE, EGL_PBUFFER_BIT, EGL_RENDERABLE_TYPE, EGL_OPENGL_BIT, EGL_NONE};
  EGLConfig config = nullptr;
  EGLint count = 0;
  if (eglChooseConfig(display, any.data(), &config, 1, &count) == EGL_TRUE && count > 0) configs.push_back(config);
  constexpr std::array<std::array<EGLint, 2>, 3> versions{{{4, 5}, {4, 3}, {3, 3}}};
  const bool tells_loss =
      epoxy_egl_version(display) >= 15 || epoxy_has_egl_extension(display, "EGL_EXT_create_context_robustness");
  for (const auto& version : versions) {
    for (int robust = tells_loss ? 1 : 0; robust >= 0; --robust) {
      std::vector<EGLint> wanted{EGL_CONTEXT_MAJOR_VERSION,       version[0],
                                 EGL_CONTEXT_MINOR_VERSION,       version[1],
                                 EGL_CONTEXT_OPENGL_PROFILE_MASK, EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT};
      if (robust != 0) {
        wanted.insert(wanted.end(), {EGL_CONTEXT_OPENGL_RESET_NOTIFICATION_STRATEGY, EGL_LOSE_CONTEXT_ON_RESET});
      }
      wanted.push_back(EGL_NONE);
      for (const EGLConfig with : configs) {
        const EGLContext context = eglCreateContext(display, with, share, wanted.data());
        if (context != EGL_NO_CONTEXT) return context;
      }
    }
  }
  return EGL_NO_CONTEXT;
}

std::string renderer() {
  const auto* name = reinterpret_cast<const char*>(glGetString(GL_RENDERER));
  return name != nullptr ? name : "unknown";
}

}  // namespace

struct OffscreenContext::Handles {
  /// A context that shares objects with `share`, a context of the same candidate; EGL_NO_CONTEXT: with none.
  explicit Handles(const EglCandidate& on, EGLContext share) : candidate(on), display(on) {
    eglBindAPI(EGL_OPENGL_API);
    context = make_context(display.handle(), share);
    if (context == EGL_NO_CONTEXT) throw std::runtime_error("OpenGL 3.3 is missing");
  }
  ~Handles() {
    release();
    eglDestroyContext(display.handle(), context);
  }
  Handles(const Handles&) = delete;
  Handles& operator=(const Handles&) = delete;

  bool make_current() const {
    return eglGetCurrentContext() == context ||
           eglMakeCurrent(display.handle(), EGL_NO_SURFACE, EGL_NO_SURFACE, context) == EGL_TRUE;
  }
  void release() const {
    if (eglGetCurrentContext() == context) {
      eglMakeCurrent(display.handle(), EGL_NO_SURFACE, EGL_NO_SURFACE, EGL_NO_CONTEXT);
    }
  }

  EglCandidate candidate;
  EglDisplay display;
  EGLContext context = EGL_NO_CONTEXT;
};

OffscreenContext::OffscreenContext() {
  std::string troubles;
  for (const EglCandidate& candidate : egl_candidates()) {
    try {
      handles_ = std::make_unique<Handles>(candidate, EGL_NO_CONTEXT);
      if (!handles_->make_current()) throw std::runtime_error("OpenGL needs a window there");
      return;
    } catch (const std::runtime_error& error) {
      troubles += (troubles.empty() ? "" : "; ") + candidate.name + ": " + error.what();
    }
  }
  throw std::runtime_error("no off-screen OpenGL: " + troubles +
                           " (a driver is missing; libgl1-mesa-dri has one in software)");
}

OffscreenContext::OffscreenContext(std::unique_ptr<Handles> handles) : handles_(std::move(handles)) {}

OffscreenContext::~OffscreenContext() = default;

std::unique_ptr<OffscreenContext> OffscreenContext::shared() const {
  auto handles = std::make_unique<Handles>(handles_->candidate, handles_->context);
  return std::unique_ptr<OffscreenContext>(new OffscreenContext(std::move(handles)));
}

bool OffscreenContext::make_current() { return handles_->make_current(); }

void OffscreenContext::release() { handles_->release(); }

int gl_version() { return epoxy_gl_version(); }

bool gl_in_software() {
  const std::string name = renderer();
  return name.starts_with("llvmpipe") || name.starts_with("softpipe") || name.starts_with("SWR");
}

std::string gl_name() {
  const int version = epoxy_gl_version();
  std::string name = renderer();
  name = name.substr(0, name.find_first_of("(,/"));  // "llvmpipe (LLVM 15.0.6, 256 bits)"
  while (name.ends_with(' ')) name.pop_back();
  return "OpenGL " + std::to_string(version / 10) + "." + std::to_string(version % 10) + ", " + name;
}

std::string gl_description() {
  return gl_name() + (gl_version() < 43 ? " — no compute shaders (they need 4.3): results come from the CPU" : "");
}

}  // namespace tconv
