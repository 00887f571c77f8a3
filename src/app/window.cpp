// The real window: GLFW's events into the studio's input, its frames onto the screen, nothing while nothing happens.

// epoxy comes before GLFW, which would bring in another declaration of OpenGL otherwise.
#include <epoxy/gl.h>
//
#include <GLFW/glfw3.h>
#include <imgui.h>
#include <imgui_impl_opengl3.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iostream>

#include "app/gl_textures.h"
#include "app/glfw_context.h"
#include "app/options.h"
#include "files/state_folder.h"
#include "gpu/gl_large_map.h"
#include "gpu/offscreen_context.h"
#include "ui/imgui_compat.h"

namespace tconv {
namespace {

/// What GLFW says, kept for a message; also called by a thread that takes a context.
thread_local std::string last_error;

/// After each event so many frames are drawn: hover, press and layout each need one to settle.
constexpr int frames_after_event = 3;

int key_of(int glfw_key) {
  if (glfw_key >= GLFW_KEY_A && glfw_key <= GLFW_KEY_Z) return glfw_key;
  if (glfw_key >= GLFW_KEY_0 && glfw_key <= GLFW_KEY_9) return glfw_key;
  if (glfw_key >= GLFW_KEY_KP_0 && glfw_key <= GLFW_KEY_KP_9) return '0' + glfw_key - GLFW_KEY_KP_0;
  switch (glfw_key) {
    case GLFW_KEY_SPACE:
      return key_space;
    case GLFW_KEY_ESCAPE:
      return key_escape;
    case GLFW_KEY_ENTER:
    case GLFW_KEY_KP_ENTER:
      return key_enter;
    case GLFW_KEY_TAB:
      return key_tab;
    case GLFW_KEY_BACKSPACE:
      return key_backspace;
    case GLFW_KEY_DELETE:
      return key_delete;
    case GLFW_KEY_LEFT:
      return key_left;
    case GLFW_KEY_RIGHT:
      return key_right;
    case GLFW_KEY_UP:
      return key_up;
    case GLFW_KEY_DOWN:
      return key_down;
    case GLFW_KEY_HOME:
      return key_home;
    case GLFW_KEY_END:
      return key_end;
    case GLFW_KEY_F1:
      return key_f1;
    case GLFW_KEY_F11:
      return key_f11;
    case GLFW_KEY_EQUAL:
    case GLFW_KEY_KP_ADD:
      return '+';
    case GLFW_KEY_MINUS:
    case GLFW_KEY_KP_SUBTRACT:
      return '-';
    default:
      return 0;
  }
}

class Window {
 public:
  explicit Window(const StudioOptions& options) : options_(options) {}
  ~Window() {
    if (window_ != nullptr) {
      for (GLFWcursor* cursor : {hand_, beam_}) {
        if (cursor != nullptr) glfwDestroyCursor(cursor);
      }
      glfwDestroyWindow(window_);
    }
    if (started_) glfwTerminate();
  }
  Window(const Window&) = delete;
  Window& operator=(const Window&) = delete;

  int run();

 private:
  bool open();
  bool make_window(int major, int minor, int api);
  void connect(Studio& studio);
  void loop(Studio& studio, GlTextures& textures);
  void wait(Studio& studio);
  void update_scale(Studio& studio);
  void show_title(const std::string& title);
  void show_cursor();
  void report_first_frame();
  void toggle_full_screen();
  Point in_points(double x, double y) const;
  static Window& of(GLFWwindow* window) { return *static_cast<Window*>(glfwGetWindowUserPointer(window)); }

