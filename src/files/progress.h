#pragma once
// Long work tells how far it is, and stops when nobody wants it any more.

#include <functional>
#include <stdexcept>
#include <utility>

namespace tconv {

/// Thrown out of work that was cancelled; whoever started the work expects it.
class Cancelled : public std::runtime_error {
 public:
  Cancelled() : std::runtime_error("cancelled") {}
};

/// Handed down into long work, cheap to copy. Usable from several threads when its two functions are.
class Progress {
 public:
  /// Nobody listens, nobody cancels.
  Progress() = default;
  /// `report` gets the part that is done, 0 … 1; `cancelled` is asked whether to stop. Either may be empty.
  Progress(std::function<void(double)> report, std::function<bool()> cancelled)
      : report_(std::move(report)), cancelled_(std::move(cancelled)) {}

  /// So much is done. Call it at least every 20 ms or so: that is how soon a cancelled work stops. Throws Cancelled.
  void at(double part) const {
    check();
    if (report_) report_(from_ + part * (to_ - from_));
  }
  /// Throws Cancelled if nobody wants the work any more.
  void check() const {
    if (cancelled_ && cancelled_()) throw Cancelled();
  }

  /// The progress of a share of the work: its 0 … 1 are `from` … `to` of this one.
  Progress share(double from, double to) const {
    Progress inner = *this;
    inner.from_ = from_ + from * (to_ - from_);
    inner.to_ = from_ + to * (to_ - from_);
    return inner;
  }

 private:
  std::function<void(double)> report_;
  std::function<bool()> cancelled_;
  double from_ = 0;
  double to_ = 1;
};

}  // namespace tconv
