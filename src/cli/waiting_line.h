#pragma once
// What keeps somebody at a terminal waiting.

#include <memory>
#include <string>

namespace tconv {

/// "3 of 20, unet_up_2: 12 s" on one line of standard error, once nothing else was said for some seconds. Nothing at
/// all where standard error is no terminal.
class WaitingLine {
 public:
  WaitingLine();
  /// The line goes.
  ~WaitingLine();
  WaitingLine(const WaitingLine&) = delete;
  WaitingLine& operator=(const WaitingLine&) = delete;

  /// From now on it is this that is waited for; the line goes until that has taken long, too.
  void wait_for(std::string what);
  /// Likewise before something else is said.
  void hide();

 private:
  class Clockwork;
  std::unique_ptr<Clockwork> clockwork_;  ///< null without a terminal
};

}  // namespace tconv
