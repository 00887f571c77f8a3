#include "figure/color_map.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "files/embedded.h"
#include "files/file_error.h"

namespace tconv {
namespace {

constexpr std::string_view folder = "color_maps/";
constexpr std::string_view suffix = ".csv";

[[noreturn]] void refuse(std::string_view name, std::size_t line, const std::string& found) {
  throw FileError(name, "line " + std::to_string(line) + ": " + found,
                  "a colour map is 256 lines \"r,g,b\", each number 0 to 255");
}

// One line "r,g,b"; false if it is anything else.
bool parse_color(std::string_view line, Color& color) {
  const char* at = line.data();
  const char* const end = at + line.size();
  std::uint8_t* const channels[] = {&color.r, &color.g, &color.b};
  for (int i = 0; i < 3; ++i) {
    if (i > 0 && (at == end || *at++ != ',')) return false;
    while (at != end && *at == ' ') ++at;
    const auto [next, error] = std::from_chars(at, end, *channels[i]);
    if (error != std::errc()) return false;
    at = next;
    while (at != end && *at == ' ') ++at;
  }
  return at == end;
}

std::string_view without_folder_and_suffix(std::string_view name) {
  name.remove_prefix(name.rfind('/') + 1);  // npos + 1 is 0
  if (name.ends_with(suffix)) name.remove_suffix(suffix.size());
  return name;
}

}  // namespace

Color ColorMap::at(double t) const {
  if (std::isnan(t)) return nan_color;
  return colors[static_cast<std::size_t>(std::clamp(t, 0.0, 1.0) * 255 + 0.5)];
}

ColorMap parse_color_map(std::string_view text, std::string_view name) {
  ColorMap map;
  map.id = without_folder_and_suffix(name);
  std::size_t count = 0;
  for (std::size_t line_number = 1; !text.empty(); ++line_number) {
    const std::size_t line_end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, line_end);
    text.remove_prefix(std::min(line_end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line_number == 1 && line.starts_with('#')) {
      map.diverging = line.find("diverging") != std::string_view::npos;
      continue;
    }
    if (count == map.colors.size()) {
      if (line.empty()) continue;
      refuse(name, line_number, "more than 256 colours");
    }
    if (!parse_color(line, map.colors[count])) refuse(name, line_number, "not a colour: " + quoted(line));
    ++count;
  }
  if (count < map.colors.size()) {
    throw FileError(name, "only " + std::to_string(count) + " colours, need 256",
                    "a colour map is 256 lines \"r,g,b\", each number 0 to 255");
  }
  return map;
}

const std::vector<ColorMap>& color_maps() {
  static const std::vector<ColorMap> maps = [] {
    std::vector<ColorMap> parsed;
    for (const std::string_view name : embedded_names(folder)) {
      if (name.ends_with(suffix)) parsed.push_back(parse_color_map(embedded_file(name).value_or(""), name));
    }
    return parsed;
  }();
  return maps;
}

const ColorMap* find_color_map(std::string_view id) {
  const auto found = std::find_if(color_maps().begin(), color_maps().end(), [&](const auto& m) { return m.id == id; });
  return found == color_maps().end() ? nullptr : &*found;
}

}  // namespace tconv
