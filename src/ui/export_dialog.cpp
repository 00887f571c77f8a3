#include "ui/export_dialog.h"

#include <imgui.h>
#include <imgui_stdlib.h>

#include <algorithm>
#include <cmath>

#include "export/choice_flag.h"
#include "export/data_format.h"
#include "ui/export_actions.h"
#include "ui/imgui_compat.h"
#include "ui/widgets.h"

namespace tconv {

namespace fs = std::filesystem;

namespace {

constexpr double options_width = 322;
constexpr double footer_height = 132;
constexpr double dialog_inset = 18;

/// Squares behind what has no ground of its own.
void draw_checkers(Canvas& c, const Rect& area, bool dark) {
  constexpr double side = 8;
  // Of a ground on which the theme's words can be read, as where such a picture belongs.
  const Color square = rgb(dark ? 0x2c313a : 0xe3e6ea);
  c.rect({.rect = area, .fill = rgb(dark ? 0x1e2229 : 0xffffff)});
  for (int row = 0; row * side < area.h; ++row) {
    for (int col = row % 2; col * side < area.w; col += 2) {
      const double x = area.x + col * side;
      const double y = area.y + row * side;
      c.rect({.rect = {x, y, std::min(side, area.right() - x), std::min(side, area.bottom() - y)}, .fill = square});
    }
  }
}

std::string suggested_path(Ui& ui, const std::string& folder) {
  const OpenFile& file = ui.session.file();
  std::string name = file.name.empty() ? "untitled" : file.name;
  if (const std::size_t end = name.find(".tconv"); end != std::string::npos) name.resize(end);
  std::error_code error;
  fs::path place = !folder.empty()     ? fs::path(folder)
                   : file.path.empty() ? fs::current_path(error)
                                       : file.path.parent_path();
  return (place / (name + "_" + std::string(ui.session.view().id))).string();
}

/// How the numbers look as CSV, for a start.
std::vector<std::string> first_lines(const std::vector<NamedArray>& arrays, const DataHeader& header) {
  constexpr std::size_t enough = 16384;  // bytes
  std::string text;
  struct Enough {};
  try {
    find_data_format("csv")->write(arrays, header,
                                   [&](std::span<const std::byte> bytes) {
                                     text.append(reinterpret_cast<const char*>(bytes.data()),
                                                 std::min(bytes.size(), enough));
                                     if (text.size() > enough) throw Enough();
                                   },
                                   {});
  } catch (const Enough&) {
  }
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size() && lines.size() < 100;) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

}  // namespace

void ExportDialog::open(Ui& ui, const Size& size) {
  open_ = fresh_ = true;
  on_screen_ = size;
  played_ = 0;
  trouble_.clear();
  confirmed_.clear();
  const Session& session = ui.session;
  const PictureChoices shown = shown_picture(ui, size);
  PictureChoices& picture = form_.choices.picture;
  const bool never_opened = form_.path.empty();
  const bool as_on_screen = never_opened || picture.height.has_value();
  picture.view = shown.view;
  picture.interaction = shown.interaction;
  picture.step = shown.step;
  picture.theme = shown.theme;
  if (never_opened) {
    picture.scale = 2;
    picture.page.crop = true;
  }
  if (as_on_screen) {
    picture.width = shown.width;
    picture.height = shown.height;
  }
  form_.choices.first = 0;
  form_.choices.last.reset();
  form_.choices.every.reset();
  form_.array.clear();
  if (form_.kind == ExportKind::animation && session.view().timeline == Timeline::none) {
    change_kind(ExportKind::picture);
  }
  form_.path = with_extension(form_, suggested_path(ui, form_.recent_folder));
  scenario_word_ = scenario_word(session.file(), session.document(), session.modified());
  preview_.clear();
  numbers_.reset();
  new_texts_ = true;
}

void ExportDialog::change_kind(ExportKind kind) {
  // A sharp picture costs little, an animation of as many pixels a lot: each keeps a resolution of its own.
  if ((kind == ExportKind::animation) != (form_.kind == ExportKind::animation)) {
    std::swap(form_.choices.picture.scale, other_scale_);
  }
  form_.kind = kind;
  form_.path = with_extension(form_, form_.path);
  new_texts_ = true;
  played_ = 0;
}

void ExportDialog::change_format(std::string_view id) {
  format_id(form_) = id;
  form_.path = with_extension(form_, form_.path);
  numbers_.reset();
  new_texts_ = true;
}

std::int64_t ExportDialog::preview_step(const Scenario& scenario) const {
  const auto steps = animated_steps(form_.choices, scenario);
  const auto frames = shown_frames(static_cast<std::int64_t>(steps.size()), form_.choices.timing);
  double round = 0;
  for (const ShownFrame& frame : frames) round += frame.seconds;
  double now = round > 0 ? std::fmod(played_, round) : 0;
  for (const ShownFrame& frame : frames) {
    if (now < frame.seconds) return steps[static_cast<std::size_t>(frame.index)];
    now -= frame.seconds;
  }
  return steps.back();
}

void ExportDialog::draw_preview(Ui& ui, const Rect& area, double seconds) {
  Canvas c = canvas(ui);
  c.rect({.rect = area,
          .fill = mix(ui.theme.panel, ui.theme.background, 0.5),
          .stroke = ui.theme.border,
          .stroke_width = 1,
          .radius = 6});
  const Rect room = area.grown(-12);
  PictureChoices choices = form_.choices.picture;
  const Scenario& scenario = ui.session.scenario();
  if (form_.kind == ExportKind::animation && validate(form_.choices, scenario).empty()) {
    choices.step = preview_step(scenario);
  }
  std::shared_ptr<const Raster> raster;
  if (validate(choices, scenario).empty()) raster = preview_.picture(ui, choices, {room.w, room.h}, seconds);
  if (!raster) {
    const std::string words = preview_.trouble().empty() ? "Computing…" : preview_.trouble();
    c.text({.at = room.centre(),
            .text = ui.text.fitted(Font::regular, 13, words, room.w),
            .size = 13,
            .color = ui.theme.muted,
            .align = Align::centre});
    return;
  }
  const double w = raster->width / ui.fonts.scale();
  const double h = raster->height / ui.fonts.scale();
  const Rect place{std::round(room.centre().x - w / 2), std::round(room.centre().y - h / 2), w, h};
  if (choices.page.transparent) draw_checkers(c, place, choices.theme == "dark");
  c.image({.rect = place, .raster = raster});
  c.rect({.rect = place.grown(1), .stroke = ui.theme.border, .stroke_width = 1});
  ui.places["export/preview"] = place;
}

void ExportDialog::read_numbers(Ui& ui) {
  const std::uint64_t revision = ui.session.history().revision();
  const std::string of = form_.numbers_format + "/" + form_.array;
  if (numbers_ && numbers_->revision == revision && numbers_->of == of) return;
  const Results& results = ui.session.results();
  if (results.pending || !results.ready()) return;
  numbers_ = {revision, of, {}, {}};
  constexpr std::int64_t most = 4'000'000;  // cells that are looked at for a preview
  if (results.frame.output.size() > most) {
    numbers_->lines = {"# too many numbers for a preview"};
    return;
  }
  try {
    auto arrays = find_view(form_.choices.picture.view)
                      ->arrays(picture_input(ui.session.document(), results, form_.choices.picture, ui.text));
    for (const NamedArray& array : arrays) numbers_->names.push_back(array.name);
    if (!form_.array.empty()) std::erase_if(arrays, [&](const NamedArray& each) { return each.name != form_.array; });
    if (arrays.empty()) return;
    numbers_->lines = first_lines(arrays, data_header(ui.session.view(), ui.session.document()));
    if (form_.numbers_format != "csv") {
      // What CSV says about itself is not true of other files.
      std::erase_if(numbers_->lines, [](const std::string& line) { return line.starts_with('#'); });
      numbers_->lines.insert(numbers_->lines.begin(), "# " + arrays.front().words + ", as text:");
    }
  } catch (const std::exception& error) {
    numbers_->lines = {std::string("# ") + error.what()};
  }
}

void ExportDialog::draw_numbers_preview(Ui& ui, const Rect& area) {
  Canvas c = canvas(ui);
  c.rect({.rect = area, .fill = ui.theme.background, .stroke = ui.theme.border, .stroke_width = 1, .radius = 6});
  constexpr double line_height = 18;
  double y = area.y + 24;
  for (const std::string& line : numbers_ ? numbers_->lines : std::vector<std::string>{}) {
    if (y > area.bottom() - 8) break;
    c.text({.at = {area.x + 14, y},
            .text = ui.text.fitted(Font::mono, 12, line, area.w - 28),
            .font = Font::mono,
            .size = 12,
            .color = line.starts_with('#') ? ui.theme.muted : ui.theme.text});
    y += line_height;
  }
}

void ExportDialog::start(Ui& ui) {
  std::error_code error;
  if (!fs::is_directory(form_.path, error)) form_ = as_named(std::move(form_));
  new_texts_ = true;
  const std::string trouble = trouble_with(form_, ui.session.scenario());
  if (!trouble.empty()) {
    trouble_ = trouble;
    return;
  }
  const fs::path path(form_.path);
  if (fs::is_directory(path, error)) {
    trouble_ = form_.path + " is a folder: name a file in it";
    return;
  }
  if (path.has_parent_path() && !fs::is_directory(path.parent_path(), error)) {
    trouble_ = "There is no folder " + path.parent_path().string();
    return;
  }
  const fs::path first = first_file(form_, ui.session.scenario());
  if (fs::exists(first, error) && confirmed_ != form_.path) {
    confirmed_ = form_.path;
    trouble_ = first.filename().string() + " is there already: Export again replaces it";
    return;
  }
  form_.recent_folder = fs::absolute(path, error).parent_path().string();
  ui.state.jobs.start(path.filename().string(), export_work(form_, ui.session.document()));
  open_ = false;
}

void ExportDialog::draw_footer(Ui& ui, const Rect& area) {
  Canvas c = canvas(ui);
  const Theme& theme = ui.theme;
  const double width = area.w - 2 * dialog_inset;
  double y = area.y + 10;
  c.text({.at = {area.x + dialog_inset, y + 16}, .text = "File", .size = 13, .color = theme.muted});
  const Rect field{area.x + dialog_inset + 40, y, width - 40, 24};
  ImGui::SetCursorScreenPos({static_cast<float>(field.x), static_cast<float>(field.y)});
  ImGui::SetNextItemWidth(static_cast<float>(field.w));
  ui.places["export/path"] = field;
  push_font(ui, Font::mono, 13);
  path_field_.push(new_texts_);
  const bool entered = ImGui::InputText("##export-path", &form_.path, ImGuiInputTextFlags_EnterReturnsTrue);
  ImGui::PopID();
  ImGui::PopFont();
  y += 34;

  const std::string command =
      shell_line(command_words(as_named(form_), scenario_word_.value_or("untitled.tconv.json")));
  const double copy_width = 66;
  c.text(
      {.at = {area.x + dialog_inset, y + 16}, .text = "Same file from a terminal", .size = 12, .color = theme.muted});
  const double label = ui.text.width(Font::regular, 12, "Same file from a terminal") + 12;
  const std::string saved = scenario_word_ ? "" : "  (once the scenario is saved)";
  const double note = ui.text.width(Font::regular, 12, saved);
  const double room = width - label - note - copy_width - 12;
  c.text({.at = {area.x + dialog_inset + label, y + 16},
          .text = ui.text.fitted(Font::mono, 12, command, room),
          .font = Font::mono,
          .size = 12,
          .color = theme.text});
  if (!saved.empty()) {
    c.text({.at = {area.right() - dialog_inset - copy_width - 12 - note, y + 16},
            .text = saved,
            .size = 12,
            .color = theme.muted});
  }
  if (button(ui, "export/copy-command", {area.right() - dialog_inset - copy_width, y, copy_width, 24}, "Copy",
             ButtonLook::plain, command)) {
    activate(ui, CopyText{command});
  }
  y += 38;

  // Trouble that is there whatever is pressed shows at once.
  const std::string standing = trouble_with(form_, ui.session.scenario());
  const std::string words = standing.empty() ? trouble_ : standing;
  const double buttons = 96 + 10 + 84 + (form_.kind == ExportKind::animation ? 0 : 124);
  const auto lines = ui.text.wrap(Font::regular, 12, words, width - buttons - 16);
  for (std::size_t i = 0; i < std::min<std::size_t>(2, lines.size()); ++i) {
    c.text({.at = {area.x + dialog_inset, y + (lines.size() > 1 ? 10 : 17) + 16 * static_cast<double>(i)},
            .text = lines[i],
            .size = 12,
            .color = theme.bad_text});
  }
  const bool replaces = !confirmed_.empty() && confirmed_ == form_.path;
  double x = area.right() - dialog_inset - 96;
  const bool pressed =
      button(ui, "export/export", {x, y, 96, 27}, replaces ? "Replace" : "Export", ButtonLook::primary, "Enter");
  x -= 10 + 84;
  const bool cancelled = button(ui, "export/cancel", {x, y, 84, 27}, "Cancel", ButtonLook::plain, "Esc");
  if (form_.kind == ExportKind::picture) {
    x -= 10 + 114;
    if (button(ui, "export/copy", {x, y, 114, 27}, "Copy picture", ButtonLook::plain,
               "Onto the clipboard, for slides and mails")) {
      copy_picture(ui, form_.choices.picture);
    }
  } else if (form_.kind == ExportKind::numbers) {
    x -= 10 + 114;
    if (button(ui, "export/copy", {x, y, 114, 27}, "Copy numbers", ButtonLook::plain,
               "Onto the clipboard, for a spreadsheet")) {
      copy_numbers(ui, form_.choices.picture, form_.array);
    }
  }
  const bool enter = entered || (!ImGui::GetIO().WantTextInput && compat::pressed(ImGuiKey_Enter));
  if (pressed || (enter && !fresh_)) start(ui);
  if (cancelled || compat::pressed(ImGuiKey_Escape)) open_ = false;
}

void ExportDialog::draw(Ui& ui, const Rect& window, double seconds) {
  if (!open_) return;
  played_ += std::min(seconds, 0.25);
  const Theme& theme = ui.theme;
  const double width = std::min(1060.0, window.w - 40);
  const double height = std::min(700.0, window.h - 40);
  const Rect box{std::round(window.centre().x - width / 2), std::round(window.centre().y - height / 2), width, height};
  // As large as the window, so that nothing under it lights up or takes clicks.
  ImGui::SetNextWindowPos(vec(window.x, window.y));
  ImGui::SetNextWindowSize(vec(window.w, window.h));
  if (fresh_) ImGui::SetNextWindowFocus();
  ImGui::Begin(
      "##export", nullptr,
      ImGuiWindowFlags_NoDecoration | ImGuiWindowFlags_NoMove | ImGuiWindowFlags_NoNav | ImGuiWindowFlags_NoBackground);
  Canvas c = canvas(ui);
  c.rect({.rect = window, .fill = with_alpha(theme.background, 0.6)});
  c.rect({.rect = box, .fill = theme.panel, .stroke = theme.input, .stroke_width = 1, .radius = 8});
  ui.places["export"] = box;
  c.text({.at = {box.x + dialog_inset, box.y + 30},
          .text = "Export “" + std::string(ui.session.view().label) + "”",
          .font = Font::semibold,
          .size = 15,
          .color = theme.text});
  const Rect area{box.x + dialog_inset, box.y + 48, box.w - options_width - 2 * dialog_inset - 12,
                  box.h - 48 - footer_height};
  if (form_.kind == ExportKind::numbers) {
    read_numbers(ui);
    draw_numbers_preview(ui, area);
  } else {
    draw_preview(ui, area, seconds);
  }
  const Rect options{area.right() + 12, box.y + 44, options_width + dialog_inset - 2, area.h + 4};
  const Point origin = begin_panel(ui, "export-options", options, theme.panel);
  end_panel(draw_options(ui, origin, options_width));
  draw_footer(ui, {box.x, box.bottom() - footer_height, box.w, footer_height});
  fresh_ = new_texts_ = false;
  ImGui::End();
}

}  // namespace tconv
