// The options of the export dialog, one row under the other.

#include <imgui.h>
#include <imgui_stdlib.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "export/animation_flags.h"
#include "figure/layout.h"
#include "ui/export_dialog.h"
#include "ui/imgui_compat.h"
#include "ui/widgets.h"

namespace tconv {

struct ExportDialog::Column {
  Ui& ui;
  Point at;
  double width;

  void title(const std::string& words) {
    at.y += 22;
    heading(ui, {at.x, at.y}, words);
    at.y += 8;
  }
  /// Returns the clicked one.
  std::optional<std::size_t> row(const std::vector<Chip>& list) {
    const int clicked = chips(ui, at, width, list);
    return clicked < 0 ? std::nullopt : std::optional(static_cast<std::size_t>(clicked));
  }
  /// Chips of which one is chosen: `choose` gets the new one.
  template <typename Value, typename Choose>
  void one_of(const std::string& id, const std::vector<std::pair<std::string, Value>>& values, const Value& now,
              Choose choose) {
    std::vector<Chip> list;
    for (const auto& [label, value] : values) {
      list.push_back({"export/" + id + "/" + label, label, value == now});
    }
    if (const auto clicked = row(list)) choose(values[*clicked].second);
  }
  void words(const std::string& text) {
    for (const std::string& line : ui.text.wrap(Font::regular, 12, text, width)) {
      at.y += 17;
      canvas(ui).text({.at = at, .text = line, .size = 12, .color = ui.theme.muted});
    }
  }
  /// A field for words `room` points wide, at the right of what stands there.
  bool field(const std::string& id, std::string& text, const char* hint, TextFieldId& number, bool fresh, double room) {
    const Rect place{at.x, at.y, room, 24};
    ImGui::SetCursorScreenPos({static_cast<float>(place.x), static_cast<float>(place.y)});
    ImGui::SetNextItemWidth(static_cast<float>(place.w));
    ui.places["export/" + id] = place;
    push_font(ui, Font::regular, 13);
    number.push(fresh);
    const bool changed = ImGui::InputTextWithHint(("##" + id).c_str(), hint, &text);
    ImGui::PopID();
    ImGui::PopFont();
    at.y += 24;
    return changed;
  }
};

namespace {

/// A number that is typed into a field counts when it is in its range.
bool typed_number(const std::string& text, double least, double most, double& number) {
  const auto typed = parse_number(text);
  if (!typed || *typed < least || *typed > most) return false;
  number = *typed;
  return true;
}

}  // namespace

void ExportDialog::size_options(Column& column) {
  PictureChoices& picture = form_.choices.picture;
  column.title("Size of the drawing, in points");
  const bool on_screen = picture.width == on_screen_.w && picture.height == on_screen_.h;
  std::vector<Chip> list{{"export/size/screen", "As on the screen", on_screen,
                          number_text(on_screen_.w) + " × " + number_text(on_screen_.h) + " points"}};
  constexpr std::array widths{720.0, 960.0, 1440.0};
  for (const double width : widths) {
    const std::string name = number_text(width);
    list.push_back({"export/size/" + name, name, !on_screen && picture.width == width, name + " points wide"});
  }
  if (const auto clicked = column.row(list)) {
    picture.width = *clicked == 0 ? on_screen_.w : widths[*clicked - 1];
    picture.height = *clicked == 0 ? std::optional(on_screen_.h) : std::nullopt;
    new_texts_ = true;
  }
  column.at.y += 7;
  if (new_texts_) width_text_ = number_text(picture.width, 6);
  if (column.field("width", width_text_, "width in points", width_field_, new_texts_, 150)) {
    double width = 0;
    if (typed_number(width_text_, 64, 20000, width)) {
      picture.width = width;
      picture.height.reset();
      trouble_.clear();
    } else {
      trouble_ = "The width must be 64 to 20000 points, found '" + width_text_ + "'";
    }
  }
}

void ExportDialog::picture_options(Column& column) {
  PictureChoices& picture = form_.choices.picture;
  const bool pixels = form_.kind == ExportKind::animation || form_.picture_format == "png";
  size_options(column);
  column.title("Width on paper");
  const auto set_paper = [&](double mm) {
    picture.width_mm = mm > 0 ? std::optional(mm) : std::nullopt;
    if (picture.width_mm && !picture.dpi) picture.dpi = 300;  // of its pixels, should it have some
    if (!picture.width_mm && picture.dpi) picture.dpi.reset();
    new_texts_ = true;
  };
  const double mm_now = picture.width_mm.value_or(0);
  column.one_of<double>("paper", {{"None", 0}, {"85 mm", 85}, {"120 mm", 120}, {"170 mm", 170}}, mm_now, set_paper);
  if (picture.width_mm) {
    column.at.y += 7;
    if (new_texts_) mm_text_ = number_text(*picture.width_mm, 6);
    if (column.field("mm", mm_text_, "millimetres", mm_field_, new_texts_, 150)) {
      double mm = 0;
      if (typed_number(mm_text_, 10, 2000, mm)) {
        picture.width_mm = mm;
        trouble_.clear();
      } else {
        trouble_ = "The width on paper must be 10 to 2000 mm, found '" + mm_text_ + "'";
      }
    }
  }
  if (pixels) {
    column.title("Resolution");
    if (picture.width_mm) {
      column.one_of<double>("dpi", {{"150 dpi", 150}, {"300 dpi", 300}, {"600 dpi", 600}, {"1200 dpi", 1200}},
                            picture.dpi.value_or(72), [&](double dpi) { picture.dpi = dpi; });
    } else {
      column.one_of<double>("scale", {{"1×", 1}, {"2×", 2}, {"3×", 3}, {"4×", 4}}, picture.scale,
                            [&](double scale) { picture.scale = scale; });
    }
  }
  if (preview_.figure_size().w > 0) column.words(size_words(form_, preview_.figure_size()));

  column.title("Ground");
  const std::string theme = picture.theme;
  column.one_of<std::string>("theme", {{"Dark", "dark"}, {"Light", "light"}}, theme,
                             [&](const std::string& id) { picture.theme = id; });
  column.at.y += 7;
  if (const auto clicked = column.row(
          {{"export/transparent", "Transparent", picture.page.transparent,
            "No ground: what lies under it on the slide shows through"},
           {"export/crop", "Tight crop", picture.page.crop, "Leave out empty margins"},
           {"export/title", "Title", picture.page.title, "What it is, above it"},
           {"export/color-bar", "Colour bar", picture.color_bar, "Bars that explain the colours of heat maps"}})) {
    const std::array switches{&picture.page.transparent, &picture.page.crop, &picture.page.title, &picture.color_bar};
    *switches[*clicked] = !*switches[*clicked];
  }
  column.title("Caption");
  if (new_texts_) caption_ = picture.page.caption;
  if (column.field("caption", caption_, "words below it", caption_field_, new_texts_, column.width)) {
    picture.page.caption = caption_;
  }
}

void ExportDialog::animation_options(Column& column) {
  AnimationChoices& choices = form_.choices;
  AnimationTiming& timing = choices.timing;
  column.title("Frames per second");
  column.one_of<double>("fps", {{"1", 1}, {"2", 2}, {"4", 4}, {"8", 8}, {"12", 12}, {"25", 25}},
                        timing.frames_per_second, [&](double fps) { timing.frames_per_second = fps; });
  column.title("The last frame stays");
  column.one_of<double>("hold", {{"0 s", 0}, {"1.5 s", 1.5}, {"3 s", 3}, {"5 s", 5}}, timing.hold,
                        [&](double hold) { timing.hold = hold; });
  column.title("Then");
  column.one_of<Repeat>("repeat", {{"Loop", Repeat::loop}, {"Once", Repeat::once}, {"Ping-pong", Repeat::ping_pong}},
                        timing.repeat, [&](Repeat repeat) { timing.repeat = repeat; });
  const Scenario& scenario = column.ui.session.scenario();
  const std::int64_t count = column.ui.session.step_count();
  if (count > 8) {
    column.title("Steps from frame to frame");
    std::vector<std::pair<std::string, std::int64_t>> values{{"Auto", 0}, {"1", 1}};
    for (const std::int64_t every : {2, 5, 10, 50, 100}) {
      if (every * 2 <= count) values.emplace_back(std::to_string(every), every);
    }
    column.one_of<std::int64_t>("every", values, choices.every.value_or(0), [&](std::int64_t every) {
      choices.every = every > 0 ? std::optional(every) : std::nullopt;
    });
  }
  if (!validate(choices, scenario).empty()) return;
  const auto frames = shown_frames(static_cast<std::int64_t>(animated_steps(choices, scenario).size()), timing);
  double seconds = 0;
  for (const ShownFrame& frame : frames) seconds += frame.seconds;
  column.words(std::to_string(frames.size()) + (frames.size() == 1 ? " frame, " : " frames, ") +
               number_text(seconds, 3) + " s a round");
}

void ExportDialog::numbers_options(Column& column) {
  if (!numbers_ || numbers_->names.empty()) return;
  column.title(form_.numbers_format == "npz" ? "Arrays" : "Array");
  std::vector<Chip> list;
  const bool many = find_data_format(form_.numbers_format)->many;
  if (many) list.push_back({"export/array/all", "All", form_.array.empty()});
  for (std::size_t i = 0; i < numbers_->names.size(); ++i) {
    const bool chosen = form_.array.empty() ? !many && i == 0 : form_.array == numbers_->names[i];
    list.push_back({"export/array/" + numbers_->names[i], numbers_->names[i], chosen});
  }
  if (const auto clicked = column.row(list)) {
    const std::size_t first = many ? 1 : 0;
    form_.array = *clicked < first || (!many && *clicked == 0) ? "" : numbers_->names[*clicked - first];
  }
}

double ExportDialog::draw_options(Ui& ui, Point at, double width) {
  const double top = at.y;
  Column column{ui, at, width};
  const bool moves = ui.session.view().timeline != Timeline::none;
  std::vector<std::pair<std::string, ExportKind>> kinds{{"Picture", ExportKind::picture}};
  if (moves) kinds.emplace_back("Animation", ExportKind::animation);
  if (ui.session.view().arrays != nullptr) kinds.emplace_back("Numbers", ExportKind::numbers);
  column.at.y += 6;
  column.one_of<ExportKind>("kind", kinds, form_.kind, [&](ExportKind kind) { change_kind(kind); });
  column.title("Format");
  std::vector<Chip> list;
  const auto formats = formats_of(form_.kind);
  for (const FormatChoice& format : formats) {
    const std::string help = format.missing.empty() ? std::string(format.help) : format.missing;
    list.push_back(
        {"export/format/" + std::string(format.id), std::string(format.label), format.id == format_id(form_), help});
  }
  if (const auto clicked = column.row(list)) change_format(formats[*clicked].id);
  if (form_.kind == ExportKind::animation) animation_options(column);
  if (form_.kind == ExportKind::numbers) {
    numbers_options(column);
  } else {
    picture_options(column);
  }
  return column.at.y - top + 12;
}

}  // namespace tconv
