#pragma once
// What the file will look like, as pixels for the dialog: drawn anew only when something that it depends on changes.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "document/document.h"
#include "export/timeline.h"

namespace tconv {

struct Ui;

class ExportPreview {
 public:
  /// The picture in at most `room` points; null while its results are being computed, and when it cannot be drawn.
  /// What takes long to draw waits until nothing has changed for a moment. `seconds`: since the last frame.
  std::shared_ptr<const Raster> picture(Ui& ui, PictureChoices choices, const Size& room, double seconds);
  /// Whether a newer one is about to be drawn.
  bool waiting() const { return waiting_.has_value(); }

  /// Of the figure, in points; of the last picture.
  const Size& figure_size() const { return size_; }
  /// Why there is none.
  const std::string& trouble() const { return trouble_; }

  void clear() { *this = {}; }

 private:
  struct Key {
    PictureChoices choices;
    std::uint64_t revision = 0;  ///< of the history
    Size room;
    double scale = 1;
    bool operator==(const Key&) const = default;
  };
  std::optional<Key> key_;
  std::optional<Key> waiting_;  ///< what is to be drawn once it has not changed for a moment
  double rested_ = 0;           ///< seconds since it has not
  double cost_ = 0;             ///< seconds that the last picture took
  std::shared_ptr<const Raster> raster_;
  Size size_{};
  std::string trouble_;
};

}  // namespace tconv
