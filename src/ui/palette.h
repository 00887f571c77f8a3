#pragma once
// "Find anything": every action by a few letters of its name.

#include <string>
#include <vector>

#include "ui/actions.h"
#include "ui/text_field_id.h"

namespace tconv {

struct Rect;

class Palette {
 public:
  /// `typed`: what the field holds at first, as if it had been typed.
  void open(std::string typed = {});
  bool is_open() const { return open_; }
  void draw(Ui& ui, const Rect& window);

 private:
  bool open_ = false;
  bool fresh_ = false;
  std::string typed_;
  TextFieldId field_;
  std::vector<Action> recent_;  // files, as they were when it opened
  int chosen_ = 0;
};

}  // namespace tconv
