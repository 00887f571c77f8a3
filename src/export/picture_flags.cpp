#include "export/picture_flags.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "figure/tag_text.h"
#include "files/file_error.h"

namespace tconv {
namespace {

using std::int64_t;
using Words = std::vector<std::string>;
using PictureFlag = ChoiceFlag<PictureChoices>;

constexpr double least_side = 64;
constexpr double most_side = 20000;
constexpr int64_t most_index = std::numeric_limits<int64_t>::max() >> 11;  // a double holds it exactly

/// A flag of an index of the interaction, 0 when it is not given.
template <int64_t Interaction::*index>
PictureFlag index_flag(std::string_view name, std::string_view help) {
  return {name, "N", help,
          [](PictureChoices& c, std::string_view text) { c.interaction.*index = read_integer(text, 0, most_index); },
          [](const PictureChoices& c) {
            return c.interaction.*index == 0 ? Words{} : Words{std::to_string(c.interaction.*index)};
          }};
}

/// A flag of an optional number.
template <std::optional<double> PictureChoices::*number>
Words written(const PictureChoices& c) {
  return c.*number ? Words{number_argument(*(c.*number))} : Words{};
}

template <bool Page::*on>
PictureFlag page_switch(std::string_view name, std::string_view help) {
  return {name, "", help, [](PictureChoices& c, std::string_view) { c.page.*on = true; },
          [](const PictureChoices& c) { return c.page.*on ? Words{""} : Words{}; }};
}

void read_zoom(PictureChoices& c, std::string_view text) {
  // ZOOM or ZOOM@X,Y
  const std::size_t at = text.find('@');
  Viewport viewport;
  viewport.zoom = read_number(text.substr(0, at), 1, 1e6);
  if (at != std::string_view::npos) {
    const std::string_view centre = text.substr(at + 1);
    const std::size_t comma = centre.find(',');
    if (comma == std::string_view::npos) {
      throw std::invalid_argument("must be like 4 or 4@0.5,0.25, found " + quoted(text));
    }
    viewport.centre = {read_number(centre.substr(0, comma), 0, 1), read_number(centre.substr(comma + 1), 0, 1)};
  }
  c.interaction.viewport = viewport;
}

Words written_zoom(const PictureChoices& c) {
  const Viewport& viewport = c.interaction.viewport;
  if (viewport == Viewport{}) return {};
  return {number_argument(viewport.zoom) + "@" + number_argument(viewport.centre.x) + "," +
          number_argument(viewport.centre.y)};
}

/// Those of the view: the window keeps other views' options, too.
Words written_options(const PictureChoices& c) {
  const View* view = find_view(c.view);
  const auto rules = view == nullptr ? std::vector<OptionRule>{} : option_rules(view);
  Words words;
  for (const OptionRule& rule : rules) {
    if (c.interaction.options.contains(rule.id)) words.push_back(rule.id);
    const auto chosen = c.interaction.choices.find(rule.id);
    if (chosen != c.interaction.choices.end()) words.push_back(rule.id + "=" + chosen->second);
  }
  return words;
}

std::vector<PictureFlag> make_picture_flags() {
  return {
      {"--view", "ID", "which view to draw, see --list",
       [](PictureChoices& c, std::string_view text) { c.view = text; },
       [](const PictureChoices& c) { return Words{c.view}; }},
      {"--step", "N", "after how many steps of the timeline (default: all)",
       [](PictureChoices& c, std::string_view text) { c.step = read_integer(text, -most_index, most_index); },
       [](const PictureChoices& c) { return c.step ? Words{std::to_string(*c.step)} : Words{}; }},
      {"--option", "NAME", "a switch of the view, or a choice as NAME=VALUE; may be repeated",
       [](PictureChoices& c, std::string_view text) { c.interaction.set_option(text); }, written_options, true},
      {"--focus", "CELL", "the cell that the picture is about: output/2,3 (row, col), input/…, kernel/…",
       [](PictureChoices& c, std::string_view text) {
         const auto tag = parse_tag(text);
         if (!tag) throw std::invalid_argument("must be like output/2,3 or kernel/0,1, found " + quoted(text));
         c.interaction.hover = *tag;
       },
       [](const PictureChoices& c) {
         const std::string text = tag_text(c.interaction.hover);
         return text.empty() ? Words{} : Words{text};
       }},
      index_flag<&Interaction::batch>("--batch", "which sample is shown (default 0)"),
      index_flag<&Interaction::in_channel>("--in-channel", "which input channel is shown (default 0)"),
      index_flag<&Interaction::out_channel>("--out-channel", "which output channel is shown (default 0)"),
      index_flag<&Interaction::in_slice>("--in-slice", "which depth of a 3D input is shown (default 0)"),
      index_flag<&Interaction::out_slice>("--out-slice", "which depth of a 3D output is shown (default 0)"),
      index_flag<&Interaction::tap_slice>("--tap-slice", "which depth of a 3D kernel is shown (default 0)"),
      {"--axis", "N", "which axis the size view is about, from 0 (default 0)",
       [](PictureChoices& c, std::string_view text) {
         c.interaction.axis = static_cast<int>(read_integer(text, 0, 2));
       },
       [](const PictureChoices& c) {
         return c.interaction.axis == 0 ? Words{} : Words{std::to_string(c.interaction.axis)};
       }},
      {"--find", "FROM:TO", "which sizes the size view looks for a layer between (default 14:28)",
       [](PictureChoices& c, std::string_view text) {
         const std::size_t colon = text.find(':');
         if (colon == std::string_view::npos) throw std::invalid_argument("must be like 14:28, found " + quoted(text));
         c.interaction.find_from = read_integer(text.substr(0, colon), 1, 65536);
         c.interaction.find_to = read_integer(text.substr(colon + 1), 1, 65536);
       },
       [](const PictureChoices& c) {
         const Interaction usual;
         if (c.interaction.find_from == usual.find_from && c.interaction.find_to == usual.find_to) return Words{};
         return Words{std::to_string(c.interaction.find_from) + ":" + std::to_string(c.interaction.find_to)};
       }},
      {"--zoom", "ZOOM@X,Y", "how far large maps are zoomed in, and where: 1 shows all, the middle is 0.5,0.5",
       read_zoom, written_zoom},
      {"--width", "POINTS", "width in points (default 1440, of an animation 960)",
       [](PictureChoices& c, std::string_view text) { c.width = read_number(text, least_side, most_side); },
       [](const PictureChoices& c) {
         return c.width == PictureChoices{}.width ? Words{} : Words{number_argument(c.width)};
       }},
      {"--height", "POINTS", "height in points (default 5/8 of the width); a higher figure stays higher",
       [](PictureChoices& c, std::string_view text) { c.height = read_number(text, least_side, most_side); },
       written<&PictureChoices::height>},
      {"--theme", "ID", "dark or light (default dark)",
       [](PictureChoices& c, std::string_view text) {
         if (find_theme(text) == nullptr) {
           throw std::invalid_argument("there is no theme " + quoted(text) + "; known: dark, light");
         }
         c.theme = text;
       },
       [](const PictureChoices& c) { return c.theme == PictureChoices{}.theme ? Words{} : Words{c.theme}; }},
      {"--scale", "N", "pixels per point (default 1)",
       [](PictureChoices& c, std::string_view text) { c.scale = read_number(text, 0.25, 16); },
       [](const PictureChoices& c) {
         const bool counts = c.scale != 1 && !c.dpi && !c.width_mm;
         return counts ? Words{number_argument(c.scale)} : Words{};
       }},
      {"--dpi", "N", "pixels per inch of a picture of pixels, 72 to 1200, at 72 points an inch",
       [](PictureChoices& c, std::string_view text) { c.dpi = read_number(text, 72, 1200); },
       written<&PictureChoices::dpi>},
      {"--width-mm", "MM", "width on paper in millimetres; what is drawn is scaled to it",
       [](PictureChoices& c, std::string_view text) { c.width_mm = read_number(text, 10, 2000); },
       written<&PictureChoices::width_mm>},
      page_switch<&Page::title>("--title", "write what it is above it"),
      {"--caption", "TEXT", "words to write below it",
       [](PictureChoices& c, std::string_view text) { c.page.caption = text; },
       [](const PictureChoices& c) { return c.page.caption.empty() ? Words{} : Words{c.page.caption}; }},
      page_switch<&Page::transparent>("--transparent", "no ground"),
      page_switch<&Page::crop>("--crop", "leave out empty margins"),
      {"--no-color-bar", "", "leave out the bars that explain the colours of heat maps",
       [](PictureChoices& c, std::string_view) { c.color_bar = false; },
       [](const PictureChoices& c) { return c.color_bar ? Words{} : Words{""}; }},
  };
}

}  // namespace

const std::vector<PictureFlag>& picture_flags() {
  static const std::vector<PictureFlag> flags = make_picture_flags();
  return flags;
}

}  // namespace tconv