  const StudioOptions& options_;
  GLFWwindow* window_ = nullptr;
  GLFWcursor* hand_ = nullptr;
  GLFWcursor* beam_ = nullptr;
  Studio* studio_ = nullptr;
  bool started_ = false;
  bool reported_ = false;
  std::chrono::steady_clock::time_point started_at_ = std::chrono::steady_clock::now();
  int frames_due_ = frames_after_event;
  std::string title_;
  std::array<int, 4> windowed_{};  // place and size to return to from full screen
};

bool Window::make_window(int major, int minor, int api) {
  glfwDefaultWindowHints();
  glfwWindowHint(GLFW_CONTEXT_VERSION_MAJOR, major);
  glfwWindowHint(GLFW_CONTEXT_VERSION_MINOR, minor);
  glfwWindowHint(GLFW_OPENGL_PROFILE, GLFW_OPENGL_CORE_PROFILE);
  glfwWindowHint(GLFW_CONTEXT_CREATION_API, api);
  window_ = glfwCreateWindow(options_.width, options_.height, "Tconv Studio", nullptr, nullptr);
  return window_ != nullptr;
}

bool Window::open() {
  // The last error is kept for the message; the many before it (4.5 refused, then 4.3, …) are no news.
  last_error.clear();
  glfwSetErrorCallback([](int, const char* text) { last_error = text; });
  if (glfwInit() == GLFW_FALSE) {
    std::cerr << "tconv-studio: no display to open a window on (" << last_error
              << "); --screenshot draws without one\n";
    return false;
  }
  started_ = true;
  for (const int api : {GLFW_NATIVE_CONTEXT_API, GLFW_EGL_CONTEXT_API}) {
    for (const auto& version : {std::array{4, 5}, std::array{4, 3}, std::array{3, 3}}) {
      if (make_window(version[0], version[1], api)) {
        glfwMakeContextCurrent(window_);
        return true;
      }
    }
  }
  std::cerr << "tconv-studio: OpenGL 3.3 is missing: update the graphics driver, or install libgl1-mesa-dri for the "
               "software renderer ("
            << last_error << ")\n";
  return false;
}

Point Window::in_points(double x, double y) const {
  int width = 1;
  int height = 1;
  int pixels_x = 1;
  int pixels_y = 1;
  glfwGetWindowSize(window_, &width, &height);
  glfwGetFramebufferSize(window_, &pixels_x, &pixels_y);
  const double scale = studio_->scale();
  return {x * pixels_x / std::max(1, width) / scale, y * pixels_y / std::max(1, height) / scale};
}

void Window::connect(Studio& studio) {
  studio_ = &studio;
  glfwSetWindowUserPointer(window_, this);
  const auto touched = [](GLFWwindow* window) -> Window& {
    Window& self = of(window);
    self.frames_due_ = frames_after_event;
    return self;
  };
  // GLFW takes plain functions: the lambdas below capture nothing.
  static const auto touch = touched;
  glfwSetCursorPosCallback(window_, [](GLFWwindow* w, double x, double y) {
    Window& self = touch(w);
    self.studio_->input().move(self.in_points(x, y));
  });
  glfwSetCursorEnterCallback(window_, [](GLFWwindow* w, int entered) {
    if (entered == GLFW_FALSE) touch(w).studio_->input().leave();
  });
  glfwSetMouseButtonCallback(window_, [](GLFWwindow* w, int button, int action, int) {
    if (button < 3) touch(w).studio_->input().button(button, action == GLFW_PRESS);
  });
  glfwSetScrollCallback(window_, [](GLFWwindow* w, double x, double y) { touch(w).studio_->input().wheel(x, y); });
  glfwSetCharCallback(window_, [](GLFWwindow* w, unsigned code) { touch(w).studio_->input().character(code); });
  glfwSetKeyCallback(window_, [](GLFWwindow* w, int key, int, int action, int mods) {
    KeyPress press{key_of(key), (mods & GLFW_MOD_CONTROL) != 0, (mods & GLFW_MOD_SHIFT) != 0};
    // Whether a modifier's own event counts it among the modifiers differs between platforms.
    const bool is_ctrl = key == GLFW_KEY_LEFT_CONTROL || key == GLFW_KEY_RIGHT_CONTROL;
    const bool is_shift = key == GLFW_KEY_LEFT_SHIFT || key == GLFW_KEY_RIGHT_SHIFT;
    if (is_ctrl) press.ctrl = action != GLFW_RELEASE;
    if (is_shift) press.shift = action != GLFW_RELEASE;
    if (press.key != 0 || is_ctrl || is_shift) touch(w).studio_->input().key(press, action != GLFW_RELEASE);
  });
  glfwSetDropCallback(window_, [](GLFWwindow* w, int count, const char** paths) {
    Window& self = touch(w);
    double x = 0;
    double y = 0;
    glfwGetCursorPos(w, &x, &y);
    for (int i = 0; i < count; ++i) self.studio_->drop(paths[i], self.in_points(x, y));
  });
  glfwSetWindowCloseCallback(window_, [](GLFWwindow* w) {
    glfwSetWindowShouldClose(w, GLFW_FALSE);  // unsaved changes are asked about first
    touch(w).studio_->ask_to_quit();
  });
  glfwSetFramebufferSizeCallback(window_, [](GLFWwindow* w, int, int) { touch(w); });
  glfwSetWindowRefreshCallback(window_, [](GLFWwindow* w) { touch(w); });
  glfwSetWindowContentScaleCallback(window_, [](GLFWwindow* w, float, float) {
    Window& self = touch(w);
    self.update_scale(*self.studio_);
  });
}

void Window::update_scale(Studio& studio) {
  float x = 1;
  float y = 1;
  glfwGetWindowContentScale(window_, &x, &y);
  const double scale = std::clamp(options_.scale.value_or(static_cast<double>(x)), 0.75, 4.0);
  if (scale == studio.scale()) return;
  studio.set_scale(scale);
  ImGui_ImplOpenGL3_DestroyDeviceObjects();  // made anew, with the new glyphs, by the next frame
}

void Window::report_first_frame() {
  if (!options_.timing || reported_) return;
  reported_ = true;
  glFinish();
  const auto spent = std::chrono::steady_clock::now() - started_at_;
  std::cerr << "first frame after " << std::chrono::duration_cast<std::chrono::milliseconds>(spent).count() << " ms\n";
}

void Window::show_cursor() {
  const ImGuiMouseCursor wanted = ImGui::GetMouseCursor();
  glfwSetCursor(window_, wanted == ImGuiMouseCursor_Hand        ? hand_
                         : wanted == ImGuiMouseCursor_TextInput ? beam_
                                                                : nullptr);
}

void Window::toggle_full_screen() {
  GLFWmonitor* monitor = glfwGetPrimaryMonitor();
  if (monitor == nullptr) return;
  if (glfwGetWindowMonitor(window_) != nullptr) {
    glfwSetWindowMonitor(window_, nullptr, windowed_[0], windowed_[1], windowed_[2], windowed_[3], 0);
    return;
  }
  glfwGetWindowPos(window_, &windowed_[0], &windowed_[1]);
  glfwGetWindowSize(window_, &windowed_[2], &windowed_[3]);
  const GLFWvidmode* mode = glfwGetVideoMode(monitor);
  glfwSetWindowMonitor(window_, monitor, 0, 0, mode->width, mode->height, mode->refreshRate);
}

void Window::show_title(const std::string& title) {
  if (title == title_) return;
  title_ = title;
  glfwSetWindowTitle(window_, title.c_str());
}

/// Until something happens, or until unsaved work has to be written.
void Window::wait(Studio& studio) {
  double longest = ImGui::GetIO().WantTextInput ? 0.4 : 0;  // the text cursor blinks
  if (const auto due = studio.safe_in()) longest = std::max(0.01, longest > 0 ? std::min(longest, *due) : *due);
  if (longest > 0) {
    glfwWaitEventsTimeout(longest);
  } else {
    glfwWaitEvents();
  }
}

void Window::loop(Studio& studio, GlTextures& textures) {
  auto before = std::chrono::steady_clock::now();
  while (!studio.state().quit) {
    if (frames_due_ > 0 || studio.animating()) {
      glfwPollEvents();
    } else {
      wait(studio);
      frames_due_ = std::max(frames_due_, 1);
    }
    const auto now = std::chrono::steady_clock::now();
    const double seconds = std::chrono::duration<double>(now - before).count();
    before = now;
    int pixels_x = 0;
    int pixels_y = 0;
    glfwGetFramebufferSize(window_, &pixels_x, &pixels_y);
    if (pixels_x == 0 || pixels_y == 0) {  // minimized
      studio.keep_safe(seconds);
      wait(studio);
      continue;
    }
    --frames_due_;
    ImGui_ImplOpenGL3_NewFrame();
    studio.frame({pixels_x / studio.scale(), pixels_y / studio.scale()}, seconds);
    show_title(studio.title());
    show_cursor();
    glViewport(0, 0, pixels_x, pixels_y);
    glClear(GL_COLOR_BUFFER_BIT);
    ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
    glfwSwapBuffers(window_);
    textures.end_frame();
    report_first_frame();
    if (studio.animating() && !studio.input().pending()) {
      // Some drivers do not wait for the screen: about 60 frames a second are enough. Input ends the wait at once.
      const double spent = std::chrono::duration<double>(std::chrono::steady_clock::now() - now).count();
      if (spent < 1.0 / 60) glfwWaitEventsTimeout(1.0 / 60 - spent);
      frames_due_ = std::max(frames_due_, 1);
    }
  }
}

int Window::run() {
  if (!open()) return exit_failed;
  if (gl_version() < 33) {
    std::cerr << "tconv-studio: OpenGL 3.3 is missing, this driver has " << gl_version() / 10 << "."
              << gl_version() % 10 << "\n";
    return exit_failed;
  }
  glfwSwapInterval(1);
  glfwSetWindowSizeLimits(window_, 820, 560, GLFW_DONT_CARE, GLFW_DONT_CARE);
  hand_ = glfwCreateStandardCursor(GLFW_HAND_CURSOR);
  beam_ = glfwCreateStandardCursor(GLFW_IBEAM_CURSOR);
  ImGui::CreateContext();
  int result = exit_done;
  {
    GlTextures textures;
    const Platform platform{.copy = [this](const std::string& text) { glfwSetClipboardString(window_, text.c_str()); },
                            .toggle_full_screen = [this] { toggle_full_screen(); },
                            .device = large_map_device([this] { return context_beside(window_); })};
    Studio studio(
        textures, platform, [] { glfwPostEmptyEvent(); }, user_state_folder());
    compat::set_clipboard(
        window_, [](void* window) { return glfwGetClipboardString(static_cast<GLFWwindow*>(window)); },
        [](void* window, const char* text) { glfwSetClipboardString(static_cast<GLFWwindow*>(window), text); });
    ImGui_ImplOpenGL3_Init("#version 330");
    connect(studio);
    update_scale(studio);
    studio.state().renderer = gl_description();
    const std::string trouble = apply_options(studio, options_);
    if (trouble.empty()) {
      if (options_.file.empty() && !options_.step) studio.session().play_from_start();  // the example paints itself
      studio.session().start_here();
      loop(studio, textures);
      studio.end();
    } else {
      std::cerr << "tconv-studio: " << trouble << "\n";
      result = exit_bad_file;
    }
    ImGui_ImplOpenGL3_Shutdown();
  }
  ImGui::DestroyContext();
  return result;
}

}  // namespace

int run_window(const StudioOptions& options) { return Window(options).run(); }

}  // namespace tconv
