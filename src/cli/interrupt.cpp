#include "cli/interrupt.h"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <iostream>
#include <memory>
#include <mutex>

namespace tconv {
namespace {

// A signal has no other way into the program than a variable of the whole process.
std::atomic<bool> interrupted = false;
std::atomic<bool> told = false;
static_assert(std::atomic<bool>::is_always_lock_free);

/// "42 %" on one line of the terminal, which goes when the work ends.
class TerminalLine {
 public:
  TerminalLine() = default;
  ~TerminalLine() {
    if (shown_ >= 0) std::cerr << "\r      \r" << std::flush;
  }
  TerminalLine(const TerminalLine&) = delete;
  TerminalLine& operator=(const TerminalLine&) = delete;

  void report(double part) {
    const std::scoped_lock lock(mutex_);
    const int now = static_cast<int>(part * 100);
    if (now == shown_ || std::chrono::steady_clock::now() - start_ < std::chrono::seconds(1)) return;
    shown_ = now;
    std::cerr << "\r" << now << " %  " << std::flush;
  }

 private:
  std::mutex mutex_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  int shown_ = -1;
};

}  // namespace

void interrupt() noexcept { interrupted = true; }

bool may_tell() noexcept { return !interrupted || !told.exchange(true); }

Progress command_progress() {
  const auto cancelled = [] { return interrupted.load(); };
  if (::isatty(STDERR_FILENO) == 0) return {{}, cancelled};
  return {[line = std::make_shared<TerminalLine>()](double part) { line->report(part); }, cancelled};
}

}  // namespace tconv
