// Play, step and scrub, and what the current step does in words.

#include <imgui.h>

#include <algorithm>
#include <cmath>

#include "figure/layout.h"
#include "ui/actions.h"
#include "ui/widgets.h"

namespace tconv {

namespace {

constexpr double roomy = 720;  // from here on words and buttons share a line

}  // namespace

double timeline_height(double width) { return width < roomy ? 104 : 80; }

void draw_timeline(Ui& ui, const Rect& place) {
  const Theme& theme = ui.theme;
  Session& session = ui.session;
  Canvas c = canvas(ui);
  c.rect({.rect = place, .fill = theme.panel});

  const bool narrow = place.w < roomy;
  const double y = place.y + 13;
  double x = place.x + 18;
  const auto icon = [&](const char* action, Icon which, double width, const std::string& label, const char* tip) {
    const ButtonLook look = label.empty() ? ButtonLook::plain : ButtonLook::primary;
    if (icon_button(ui, std::string("timeline/") + action, {x, y, width, 30}, which, label, look, tip)) {
      run_action(ui, action);
    }
    x += width + (narrow ? 5 : 9);
  };
  const bool playing = session.player().playing();
  const double small = narrow ? 32 : 36;
  icon("first", Icon::first, small, "", "To the start, Home");
  icon("previous", Icon::previous, small, "", "One step back, ←");
  icon("play", playing ? Icon::pause : Icon::play, 76, playing ? "Pause" : "Play", "Space");
  icon("next", Icon::next, small, "", "One step on, →");
  icon("last", Icon::last, small, "", "To the end, End");

  const Rect speed{place.right() - 18 - 52, y, 52, 30};
  if (button(ui, "timeline/speed", speed, number_text(session.player().speed()) + "×", ButtonLook::plain,
             "Speed 0.25× to 8×; + and − change it, too")) {
    session.player().cycle_speed();
  }
  const std::string words = step_words(session.view(), view_input(ui, {place.w, place.h}));
  const Point at = narrow ? Point{place.x + 18, y + 53} : Point{x + 6, y + 20};
  const double room = (narrow ? place.right() - 18 : speed.x - 18) - at.x;
  c.text({.at = at, .text = ui.text.fitted(Font::regular, 13, words, room), .size = 13, .color = theme.muted});

  const Rect bar{place.x + 18, place.bottom() - 24, place.w - 36, 16};
  const Press press = press_area(ui, "timeline/scrub", bar);
  const std::int64_t count = session.step_count();
  if (press.held && count > 0) {
    const double part = (static_cast<double>(ImGui::GetIO().MousePos.x) - bar.x) / bar.w;
    session.player().set_playing(false);
    session.seek(std::llround(std::clamp(part, 0.0, 1.0) * static_cast<double>(count)));
  }
  const double done = count > 0 ? static_cast<double>(session.step()) / static_cast<double>(count) * bar.w : 0;
  const double thick = press.hovered || press.held ? 8 : 6;
  const double top = bar.centre().y - thick / 2;
  c.rect({.rect = {bar.x, top, bar.w, thick}, .fill = theme.track, .radius = thick / 2});
  if (done > 0) c.rect({.rect = {bar.x, top, done, thick}, .fill = theme.kernel, .radius = thick / 2});
}

}  // namespace tconv
