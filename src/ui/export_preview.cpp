#include "ui/export_preview.h"

#include <algorithm>

#include "export/raster_figure.h"
#include "ui/ui.h"

namespace tconv {

std::shared_ptr<const Raster> ExportPreview::picture(Ui& ui, PictureChoices choices, const Size& room) {
  const Key key{choices, ui.session.history().revision(), room, ui.fonts.scale()};
  if (key_ == key) return raster_;
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
  return raster_;
}

}  // namespace tconv
