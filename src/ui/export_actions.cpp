#include "ui/export_actions.h"

#include <algorithm>

#include "export/view_data.h"
#include "files/picture_clipboard.h"
#include "ui/ui.h"

namespace tconv {

PictureChoices shown_picture(Ui& ui, const Size& size) {
  const Session& session = ui.session;
  PictureChoices picture;
  picture.view = session.view().id;
  picture.interaction = session.interaction();
  picture.interaction.hover = ui.state.pinned;
  picture.interaction.active_field.clear();
  picture.interaction.step = picture.interaction.own_step = 0;  // `step` says it
  if (session.view().timeline != Timeline::none && session.step() != session.step_count()) {
    picture.step = session.step();
  }
  picture.theme = ui.theme.id;
  picture.width = size.w;
  picture.height = size.h;
  picture.scale = std::max(1.0, ui.fonts.scale());
  return picture;
}

void copy_picture(Ui& ui, const PictureChoices& choices) {
  const auto problems = validate(ui.session.scenario());
  if (!problems.empty()) return ui.session.say_error(to_line(problems.front()));
  ui.session.say("Copying the picture…");
  ui.state.jobs.start("the picture to the clipboard", [choices,
                                                       document = ui.session.document()](const Progress& progress) {
    const TextMetrics text;
    const Results results = picture_results(document.scenario, choices, progress.share(0, 0.4));
    const auto exporters = listed_exporters();
    const Exporter& png = *std::ranges::find(exporters, "png", &Exporter::id);
    copy_png(picture_bytes(document, results, choices, png, text, progress.share(0.4, 0.9)), progress.share(0.9, 1));
    return std::string("Copied: the picture of ") + std::string(find_view(choices.view)->label);
  });
}

void copy_numbers(Ui& ui, const PictureChoices& choices, const std::string& array) {
  constexpr std::int64_t most = 2'000'000;
  const LayerSpec& layer = ui.session.scenario().layer;
  if (!validate(ui.session.scenario()).empty() || output_shape(layer).elements() > 2 * most) {
    return ui.session.say_error("There are no numbers, or too many for the clipboard: export them as a file");
  }
  try {
    auto arrays = view_arrays(ui.session.document(), choices);
    if (!array.empty()) std::erase_if(arrays, [&](const NamedArray& each) { return each.name != array; });
    if (arrays.empty()) return ui.session.say_error("There are no numbers to copy in this view");
    const NamedArray& first = arrays.front();
    if (first.values.size() > most) {
      return ui.session.say_error("The clipboard takes up to 2,000,000 numbers, " + first.name + " has " +
                                  std::to_string(first.values.size()) + ": export it as a file");
    }
    const View& view = *find_view(choices.view);
    ui.platform.copy(data_bytes(*find_data_format("tsv"), arrays, data_header(view, ui.session.document())));
    ui.session.say("Copied: " + first.words + ", " + first.values.shape().text());
  } catch (const std::exception& error) {
    ui.session.say_error(error.what());
  }
}

}  // namespace tconv
