// The round numbers beside a colour bar.

#include <algorithm>
#include <array>
#include <cmath>

#include "figure/color_scale.h"
#include "figure/layout.h"

namespace tconv {
namespace {

constexpr std::array<double, 3> round_steps{5, 2, 1};

/// mantissa · 10^exponent, exact where a double can be.
double decimal(double mantissa, int exponent) {
  return exponent < 0 ? mantissa / std::pow(10, -exponent) : mantissa * std::pow(10, exponent);
}

int exponent_of(double magnitude) { return static_cast<int>(std::floor(std::log10(magnitude))); }

/// Multiples of a round step, not below `least_step`, between the ends, as many as `most` allows.
std::vector<double> round_values(const ValueRange& range, std::size_t most, double least_step, double& step) {
  std::vector<double> best;
  const double span = range.high - range.low;
  const int top = exponent_of(span);
  for (int exponent = top; exponent > top - 3; --exponent) {
    for (const double mantissa : round_steps) {
      const double wide = decimal(mantissa, exponent);
      if (wide < least_step) return best;
      const double first = std::ceil(range.low / wide - 1e-9);
      const double last = std::floor(range.high / wide + 1e-9);
      if (std::max(std::abs(first), std::abs(last)) > 1e14) return best;  // beyond what a double tells apart
      if (last - first + 1 > static_cast<double>(most)) return best;
      if (last < first) continue;
      best.clear();
      for (double i = first; i <= last; ++i) best.push_back(decimal(i * mantissa, exponent));
      step = wide;
    }
  }
  return best;
}

/// 10ⁿ between the ends, of exponents that are multiples of a round number, so that they are at most `most`.
std::vector<double> powers(double low, double high, std::size_t most) {
  const int first = static_cast<int>(std::ceil(std::log10(low) - 1e-9));
  const int last = static_cast<int>(std::floor(std::log10(high) + 1e-9));
  for (const int every : {1, 2, 3, 5, 10, 20, 50, 100}) {
    std::vector<double> values;
    for (int exponent = first; exponent <= last; ++exponent) {
      if (exponent % every == 0) values.push_back(decimal(1, exponent));
    }
    if (values.size() <= most) return values;
  }
  return {};
}

/// 1, 2 and 5 · 10ⁿ between the ends.
std::vector<double> finer_powers(double low, double high) {
  std::vector<double> values;
  for (int exponent = exponent_of(low) - 1; exponent <= exponent_of(high) + 1; ++exponent) {
    for (const double mantissa : {1.0, 2.0, 5.0}) {
      const double value = decimal(mantissa, exponent);
      if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9)) values.push_back(value);
    }
  }
  return values;
}

/// As many digits as tell multiples of `step` apart; whole numbers are written out up to a million.
int digits_for(double largest, double step) {
  if (!(largest > 0) || !(step > 0)) return 4;
  const int whole = exponent_of(largest * (1 + 1e-12)) + 1;
  const int needed = whole - exponent_of(step * (1 + 1e-12));
  return std::clamp(largest < 1e6 ? std::max(needed, whole) : needed, 3, 15);
}

}  // namespace

std::vector<ColorTick> ColorScale::ticks(int most) const {
  const auto largest = static_cast<std::size_t>(std::max(2, most));
  if (constant_) return {{0.5, number_text(range_.low, 6)}};
  std::vector<double> values;
  int digits = 6;
  if (kind_ == ScaleKind::log) {
    values = powers(range_.low, range_.high, largest);
    if (values.size() < 3) {
      const auto finer = finer_powers(range_.low, range_.high);
      if (finer.size() > values.size() && finer.size() <= largest) values = finer;
    }
  } else if (kind_ == ScaleKind::symlog) {
    const double far = std::max(std::abs(range_.low), std::abs(range_.high));
    const auto side = powers(threshold_, far, std::max<std::size_t>(1, (largest - 1) / 2));
    values = {0};
    for (const double value : side) {
      values.push_back(value);
      values.push_back(-value);
    }
    std::ranges::sort(values);
    std::erase_if(values, [&](double value) { return value < range_.low || value > range_.high; });
  }
  if (values.size() < 2) {
    double step = 0;
    values = round_values(range_, largest, whole_ ? 1 : 0, step);
    digits = digits_for(std::max(std::abs(range_.low), std::abs(range_.high)), step);
  }
  if (values.empty()) {
    values = {range_.low, range_.high};
    digits = 15;
  }
  std::vector<ColorTick> ticks;
  for (const double value : values) ticks.push_back({part(value), number_text(value, digits)});
  return ticks;
}

}  // namespace tconv
