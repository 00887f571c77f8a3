#include "export/color_flags.h"

#include <stdexcept>

#include "figure/color_map.h"
#include "files/file_error.h"

namespace tconv {
namespace {

using Words = std::vector<std::string>;
using ColorFlag = ChoiceFlag<Presentation>;

std::string map_names() {
  std::string names;
  for (const ColorMap& map : color_maps()) names += (names.empty() ? "" : ", ") + map.id;
  return names;
}

void read_map(Presentation& presentation, std::string_view text) {
  if (find_color_map(text) == nullptr) {
    throw std::invalid_argument("there is no colour map " + quoted(text) + "; known: " + map_names());
  }
  presentation.color_map = text;
}

template <typename Found>
auto named(const std::optional<Found>& found, std::string_view text, const char* rule) {
  if (!found) throw std::invalid_argument(std::string(rule) + ", found " + quoted(text));
  return *found;
}

/// "LOW:HIGH" as the two ends of a range or a clamp; `like` is an example.
template <typename Ends>
Ends read_ends(std::string_view text, const char* like) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    throw std::invalid_argument(std::string("must be like ") + like + ", found " + quoted(text));
  }
  const Ends ends{read_number(text.substr(0, colon), -largest_color_value, largest_color_value),
                  read_number(text.substr(colon + 1), -largest_color_value, largest_color_value)};
  const std::string problem = problem_of(ends);
  if (!problem.empty()) throw std::invalid_argument(problem + ", found " + quoted(text));
  return ends;
}

template <typename Ends>
Words written_ends(const Ends& ends) {
  return {number_argument(ends.low) + ":" + number_argument(ends.high)};
}

std::vector<ColorFlag> make_color_flags() {
  static const std::string map_help = "colours of heat maps: " + map_names() + " (default viridis)";
  return {
      {"--color-map", "ID", map_help, read_map,
       [](const Presentation& p) { return p.color_map == Presentation{}.color_map ? Words{} : Words{p.color_map}; }},
      {"--color-scale", "KIND", "how values are spread over the colours: linear, log or symlog (default linear)",
       [](Presentation& p, std::string_view text) {
         p.colors.scale = named(find_scale_kind(text), text, "must be linear, log or symlog");
       },
       [](const Presentation& p) {
         return p.colors.scale == ScaleKind::linear ? Words{} : Words{std::string(name_of(p.colors.scale))};
       }},
      {"--center", "WHEN", "whether 0 takes the middle colour: on, off or auto (default auto: of a diverging map)",
       [](Presentation& p, std::string_view text) {
         p.colors.centring = named(find_centring(text), text, "must be on, off or auto");
       },
       [](const Presentation& p) {
         return p.colors.centring == Centring::automatic ? Words{} : Words{std::string(name_of(p.colors.centring))};
       }},
      {"--percentile", "LOW:HIGH", "the colours' ends as percentiles of the values, such as 2:98 (default 0:100)",
       [](Presentation& p, std::string_view text) { p.colors.clamp = read_ends<PercentileClamp>(text, "2:98"); },
       [](const Presentation& p) { return p.colors.clamp.is_on() ? written_ends(p.colors.clamp) : Words{}; }},
      {"--range", "LOW:HIGH", "the colours' ends as values, the same for every view and step (default: the data's)",
       [](Presentation& p, std::string_view text) { p.colors.locked = read_ends<ColorRange>(text, "-1:1"); },
       [](const Presentation& p) { return p.colors.locked ? written_ends(*p.colors.locked) : Words{}; }},
  };
}

}  // namespace

const std::vector<ColorFlag>& color_flags() {
  static const std::vector<ColorFlag> flags = make_color_flags();
  return flags;
}

}  // namespace tconv
