#pragma once
// How numbers become colours: the same in every view that has a heat map, at every step.

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tconv {

enum class ScaleKind {
  linear,
  log,    ///< equal ratios look alike; what is not positive is "under"
  symlog  ///< like log on both sides of 0, linear near it
};

/// Whether 0 takes the middle of the colour map.
enum class Centring {
  automatic,  ///< of a diverging map with values on both sides of 0
  on,
  off
};

/// Both ends of a colour scale, low ≤ high, finite.
struct ColorRange {
  double low = 0;
  double high = 0;

  bool operator==(const ColorRange&) const = default;
};

/// Which percentiles of the finite values are the scale's ends, 0 ≤ low < high ≤ 100; 0 and 100: all of them.
struct PercentileClamp {
  double low = 0;
  double high = 100;

  bool is_on() const { return low > 0 || high < 100; }
  bool operator==(const PercentileClamp&) const = default;
};

struct ColorSettings {
  ScaleKind scale = ScaleKind::linear;
  Centring centring = Centring::automatic;
  PercentileClamp clamp{};
  /// The ends as they are, whatever the data, percentiles and centring say: pictures become comparable.
  std::optional<ColorRange> locked{};

  bool operator==(const ColorSettings&) const = default;
};

/// Numbers of a range lie within those of an array: ±3.4e38.
inline constexpr double largest_color_value = 3.4028234663852886e38;

// Names in files and on command lines: "linear", "log", "symlog"; "auto", "on", "off".
std::string_view name_of(ScaleKind kind);
std::string_view name_of(Centring centring);
std::optional<ScaleKind> find_scale_kind(std::string_view name);
std::optional<Centring> find_centring(std::string_view name);

/// The rule that a range or a clamp breaks, as in "must …"; empty if it is legal.
std::string problem_of(const ColorRange& range);
std::string problem_of(const PercentileClamp& clamp);

}  // namespace tconv
