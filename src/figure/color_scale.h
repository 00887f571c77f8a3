#pragma once
// From numbers to colours as the document says: linear, log or symlog, centred, clamped at percentiles or locked, with
// colours and counts of their own for what lies on no scale.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "document/color_settings.h"
#include "figure/color_map.h"

namespace tconv {

/// What has a colour of its own. Under and over are values beyond ends that a clamp or a lock sets, and values ≤ 0 on a
/// log scale (under); without those every finite value lies on the scale.
enum class ColorSpecial { nan, plus_infinity, minus_infinity, under, over };
inline constexpr std::array color_specials{ColorSpecial::nan, ColorSpecial::plus_infinity, ColorSpecial::minus_infinity,
                                           ColorSpecial::under, ColorSpecial::over};

/// Pure colours, far (CIELAB distance at least 28) from every entry of every map, from its ends (at least 40) and from
/// each other (at least 60); NaN is `nan_color`.
Color color_of(ColorSpecial special);
/// "NaN", "+∞", "−∞", "under", "over".
std::string_view name_of(ColorSpecial special);

/// How many cells of each there are.
struct ColorCounts {
  std::int64_t nan = 0;
  std::int64_t plus_infinity = 0;
  std::int64_t minus_infinity = 0;
  std::int64_t under = 0;
  std::int64_t over = 0;

  std::int64_t of(ColorSpecial special) const;
  bool any() const { return nan + plus_infinity + minus_infinity + under + over > 0; }
  bool operator==(const ColorCounts&) const = default;
};

/// How often numbers occur, where there are too many of them to be looked at again.
struct ColorTally {
  struct Part {
    double low = 0;  ///< so many finite values lie in low … high
    double high = 0;
    std::int64_t count = 0;
  };
  std::vector<Part> parts{};  ///< in order
  std::int64_t nan = 0;
  std::int64_t plus_infinity = 0;
  std::int64_t minus_infinity = 0;
};

/// The numbers that one scale is for.
struct ColorData {
  std::vector<std::span<const float>> parts{};
  /// Instead of `parts`, which then are not looked at: percentiles and counts are as exact as its parts are narrow.
  const ColorTally* tally = nullptr;
  /// The ends to begin with, such as 0 … the largest of counts; empty: the smallest and largest finite value.
  std::optional<ValueRange> range{};
  bool counts = false;  ///< whole numbers from 0 on: the ends reach 0, and ticks are whole
};

/// The values at ranks low and high percent of the finite ones, low ≤ high: the value at index round(p/100·(n − 1)) of
/// them in order. Exact, in two passes and 1 MB of tables, whatever the number of values; {0, 0} when there is none.
ValueRange percentiles(const std::vector<std::span<const float>>& parts, double low, double high);

/// A tick of a colour bar.
struct ColorTick {
  double part = 0;  ///< 0 … 1 along the bar
  std::string text;

  bool operator==(const ColorTick&) const = default;
};

class ColorScale {
 public:
  /// `map` must outlive this, as the built-in ones do. The ends are the locked range; else the clamped percentiles;
  /// else the data's. Then, unless they are locked, they are centred. One pass over the data; a second one for the
  /// counts if something is not finite, the scale is log, or ends are set; two more for percentiles.
  ColorScale(const ColorMap& map, const ColorSettings& settings, const ColorData& data);

  const ColorMap& map() const { return *map_; }
  ScaleKind kind() const { return kind_; }            ///< log becomes linear when nothing is positive, see `note`
  const ValueRange& range() const { return range_; }  ///< the ends; of a log scale both positive
  /// From the smallest to the largest finite value of the data; {0, 0} when there is none.
  const ValueRange& data_range() const { return data_range_; }
  bool constant() const { return constant_; }  ///< both ends are one value: it takes the map's middle
  const ColorCounts& counts() const { return counts_; }
  /// Why the scale is not as it was asked for, one sentence; empty if it is.
  const std::string& note() const { return note_; }

  /// Where a value lies between the ends, 0 … 1; of values beyond them the nearer end, of NaN 0.5.
  double part(double value) const;
  /// The value at a part of the scale.
  double value_at(double part) const;
  /// Which colour of its own a value has.
  std::optional<ColorSpecial> special(double value) const;
  Color color(double value) const;

  /// The 256 colours of the map (the middle everywhere if constant), then one for each of `color_specials`.
  static constexpr std::size_t table_size = 256 + color_specials.size();
  std::array<Color, table_size> table() const;
  /// Entries of the table for `count` values. `averaged`: the values come from averaging, so that rounding may have
  /// moved them beyond an end by a hundred thousandth: that is not under or over.
  void entries(const float* values, std::size_t count, bool averaged, std::int32_t* entries) const;

  /// About `most` ticks, at least one, in order: multiples of 1, 2 or 5 · 10ⁿ; of a log scale powers of ten (with 2 and
  /// 5 between when there are few); of a symlog scale 0 and ± powers of ten, the same on both sides.
  std::vector<ColorTick> ticks(int most) const;

  /// Of symlog: below this magnitude it is about linear. The power of ten at or below a thousandth of the larger end;
  /// a value lies at sign(v)·log10(1 + |v|/threshold).
  double threshold() const { return threshold_; }

  // For those who compute `entries` elsewhere:
  double transformed(double value) const;  ///< linear, logarithm (of positive values) or symlog
  /// Values below the first are under, above the second over, −∞ and ∞ if none is; of averages a hundred thousandth
  /// further out where ends are set.
  std::pair<double, double> bounds(bool averaged) const;

 private:
  void set_ends(const ColorSettings& settings, const ColorData& data, const ValueRange& finite);
  void fit_log(const ColorSettings& settings, const ColorData& data);

  const ColorMap* map_;
  ScaleKind kind_;
  ValueRange range_;
  ValueRange data_range_;
  bool constant_ = false;
  bool whole_ = false;      ///< of counts
  bool has_ends_ = false;   ///< values beyond the ends are under or over
  bool all_finite_ = true;  ///< of the data
  double under_below_;      ///< values below are under; −∞: none
  double over_above_;       ///< values above are over; ∞: none
  double threshold_ = 0;
  double first_ = 0;  ///< transformed low end
  double scale_ = 0;  ///< 255 entries over the transformed span; 0 if constant
  ColorCounts counts_;
  std::string note_;
};

/// Like `rasterize` with a range. A pixel that holds several cells shows their average: NaN if one of them is NaN or
/// both infinities are among them, an infinity if one is, so none of them vanishes in a crowd; under and over are those
/// of the average.
std::shared_ptr<const Raster> rasterize(const PlaneView& plane, const Rect& window, int width, int height,
                                        const ColorScale& scale);

}  // namespace tconv
