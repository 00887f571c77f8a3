// One frame of the whole window, off screen, as a PNG.

#include <epoxy/gl.h>
#include <imgui.h>
#include <imgui_impl_opengl3.h>

#include <algorithm>
#include <iostream>
#include <nlohmann/json.hpp>

#include "app/gl_textures.h"
#include "app/options.h"
#include "files/atomic_file.h"
#include "files/file_error.h"
#include "files/png_writer.h"
#include "gpu/gl_large_map.h"
#include "gpu/offscreen_context.h"

namespace tconv {
namespace {

class Framebuffer {
 public:
  Framebuffer(int width, int height) : width_(width), height_(height) {
    glGenTextures(1, &texture_);
    glBindTexture(GL_TEXTURE_2D, texture_);
    glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, width, height, 0, GL_RGBA, GL_UNSIGNED_BYTE, nullptr);
    glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
    glGenFramebuffers(1, &name_);
    glBindFramebuffer(GL_FRAMEBUFFER, name_);
    glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture_, 0);
    if (glCheckFramebufferStatus(GL_FRAMEBUFFER) != GL_FRAMEBUFFER_COMPLETE) {
      throw std::runtime_error("the picture is too large for this OpenGL");
    }
    glViewport(0, 0, width, height);
  }
  ~Framebuffer() {
    glDeleteFramebuffers(1, &name_);
    glDeleteTextures(1, &texture_);
  }
  Framebuffer(const Framebuffer&) = delete;
  Framebuffer& operator=(const Framebuffer&) = delete;

  /// RGB rows from the top.
  std::vector<std::uint8_t> pixels() const {
    const std::size_t row = static_cast<std::size_t>(width_) * 3;
    std::vector<std::uint8_t> rows(row * static_cast<std::size_t>(height_));
    glPixelStorei(GL_PACK_ALIGNMENT, 1);
    glReadPixels(0, 0, width_, height_, GL_RGB, GL_UNSIGNED_BYTE, rows.data());
    for (int y = 0; y < height_ / 2; ++y) {
      const auto top = rows.begin() + static_cast<std::ptrdiff_t>(row) * y;
      const auto bottom = rows.begin() + static_cast<std::ptrdiff_t>(row) * (height_ - 1 - y);
      std::swap_ranges(top, top + static_cast<std::ptrdiff_t>(row), bottom);
    }
    return rows;
  }

 private:
  int width_;
  int height_;
  GLuint texture_ = 0;
  GLuint name_ = 0;
};

std::string places_json(const Places& places) {
  nlohmann::ordered_json json;
  for (const auto& [name, place] : places) json[name] = {place.x, place.y, place.w, place.h};
  return json.dump(1) + "\n";
}

/// Frames until everything stands: results that take long, layouts that need a second frame.
void settle(Studio& studio, GlTextures& textures, const Size& size, bool hovering) {
  for (int i = 0; i < (hovering ? 4 : 3); ++i) {
    studio.session().wait_for_results();  // again: the first frame says how large maps are
    ImGui_ImplOpenGL3_NewFrame();
    studio.frame(size, hovering ? Rest::pause : 1.0 / 60);
    glClearColor(0, 0, 0, 1);
    glClear(GL_COLOR_BUFFER_BIT);
    ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
    textures.end_frame();
  }
}

Point centre_of(const Studio& studio, const char* flag, const std::string& control) {
  const auto place = studio.places().find(control);
  if (place == studio.places().end()) throw std::runtime_error(flag + (": no control is called " + control));
  return place->second.centre();
}

int draw(const StudioOptions& options) {
  const OffscreenContext context;
  if (gl_version() < 33) throw std::runtime_error("OpenGL 3.3 is missing");
  const Framebuffer framebuffer(options.width, options.height);
  ImGui::CreateContext();
  int result = exit_done;
  {
    GlTextures textures;
    const Platform platform{.device = large_map_device([&context] { return context.shared(); })};
    Studio studio(textures, platform, [] {});
    const double scale = options.scale.value_or(1);
    studio.set_scale(scale);
    ImGui_ImplOpenGL3_Init("#version 330");
    studio.state().renderer = gl_description();
    const std::string trouble = apply_options(studio, options);
    if (trouble.empty()) {
      const Size size{options.width / scale, options.height / scale};
      settle(studio, textures, size, false);
      for (const std::string& click : options.clicks) {
        studio.input().move(centre_of(studio, "--click", click));
        settle(studio, textures, size, false);
        for (const bool down : {true, false}) {
          studio.input().button(0, down);
          settle(studio, textures, size, false);
        }
      }
      if (!options.hover.empty()) {
        studio.input().move(centre_of(studio, "--hover", options.hover));
        settle(studio, textures, size, true);
      }
      write_file_atomically(options.screenshot,
                            png_bytes(options.width, options.height, framebuffer.pixels(), {.channels = 3, .dpi = {}}));
      if (!options.places.empty()) write_file_atomically(options.places, places_json(studio.places()));
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

int run_screenshot(const StudioOptions& options) {
  try {
    return draw(options);
  } catch (const std::exception& error) {
    std::cerr << "tconv-studio: " << error.what() << "\n";
    return exit_failed;
  }
}

}  // namespace tconv
