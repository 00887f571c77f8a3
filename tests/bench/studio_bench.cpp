// How quickly the window answers, measured off screen on this machine's OpenGL (a software renderer, usually). Prints
// one line per figure, "name milliseconds"; nothing here passes or fails: machines differ, and so does their noise.
//
//   build/release/bench/studio_bench          # all views
//   build/release/bench/studio_bench large    # large maps alone

#include <epoxy/gl.h>
#include <imgui.h>
#include <imgui_impl_opengl3.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/gl_textures.h"
#include "gpu/gl_large_map.h"
#include "gpu/offscreen_context.h"
#include "ui/studio.h"

namespace tconv {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

constexpr Size window{1440, 900};

void draw(Studio& studio, GlTextures& textures) {
  ImGui_ImplOpenGL3_NewFrame();
  studio.frame(window, 1.0 / 60);
  glClear(GL_COLOR_BUFFER_BIT);
  ImGui_ImplOpenGL3_RenderDrawData(ImGui::GetDrawData());
  textures.end_frame();
  glFinish();
}

/// The median time of a frame in which `change` has just happened.
template <typename Change>
void measure(const char* name, Studio& studio, GlTextures& textures, int repetitions, Change change) {
  std::vector<double> times;
  for (int i = 0; i < repetitions; ++i) {
    change(i);
    const auto start = Clock::now();
    draw(studio, textures);
    times.push_back(milliseconds_since(start));
  }
  std::ranges::sort(times);
  std::printf("%-56s %8.2f ms  (of %d; %.2f to %.2f)\n", name, times[times.size() / 2], repetitions, times.front(),
              times.back());
}

void set_layer(Studio& studio, std::int64_t input, std::int64_t kernel, std::int64_t stride) {
  Document changed = studio.session().document();
  for (AxisSpec& axis : changed.scenario.layer.axes) axis = {.input = input, .kernel = kernel, .stride = stride};
  studio.session().preview(changed);
}

/// Frames while a large map is moved under the window, and how long a slider takes to its first and last picture.
void measure_large_maps(Studio& studio, GlTextures& textures, const std::string& way, const std::string& side) {
  Interaction& interaction = studio.session().interaction();
  interaction.choices["large/way"] = way;
  interaction.choices["large/side"] = side;
  interaction.viewport = {};
  const auto name = [&](const char* what) { return "large map " + side + ", " + way + ": " + what; };
  const auto state = [&] { return studio.session().results().large_map; };
  set_layer(studio, 64, 4, 2);
  for (int i = 0; i < 2; ++i) {
    studio.session().wait_for_results();
    draw(studio, textures);
  }
  measure(name("nothing changes").c_str(), studio, textures, 40, [](int) {});
  for (const double zoom : {1.5, 6.0, 200.0}) {
    const std::string words = "moving at zoom " + std::to_string(zoom).substr(0, 5);
    measure(name(words.c_str()).c_str(), studio, textures, 60, [&](int i) {
      interaction.viewport = {.zoom = zoom, .centre = {0.4 + 0.003 * i, 0.5 + 0.001 * i}};
    });
  }
  interaction.viewport = {};
  const auto until = [&](const char* what, std::int64_t kernel, std::int64_t stride, auto there) {
    studio.session().wait_for_results();
    draw(studio, textures);
    const auto start = Clock::now();
    set_layer(studio, 64, kernel, stride);
    const auto done = [&] {
      const auto now = state();
      return now && now->key.scenario.layer.axes[0].kernel == kernel && there(*now);
    };
    do draw(studio, textures);
    while (!done());
    std::printf("%-56s %8.2f ms\n", name(what).c_str(), milliseconds_since(start));
  };
  const auto any = [](const LargeMapState&) { return true; };
  const auto whole = [](const LargeMapState& now) { return now.complete(); };
  until("kernel slider to the first picture", 5, 2, any);
  until("kernel slider to the whole map", 6, 2, whole);
  until("stride slider to the first picture", 5, 3, any);
  until("stride slider to the whole map", 6, 4, whole);
}

void measure_views(Studio& studio, GlTextures& textures) {
  measure("nothing changes", studio, textures, 60, [](int) {});
  measure("stride slider, 2x2 input", studio, textures, 60, [&](int i) { set_layer(studio, 2, 3, 1 + i % 6); });
  measure("stride slider, 16x16 input", studio, textures, 60, [&](int i) { set_layer(studio, 16, 4, 1 + i % 3); });
  measure("hover, 64x64 output", studio, textures, 60, [&](int i) {
    set_layer(studio, 32, 2, 2);
    studio.input().move({700.0 + i, 200.0 + i});
  });
  measure("step, 64x64 output", studio, textures, 60, [&](int i) { studio.session().seek(i * 8); });
  measure("stride slider, 256x256 input", studio, textures, 20, [&](int i) { set_layer(studio, 256, 4, 1 + i % 3); });
  for (const char* view : {"linked", "matrix", "insert-zeros", "phases", "gradients"}) {
    studio.session().show(view);
    set_layer(studio, 32, 2, 2);
    const std::string name = std::string("hover, 64x64 output, ") + view;
    measure(name.c_str(), studio, textures, 40, [&](int i) { studio.input().move({700.0 + i, 200.0 + i}); });
  }
  studio.session().show("matrix");
  set_layer(studio, 250, 4, 2);  // a million non-zeros
  studio.session().wait_for_results();
  measure("hover, matrix of 1,000,000 non-zeros", studio, textures, 40, [&](int i) {
    studio.input().move({500.0 + i, 300.0 + i});
  });
  studio.session().show("overlap");
  measure("kernel slider, overlap of 2048x2048", studio, textures, 20,
          [&](int i) { set_layer(studio, 1024, 2 + i % 4, 2); });
}

int run(bool only_large) {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  const auto start = Clock::now();
  const OffscreenContext context;
  std::printf("%s\n", gl_description().c_str());
  std::printf("%-56s %8.2f ms\n", "OpenGL context", milliseconds_since(start));
  GLuint texture = 0;
  glGenTextures(1, &texture);
  glBindTexture(GL_TEXTURE_2D, texture);
  glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, 1440, 900, 0, GL_RGBA, GL_UNSIGNED_BYTE, nullptr);
  GLuint framebuffer = 0;
  glGenFramebuffers(1, &framebuffer);
  glBindFramebuffer(GL_FRAMEBUFFER, framebuffer);
  glFramebufferTexture2D(GL_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, texture, 0);
  glViewport(0, 0, 1440, 900);

