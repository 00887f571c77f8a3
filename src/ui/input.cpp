#include "ui/input.h"

#include <limits>

#include "ui/imgui_compat.h"

namespace tconv {

void Input::move(Point place) {
  // Only the last of several moves in a row matters; a drag's in-between places are drawn if there is time for frames.
  if (!queue_.empty()) {
    if (auto* last = std::get_if<Move>(&queue_.back())) {
      last->place = place;
      return;
    }
  }
  queue_.push_back(Move{place});
}

void Input::leave() {
  constexpr double nowhere = -static_cast<double>(std::numeric_limits<float>::max());
  queue_.push_back(Move{{nowhere, nowhere}});
}

void Input::button(int index, bool down) { queue_.push_back(Button{index, down}); }
void Input::wheel(double dx, double dy) { queue_.push_back(Wheel{dx, dy}); }
void Input::character(char32_t code) { queue_.push_back(Character{code}); }
void Input::key(const KeyPress& press, bool down) { queue_.push_back(KeyChange{press, down}); }

void Input::feed(bool text_expected) {
  ImGuiIO& io = ImGui::GetIO();
  constexpr int longest_wait = 6;
  bool changed = false;
  while (!queue_.empty() && !changed) {
    if (std::holds_alternative<Character>(queue_.front()) && text_expected && !io.WantTextInput &&
        waited_ < longest_wait) {
      ++waited_;
      return;
    }
    waited_ = 0;
    const Event event = queue_.front();
    queue_.pop_front();
    if (const auto* move = std::get_if<Move>(&event)) {
      compat::mouse_position(io, move->place);
      // A press hits what is hovered, and that is known only after a frame with the mouse there.
      changed = !queue_.empty() && std::holds_alternative<Button>(queue_.front());
    } else if (const auto* button = std::get_if<Button>(&event)) {
      compat::mouse_button(io, button->index, button->down);
      changed = true;
    } else if (const auto* wheel = std::get_if<Wheel>(&event)) {
      compat::mouse_wheel(io, wheel->dx, wheel->dy);
    } else if (const auto* character = std::get_if<Character>(&event)) {
      // A character is never typed with Ctrl; whoever held it may have let go unseen.
      compat::key(io, {}, true);
      io.AddInputCharacter(static_cast<unsigned>(character->code));
    } else if (const auto* key = std::get_if<KeyChange>(&event)) {
      compat::key(io, key->press, key->down);
      if (key->down && key->press.key != 0 && !io.WantTextInput) presses_.push_back(key->press);
      changed = true;
    }
  }
}

std::vector<KeyPress> Input::take_presses() {
  std::vector<KeyPress> presses;
  presses.swap(presses_);
  return presses;
}

}  // namespace tconv
