#include "gpu/egl_display.h"

#include <dlfcn.h>
#include <epoxy/egl.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string_view>

namespace tconv {
namespace {

constexpr std::string_view no_opengl = "no off-screen OpenGL: ";

/// epoxy ends the process when a library is missing that it has to open: it is asked for only what is there.
bool can_open(const char* library) {
  void* handle = ::dlopen(library, RTLD_LAZY | RTLD_LOCAL);
  if (handle == nullptr) return false;
  ::dlclose(handle);
  return true;
}

void require_libraries() {
  if (!can_open("libEGL.so.1")) throw std::runtime_error(std::string(no_opengl) + "libEGL.so.1 is missing (libegl1)");
  if (!can_open("libOpenGL.so.0") && !can_open("libGL.so.1")) {
    throw std::runtime_error(std::string(no_opengl) +
                             "libOpenGL.so.0 and libGL.so.1 are missing (libopengl0 or libgl1)");
  }
}

bool has_client_extension(const char* name) { return epoxy_has_egl_extension(EGL_NO_DISPLAY, name); }

std::vector<EglCandidate> devices() {
  if (!has_client_extension("EGL_EXT_platform_device") ||
      !(has_client_extension("EGL_EXT_device_enumeration") || has_client_extension("EGL_EXT_device_base"))) {
    return {};
  }
  std::array<EGLDeviceEXT, 64> found{};
  EGLint count = 0;
  if (eglQueryDevicesEXT(static_cast<EGLint>(found.size()), found.data(), &count) == EGL_FALSE) return {};
  std::vector<EglCandidate> list;
  for (EGLint i = 0; i < count; ++i) {
    const EGLDeviceEXT device = found[static_cast<std::size_t>(i)];
    const char* extensions = eglQueryDeviceStringEXT(device, EGL_EXTENSIONS);
    const bool software = extensions != nullptr && epoxy_extension_in_string(extensions, "EGL_MESA_device_software");
    list.push_back({"device " + std::to_string(i), EGL_PLATFORM_DEVICE_EXT, device, !software});
  }
  return list;
}

std::vector<EglCandidate> picked(const std::vector<EglCandidate>& in_order, std::string_view choice) {
  std::vector<EglCandidate> left;
  for (const EglCandidate& candidate : in_order) {
    if (choice == "software" ? !candidate.hardware : candidate.name == "device " + std::string(choice)) {
      left.push_back(candidate);
    }
  }
  if (left.empty()) {
    throw std::runtime_error(std::string(no_opengl) + "TCONV_GPU=" + std::string(choice) +
                             " names no device; it may be the number of a device, or \"software\"");
  }
  return left;
}

/// How many displays of each handle are in use. Of the process, as the displays themselves are.
struct Uses {
  std::mutex mutex;
  std::map<void*, int> count;
};
Uses& uses() {
  static Uses all;
  return all;
}

}  // namespace

std::vector<EglCandidate> egl_candidates() {
  require_libraries();
  std::vector<EglCandidate> list;
  if (has_client_extension("EGL_EXT_platform_base")) {
    list = devices();
    const auto software = std::ranges::stable_partition(list, [](const EglCandidate& c) { return c.hardware; });
    if (has_client_extension("EGL_MESA_platform_surfaceless")) {
      list.insert(software.begin(), {"surfaceless platform", EGL_PLATFORM_SURFACELESS_MESA, nullptr, false});
    }
  }
  list.push_back({"default display", 0, nullptr, false});
  const char* choice = std::getenv("TCONV_GPU");
  return choice == nullptr || *choice == '\0' ? list : picked(list, choice);
}

EglDisplay::EglDisplay(const EglCandidate& candidate)
    : handle_(candidate.platform == 0 ? eglGetDisplay(EGL_DEFAULT_DISPLAY)
                                      : eglGetPlatformDisplayEXT(candidate.platform, candidate.native, nullptr)) {
  if (handle_ == EGL_NO_DISPLAY) throw std::runtime_error("EGL has no such display");
  const std::lock_guard lock(uses().mutex);
  if (eglInitialize(handle_, nullptr, nullptr) == EGL_FALSE) throw std::runtime_error("EGL cannot be started");
  ++uses().count[handle_];
}

EglDisplay::~EglDisplay() {
  const std::lock_guard lock(uses().mutex);
  if (--uses().count[handle_] == 0) {
    uses().count.erase(handle_);
    eglTerminate(handle_);
  }
}

}  // namespace tconv
