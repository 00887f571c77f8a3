#include "export/gif_palette.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>
#include <limits>

namespace tconv {
namespace {

Color unpacked_color(std::uint32_t rgb_value) { return rgb(rgb_value); }

/// A channel farther from the truth than this may be seen, so it is avoided while there is room in the palette.
constexpr int visible = 20;

int largest_channel(Color a, Color b) {
  return std::max({std::abs(a.r - b.r), std::abs(a.g - b.g), std::abs(a.b - b.b)});
}

/// How different two colours look: green differences are seen best, red ones least, and one large one more than three
/// small ones.
int distance(Color a, Color b) {
  constexpr int more_than_any = 9 * 255 * 255 + 1;
  const int red = a.r - b.r;
  const int green = a.g - b.g;
  const int blue = a.b - b.b;
  return 2 * red * red + 4 * green * green + 3 * blue * blue + (largest_channel(a, b) > visible ? more_than_any : 0);
}

// A colour that may be chosen.
struct Candidate {
  Color color;
  double count = 0;
  int nearest = std::numeric_limits<int>::max();  // distance to what is chosen
  int largest_channel = 256;                      // difference to that of the chosen ones where it is least
};

// What remains to be told apart where there are too many colours to look at each: one of each small cube of them.
std::vector<Candidate> candidates_of(std::span<const ColorUse> uses) {
  constexpr std::size_t many = 32768;
  const std::uint32_t mask = uses.size() <= many ? 0xffffffU : 0xf8f8f8U;
  std::vector<const ColorUse*> sorted;
  sorted.reserve(uses.size());
  for (const ColorUse& use : uses) sorted.push_back(&use);
  if (mask != 0xffffffU) {
    std::ranges::stable_sort(sorted, {}, [&](const ColorUse* use) { return use->rgb & mask; });
  }
  std::vector<Candidate> candidates;
  for (auto begin = sorted.begin(); begin != sorted.end();) {
    const auto end = std::find_if(begin, sorted.end(),
                                  [&](const ColorUse* use) { return ((use->rgb ^ (*begin)->rgb) & mask) != 0; });
    std::uint64_t count = 0;
    for (auto use = begin; use != end; ++use) count += (*use)->count;
    const auto most = std::max_element(begin, end, [](auto* a, auto* b) { return a->count < b->count; });
    candidates.push_back({unpacked_color((*most)->rgb), static_cast<double>(count)});
    begin = end;
  }
  return candidates;
}

void choose(Color color, std::vector<Candidate>& candidates, std::vector<Color>& chosen) {
  chosen.push_back(color);
  for (Candidate& candidate : candidates) {
    candidate.nearest = std::min(candidate.nearest, distance(candidate.color, color));
    candidate.largest_channel = std::min(candidate.largest_channel, largest_channel(candidate.color, color));
  }
}

std::uint8_t nearest(Color color, const std::vector<Color>& chosen) {
  std::size_t best = 0;
  int least = std::numeric_limits<int>::max();
  for (std::size_t i = 0; i < chosen.size() && least > 0; ++i) {
    const int d = distance(color, chosen[i]);
    if (d < least) {
      least = d;
      best = i;
    }
  }
  return static_cast<std::uint8_t>(best);
}

// The colours of plain areas, largest first, as many as leave room for shades.
std::vector<Color> plain_colors(std::span<const ColorUse> uses, std::size_t most) {
  constexpr std::uint64_t least_area = 16;
  std::vector<const ColorUse*> plain;
  for (const ColorUse& use : uses) {
    if (use.flat >= least_area) plain.push_back(&use);
  }
  std::ranges::stable_sort(plain, std::greater(), &ColorUse::flat);
  plain.resize(std::min(plain.size(), most / 2));
  std::vector<Color> colors;
  for (const ColorUse* use : plain) colors.push_back(unpacked_color(use->rgb));
  return colors;
}

/// First what is still visibly far from every chosen colour, then what is seen most. Null when all are chosen.
const Color* next_color(const std::vector<Candidate>& candidates) {
  const auto farthest = std::ranges::max_element(candidates, {}, [](const Candidate& candidate) {
    return candidate.largest_channel > visible ? candidate.nearest : 0;
  });
  if (farthest->largest_channel > visible) {
    // Of those that would stand in for it the most frequent is of more use than just this one.
    const auto use = [&](const Candidate& candidate) {
      const bool close = largest_channel(candidate.color, farthest->color) <= visible * 3 / 4;
      return close && candidate.largest_channel > 0 ? candidate.count : 0;
    };
    return &std::ranges::max_element(candidates, {}, use)->color;
  }
  const auto score = [](const Candidate& candidate) {
    return std::sqrt(static_cast<double>(candidate.nearest)) * candidate.count;
  };
  const auto next = std::ranges::max_element(candidates, {}, score);
  return next->nearest == 0 ? nullptr : &next->color;
}

}  // namespace

GifPalette gif_palette(std::span<const ColorUse> uses, std::size_t most, const Progress& progress) {
  GifPalette palette;
  if (uses.size() <= most) {
    for (const ColorUse& use : uses) {
      palette.index_of_use.push_back(static_cast<std::uint8_t>(palette.colors.size()));
      palette.colors.push_back(unpacked_color(use.rgb));
    }
    return palette;
  }
  std::vector<Candidate> candidates = candidates_of(uses);
  for (const Color color : plain_colors(uses, most)) {
    choose(color, candidates, palette.colors);
    progress.check();
  }
  while (palette.colors.size() < most) {
    const Color* const color = next_color(candidates);
    if (color == nullptr) break;
    choose(Color(*color), candidates, palette.colors);
    progress.at(static_cast<double>(palette.colors.size()) / static_cast<double>(most) / 2);
  }
  palette.index_of_use.reserve(uses.size());
  for (const ColorUse& use : uses) {
    palette.index_of_use.push_back(nearest(unpacked_color(use.rgb), palette.colors));
    if (palette.index_of_use.size() % 1024 == 0) {
      progress.at(0.5 + static_cast<double>(palette.index_of_use.size()) / static_cast<double>(uses.size()) / 2);
    }
  }
  return palette;
}

}  // namespace tconv
