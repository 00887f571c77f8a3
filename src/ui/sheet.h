#pragma once
// A question in the middle of the window that has to be answered before anything else goes on.

#include <optional>
#include <string>
#include <vector>

#include "ui/autosave.h"
#include "ui/input.h"

namespace tconv {

struct Ui;
struct Rect;

class Sheet {
 public:
  /// "Save the changes before closing?"
  void ask_to_close();
  /// "Recover …?", one after the other, until one is recovered.
  void offer(std::vector<Leftover> leftovers) { leftovers_ = std::move(leftovers); }

  bool is_open() const { return closing_ || !leftovers_.empty(); }
  /// Arrows and Tab choose a button, Enter presses it, Escape the last one.
  void key(Ui& ui, const KeyPress& press);
  void draw(Ui& ui, const Rect& window);

  /// What was recovered since the last call: to be removed once the work is safe elsewhere.
  std::optional<Leftover> take_recovered();

 private:
  struct Choice {
    const char* id;
    const char* label;
    const char* words;
    void (Sheet::*run)(Ui&);
  };
  struct Question {
    std::string title;
    std::vector<std::string> lines;
    std::vector<Choice> choices;  ///< the main one first, the harmless one last
  };
  Question question(const Ui& ui) const;
  void choose(Ui& ui, const Choice& choice);

  void save_and_close(Ui& ui);
  void close(Ui& ui);
  void cancel(Ui& ui);
  void go_back(Ui& ui);
  void recover(Ui& ui);
  void discard(Ui& ui);
  void later(Ui& ui);

  bool closing_ = false;
  std::vector<Leftover> leftovers_;  // the first is asked about
  std::optional<Leftover> recovered_;
  std::size_t chosen_ = 0;
};

}  // namespace tconv
