#include "ui/export_preview.h"

#include <algorithm>
#include <chrono>

#include "export/raster_figure.h"
#include "ui/ui.h"

namespace tconv {

std::shared_ptr<const Raster> ExportPreview::picture(Ui& ui, PictureChoices choices, const Size& room, double seconds) {
  const Key key{choices, ui.session.history().revision(), room, ui.fonts.scale()};
  if (key_ == key) {
    waiting_.reset();
    return raster_;
  }
  constexpr double quick = 0.06;
  constexpr double moment = 0.3;
  if (raster_ && cost_ > quick) {
    if (waiting_ != key) {
      waiting_ = key;
      rested_ = 0;
    }
    rested_ += seconds;
    if (rested_ < moment) return raster_;
  }
  waiting_.reset();
  const auto start = std::chrono::steady_clock::now();
  const Results& shown = ui.session.results();
  if (shown.pending) return raster_;
  const View& view = *find_view(choices.view);
  // Views that draw more with them draw their pictures only then; they come with one of the next frames.
  const bool waits = shown.ready() && (view.needs_ways || view.uses_ways) && !shown.ways;
  if (waits && !key_) return nullptr;
  key_ = waits ? std::nullopt : std::optional(key);
  trouble_.clear();
  try {
    const Document& document = ui.session.document();
    const std::int64_t step =
        view.timeline == Timeline::own ? step_count(document.scenario) : shown_step(choices, document.scenario);
    const std::optional<Results> results = results_at(shown, step);
    Size figure{};
    // Twice: first for the size, which the scale that fits depends on; maps are drawn for their pixels.
    for (int pass = 0; pass < 2; ++pass) {
      if (pass == 1) {
        choices.scale = std::min({room.w / figure.w, room.h / figure.h, 1.5}) * ui.fonts.scale();
        choices.dpi.reset();
        choices.width_mm.reset();
      }
      const Figure drawn = picture_figure(document, results ? *results : shown, choices, ui.text);
      figure = drawn.size;
      if (pass == 1) raster_ = raster_of(drawn, ui.text, choices.scale);
    }
    size_ = figure;
  } catch (const std::exception& error) {
    raster_.reset();
    trouble_ = error.what();
  }
  cost_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return raster_;
}

}  // namespace tconv
