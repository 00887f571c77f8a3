#include "document/history.h"

#include <utility>

namespace tconv {

History::History(Document document) { entries_.push_back({std::move(document), "", 0}); }

void History::preview(Document document) {
  preview_ = std::move(document);
  previewing_ = true;
}

void History::commit(Document document, std::string label) {
  previewing_ = false;
  if (document == committed()) return;
  const std::size_t same_file = file();
  entries_.resize(position_ + 1);  // what was undone is gone once something new is done
  entries_.push_back({std::move(document), std::move(label), same_file});
  ++position_;
  ++revision_;
}

void History::open(Document document, std::string label, std::size_t file) {
  commit(std::move(document), std::move(label));
  entries_[position_].file = file;
  ++revision_;
}

std::vector<History::Left> History::left() const {
  std::vector<Left> found;
  for (std::size_t i = 0; i < position_; ++i) {
    if (entries_[i].file != entries_[i + 1].file) found.push_back({entries_[i].document, entries_[i].file});
  }
  return found;
}

void History::undo() {
  if (previewing_) return cancel_preview();  // in mid-drag: only the drag is taken back
  if (can_undo()) --position_;
  ++revision_;
}

void History::redo() {
  previewing_ = false;
  if (can_redo()) ++position_;
  ++revision_;
}

}  // namespace tconv
