#include "cli/waiting_line.h"

#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <iostream>
#include <mutex>
#include <stop_token>
#include <thread>

namespace tconv {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto patience = std::chrono::seconds(3);
constexpr auto tick = std::chrono::seconds(1);
constexpr std::size_t most_bytes = 60;  // of a narrow terminal's line, which must not break

/// No longer than fits a line, and not cut within a letter.
std::string fitting(std::string text) {
  if (text.size() <= most_bytes) return text;
  std::size_t end = most_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  text.resize(end);
  return text + "…";
}

}  // namespace

class WaitingLine::Clockwork {
 public:
  ~Clockwork() { hide(); }

  void wait_for(std::string what) {
    const std::scoped_lock lock(mutex_);
    erase();
    what_ = fitting(std::move(what));
    start_ = said_ = Clock::now();
  }

  void hide() {
    const std::scoped_lock lock(mutex_);
    erase();
    said_ = Clock::now();
  }

 private:
  void erase() {
    if (shown_ > 0) std::cerr << "\r" << std::string(shown_, ' ') << "\r" << std::flush;
    shown_ = 0;
  }

  void run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!woken_.wait_for(lock, stop, tick, [] { return false; }) && !stop.stop_requested()) {
      if (what_.empty() || Clock::now() - said_ < patience) continue;
      const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - start_);
      const std::string line = what_ + ": " + std::to_string(seconds.count()) + " s";
      std::cerr << "\r" << line << std::flush;
      shown_ = line.size();
    }
  }

  std::mutex mutex_;
  std::condition_variable_any woken_;
  std::string what_;
  Clock::time_point start_;  ///< of the waiting
  Clock::time_point said_;   ///< when somebody last said something
  std::size_t shown_ = 0;    ///< bytes of the line that is there
  // The last: it ends before the rest goes.
  std::jthread thread_{[this](const std::stop_token& stop) { run(stop); }};
};

WaitingLine::WaitingLine() {
  if (::isatty(STDERR_FILENO) != 0) clockwork_ = std::make_unique<Clockwork>();
}
WaitingLine::~WaitingLine() = default;

void WaitingLine::wait_for(std::string what) {
  if (clockwork_ != nullptr) clockwork_->wait_for(std::move(what));
}

void WaitingLine::hide() {
  if (clockwork_ != nullptr) clockwork_->hide();
}

}  // namespace tconv
