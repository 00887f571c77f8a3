#include "figure/color_scale.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "figure/color_data.h"

namespace tconv {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double smallest_float = 1.4012984643248171e-45;  // above 0
constexpr double shown_decades = 1000;  // from the high end of a log scale down, where no low one is known
constexpr std::int32_t first_special = 256;

std::int32_t entry_of(ColorSpecial special) { return first_special + static_cast<std::int32_t>(special); }

/// Entry of the table for a place among the 256 colours.
std::int32_t rounded(double place) {
  double t = place + 0.5;
  t = t > 0.5 ? t : 0.5;
  t = t < 255.5 ? t : 255.5;
  return static_cast<std::int32_t>(t);
}

}  // namespace

Color color_of(ColorSpecial special) {
  switch (special) {
    case ColorSpecial::nan:
      return nan_color;
    case ColorSpecial::plus_infinity:
      return rgb(0xff0000);
    case ColorSpecial::minus_infinity:
      return rgb(0x0000ff);
    case ColorSpecial::under:
      return rgb(0x00e5ff);
    case ColorSpecial::over:
      break;
  }
  return rgb(0x00ff00);
}

std::string_view name_of(ColorSpecial special) {
  switch (special) {
    case ColorSpecial::nan:
      return "NaN";
    case ColorSpecial::plus_infinity:
      return "+∞";
    case ColorSpecial::minus_infinity:
      return "−∞";
    case ColorSpecial::under:
      return "under";
    case ColorSpecial::over:
      break;
  }
  return "over";
}

std::int64_t ColorCounts::of(ColorSpecial special) const {
  return std::array{nan, plus_infinity, minus_infinity, under, over}[static_cast<std::size_t>(special)];
}

ColorScale::ColorScale(const ColorMap& map, const ColorSettings& settings, const ColorData& data)
    : map_(&map), kind_(settings.scale), whole_(data.counts), under_below_(-infinity), over_above_(infinity) {
  const DataSummary summary = summary_of(data);
  data_range_ = summary.range;
  // Without data nothing is known of what will be drawn.
  all_finite_ = summary.any_finite && summary.all_finite;
  set_ends(settings, data, summary.range);
  if (kind_ == ScaleKind::log) fit_log(settings, data);
  if (has_ends_) {
    under_below_ = range_.low;
    over_above_ = range_.high;
  } else if (kind_ == ScaleKind::log) {
    under_below_ = smallest_float;
  }
  if (kind_ == ScaleKind::symlog) {
    const double largest = std::max(std::abs(range_.low), std::abs(range_.high));
    threshold_ = largest > 0 ? std::pow(10, std::floor(std::log10(largest / 1000))) : 1;
  }
  first_ = transformed(range_.low);
  scale_ = 255 / (transformed(range_.high) - first_);
  constant_ = !(range_.low < range_.high) || !std::isfinite(scale_);
  if (constant_) scale_ = 0;
  if (!summary.all_finite || under_below_ > -infinity || over_above_ < infinity) {
    counts_ = count_specials(data, under_below_, over_above_);
  }
}

void ColorScale::set_ends(const ColorSettings& settings, const ColorData& data, const ValueRange& finite) {
  if (settings.locked) {
    range_ = {settings.locked->low, settings.locked->high};
    has_ends_ = true;
    return;
  }
  range_ = data.range.value_or(finite);
  if (data.counts) range_ = {std::min(0.0, range_.low), std::max(0.0, range_.high)};
  const bool any = data.tally != nullptr
                       ? !data.tally->parts.empty()
                       : std::ranges::any_of(data.parts, [](const auto& part) { return !part.empty(); });
  if (settings.clamp.is_on() && any) {
    range_ = percentiles(data, settings.clamp.low, settings.clamp.high);
    has_ends_ = true;
  }
  const bool centred = settings.centring == Centring::on || (settings.centring == Centring::automatic &&
                                                             map_->diverging && range_.low < 0 && range_.high > 0);
  if (!centred) return;
  if (kind_ == ScaleKind::log) {
    if (settings.centring == Centring::on) note_ = "A log scale has no 0 to be centred at.";
    return;
  }
  const double far = std::max(std::abs(range_.low), std::abs(range_.high));
  range_ = {-far, far};
}

void ColorScale::fit_log(const ColorSettings& settings, const ColorData& data) {
  if (!(range_.high > 0)) {
    kind_ = ScaleKind::linear;
    note_ = "No value is above 0: linear instead of log.";
    return;
  }
  if (range_.low > 0) return;
  const double smallest = settings.locked ? 0 : smallest_positive(data);
  // A lock must give the same scale whatever the data.
  range_.low = smallest > 0 && smallest <= range_.high ? smallest : range_.high / shown_decades;
}

