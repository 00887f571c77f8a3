#pragma once
// Undo as a list of values: documents share their arrays, so an entry costs a few hundred bytes.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "document/document.h"

namespace tconv {

class History {
 public:
  explicit History(Document document = {});

  /// What is shown: the preview while something is being dragged, else the last committed document.
  const Document& current() const { return previewing_ ? preview_ : entries_[position_].document; }
  /// The document as it was before the preview: what a drag starts from.
  const Document& committed() const { return entries_[position_].document; }

  /// Shows `document` without an entry in the history: a slider on its way.
  void preview(Document document);
  void cancel_preview() { previewing_ = false; }

  /// Makes `document` the current one; `label` names the step ("Stride 2"). An unchanged document adds no entry.
  void commit(Document document, std::string label);

  /// Makes `document`, from file number `file`, the current one: undo leads back to the document that was there before,
  /// and to its file.
  void open(Document document, std::string label, std::size_t file);
  /// The number of the file that the committed document belongs to; at first 0.
  std::size_t file() const { return entries_[position_].file; }

  /// The documents that were left for another file, oldest first, each as it was then: undo leads back to them.
  struct Left {
    Document document;
    std::size_t file = 0;
  };
  std::vector<Left> left() const;

  /// Changes whenever the committed document may have changed.
  std::uint64_t revision() const { return revision_; }

  bool can_undo() const { return position_ > 0; }
  bool can_redo() const { return position_ + 1 < entries_.size(); }
  void undo();
  void redo();
  /// The label of what undo (redo) would take back (do again); empty if nothing.
  std::string undo_label() const { return can_undo() ? entries_[position_].label : ""; }
  std::string redo_label() const { return can_redo() ? entries_[position_ + 1].label : ""; }

 private:
  struct Entry {
    Document document;
    std::string label;
    std::size_t file = 0;
  };
  std::vector<Entry> entries_;
  std::size_t position_ = 0;
  std::uint64_t revision_ = 0;
  Document preview_;
  bool previewing_ = false;
};

}  // namespace tconv