  ImGui::CreateContext();
  {
    GlTextures textures;
    Studio studio(textures, {.device = large_map_device([&context] { return context.shared(); })}, [] {});
    const auto fonts = Clock::now();
    studio.set_scale(1);
    std::printf("%-56s %8.2f ms\n", "fonts", milliseconds_since(fonts));
    ImGui_ImplOpenGL3_Init("#version 330");
    draw(studio, textures);
    std::printf("%-56s %8.2f ms\n", "first frame, from the start", milliseconds_since(start));

    if (!only_large) measure_views(studio, textures);
    studio.session().show("large-maps");
    for (const char* side : {"2048", "16384"}) measure_large_maps(studio, textures, "cpu", side);
    // Where the processor does what shaders say, maps of 16384 x 16384 take it many seconds.
    for (const char* side : {"2048", gl_in_software() ? "4096" : "16384"}) {
      measure_large_maps(studio, textures, "gpu", side);
    }
    ImGui_ImplOpenGL3_Shutdown();
  }
  ImGui::DestroyContext();
  return 0;
}

}  // namespace
}  // namespace tconv

int main(int count, char** words) {
  try {
    return tconv::run(count > 1 && std::string_view(words[1]) == "large");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "studio_bench: %s\n", error.what());
    return 1;
  }
}