double ColorScale::transformed(double value) const {
  if (kind_ == ScaleKind::linear) return value;
  if (kind_ == ScaleKind::log) return std::log(value);
  const double magnitude = std::log10(1 + std::abs(value) / threshold_);
  return value < 0 ? -magnitude : magnitude;
}

double ColorScale::part(double value) const {
  if (constant_ || std::isnan(value)) return 0.5;
  if (value <= range_.low) return 0;
  if (value >= range_.high) return 1;
  return std::clamp((transformed(value) - first_) * scale_ / 255, 0.0, 1.0);
}

double ColorScale::value_at(double part) const {
  if (constant_) return range_.low;
  const double place = first_ + part * (transformed(range_.high) - first_);
  if (kind_ == ScaleKind::linear) return place;
  if (kind_ == ScaleKind::log) return std::exp(place);
  const double magnitude = (std::pow(10, std::abs(place)) - 1) * threshold_;
  return place < 0 ? -magnitude : magnitude;
}

std::optional<ColorSpecial> ColorScale::special(double value) const {
  if (std::isnan(value)) return ColorSpecial::nan;
  if (std::isinf(value)) return value > 0 ? ColorSpecial::plus_infinity : ColorSpecial::minus_infinity;
  if (value < under_below_) return ColorSpecial::under;
  if (value > over_above_) return ColorSpecial::over;
  return {};
}

Color ColorScale::color(double value) const {
  if (const auto own = special(value)) return color_of(*own);
  if (constant_) return map_->at(0.5);
  if (kind_ == ScaleKind::log && value <= range_.low) return map_->colors.front();
  return map_->colors[static_cast<std::size_t>(rounded((transformed(value) - first_) * scale_))];
}

std::array<Color, ColorScale::table_size> ColorScale::table() const {
  std::array<Color, table_size> colors{};
  for (std::size_t i = 0; i < map_->colors.size(); ++i) colors[i] = constant_ ? map_->at(0.5) : map_->colors[i];
  for (const ColorSpecial special : color_specials) {
    colors[static_cast<std::size_t>(entry_of(special))] = color_of(special);
  }
  return colors;
}

std::pair<double, double> ColorScale::bounds(bool averaged) const {
  if (!has_ends_ || !averaged) return {under_below_, over_above_};
  constexpr double rounding = 1e-5;
  const double largest = std::max(std::abs(range_.low), std::abs(range_.high));
  return {under_below_ - rounding * (kind_ == ScaleKind::log ? range_.low : largest), over_above_ + rounding * largest};
}

void ColorScale::entries(const float* values, std::size_t count, bool averaged, std::int32_t* entries) const {
  // Plain loops without calls or branches, which compilers vectorize.
  const double first = first_;
  const double scale = scale_;
  if (kind_ == ScaleKind::linear && all_finite_ && !has_ends_) {
    for (std::size_t i = 0; i < count; ++i) entries[i] = rounded((static_cast<double>(values[i]) - first) * scale);
    return;
  }
  if (kind_ == ScaleKind::linear) {
    for (std::size_t i = 0; i < count; ++i) entries[i] = rounded((static_cast<double>(values[i]) - first) * scale);
  } else if (kind_ == ScaleKind::log) {
    const double low = range_.low;
    for (std::size_t i = 0; i < count; ++i) {
      const auto value = static_cast<double>(values[i]);
      entries[i] = value > low ? rounded((std::log(value) - first) * scale) : 0;
    }
  } else {
    for (std::size_t i = 0; i < count; ++i) {
      entries[i] = rounded((transformed(static_cast<double>(values[i])) - first) * scale);
    }
  }
  const auto [under, over] = bounds(averaged);
  for (std::size_t i = 0; i < count; ++i) {
    const auto value = static_cast<double>(values[i]);
    std::int32_t entry = entries[i];
    entry = value < under ? entry_of(ColorSpecial::under) : entry;
    entry = value > over ? entry_of(ColorSpecial::over) : entry;
    entry = value == infinity ? entry_of(ColorSpecial::plus_infinity) : entry;
    entry = value == -infinity ? entry_of(ColorSpecial::minus_infinity) : entry;
    entry = value != value ? entry_of(ColorSpecial::nan) : entry;
    entries[i] = entry;
  }
}

}  // namespace tconv
