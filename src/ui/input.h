#pragma once
// The hands on mouse and keyboard, real or scripted, on their way into Dear ImGui. The window, the tests and the
// screenshots all feed this one queue.

#include <cstdint>
#include <deque>
#include <variant>
#include <vector>

#include "figure/geometry.h"

namespace tconv {

/// Letters and digits by their upper-case character ('Z', '0', '+'); the rest by name.
enum Key : int {
  key_space = ' ',
  key_escape = 256,
  key_enter,
  key_tab,
  key_backspace,
  key_delete,
  key_left,
  key_right,
  key_up,
  key_down,
  key_home,
  key_end,
  key_page_up,
  key_page_down,
  key_f1,
  key_f11,
  key_last
};

struct KeyPress {
  int key = 0;  ///< 0: only a modifier has changed
  bool ctrl = false;
  bool shift = false;

  bool operator==(const KeyPress&) const = default;
};

class Input {
 public:
  void move(Point place);
  void leave();
  void button(int index, bool down);
  void wheel(double dx, double dy);
  void character(char32_t code);
  void key(const KeyPress& press, bool down);

  /// Hands events to ImGui before its NewFrame, in order; a frame ends with the first change of a button or key, since
  /// a press and release between two frames would be lost otherwise.
  /// `text_expected`: a text field is being opened; characters then wait, for some frames, until it has the keyboard.
  void feed(bool text_expected);
  /// Whether another frame is needed to hand over the rest.
  bool pending() const { return !queue_.empty(); }

  /// Keys pressed since the last call that no text field wanted.
  std::vector<KeyPress> take_presses();

 private:
  struct Move {
    Point place;
  };
  struct Button {
    int index;
    bool down;
  };
  struct Wheel {
    double dx, dy;
  };
  struct Character {
    char32_t code;
  };
  struct KeyChange {
    KeyPress press;
    bool down;
  };
  using Event = std::variant<Move, Button, Wheel, Character, KeyChange>;
  std::deque<Event> queue_;
  std::vector<KeyPress> presses_;
  int waited_ = 0;  // frames that characters have waited
};

}  // namespace tconv
