#pragma once
// The numbers of the Toom-Cook algorithm (Winograd 1980, "Arithmetic Complexity of Computations", III): n input cells
// times t taps are the product of two polynomials, n + t − 1 sums, which n + t − 1 values of that product determine.

#include <array>
#include <cstddef>

namespace tconv {

/// A point a / b at which polynomials are evaluated, 1 / 0 being infinity: Σ c_i·a^i·b^(degree − i).
struct ToomCookPoint {
  int a;
  int b;
};

/// The points from 0 to infinity. Chosen from small fractions for the least growth of rounding errors, which is, per
/// axis, √ of the mean over the outputs o of Σ_p combine[o][p]²·|expand[p]|²·|weigh[p]|² / t: 1.41, 1.29, 1.99 for
/// t = 2 and n = 2, 3, 4; 1.29, 1.91, 2.18 for t = 3.
template <int n, int t>
inline constexpr std::array<ToomCookPoint, n + t - 1> toom_cook_points{};
template <>
inline constexpr std::array<ToomCookPoint, 3> toom_cook_points<2, 2>{{{0, 1}, {-1, 1}, {1, 0}}};
template <>
inline constexpr std::array<ToomCookPoint, 4> toom_cook_points<3, 2>{{{0, 1}, {1, 1}, {-1, 1}, {1, 0}}};
template <>
inline constexpr std::array<ToomCookPoint, 5> toom_cook_points<4, 2>{{{0, 1}, {-1, 1}, {1, 2}, {3, 2}, {1, 0}}};
template <>
inline constexpr std::array<ToomCookPoint, 4> toom_cook_points<2, 3>{{{0, 1}, {1, 1}, {-1, 1}, {1, 0}}};
template <>
inline constexpr std::array<ToomCookPoint, 5> toom_cook_points<3, 3>{{{0, 1}, {1, 1}, {-2, 1}, {-1, 2}, {1, 0}}};
template <>
inline constexpr std::array<ToomCookPoint, 6> toom_cook_points<4, 3>{
    {{0, 1}, {3, 2}, {-3, 2}, {2, 3}, {-2, 3}, {1, 0}}};

/// n cells and t taps; without points (t = 1) the cells stand for themselves.
template <int n, int t>
struct ToomCook {
  static constexpr int points = n + t - 1;
  static constexpr std::size_t size = points;

  std::array<std::array<double, n>, size> expand{};      ///< values of the cells' polynomial; small integers
  std::array<std::array<double, t>, size> weigh{};       ///< values of the taps' polynomial
  std::array<std::array<double, size>, size> combine{};  ///< from the values of the product to its coefficients

  constexpr ToomCook() {
    if constexpr (t == 1) {
      for (std::size_t i = 0; i < size; ++i) expand[i][i] = weigh[i][0] = combine[i][i] = 1;
    } else {
      std::array<std::array<double, size>, size> values{};
      for (std::size_t p = 0; p < size; ++p) {
        const ToomCookPoint point = toom_cook_points<n, t>[p];
        for (int i = 0; i < n; ++i) expand[p][static_cast<std::size_t>(i)] = power(point, i, n - 1);
        for (int i = 0; i < t; ++i) weigh[p][static_cast<std::size_t>(i)] = power(point, i, t - 1);
        for (int i = 0; i < points; ++i) values[p][static_cast<std::size_t>(i)] = power(point, i, points - 1);
      }
      combine = inverse(values);
      scale();
    }
  }

 private:
  /// Makes `combine` whole numbers, which floats hold exactly, by multiples that `weigh` takes back. Not at the ends, 0
  /// and infinity, where most factors are 1.
  constexpr void scale() {
    for (std::size_t p = 0; p < size; ++p) {
      const ToomCookPoint at = toom_cook_points<n, t>[p];
      double multiple = 1;
      for (std::size_t q = 0; q < size; ++q) {
        const ToomCookPoint other = toom_cook_points<n, t>[q];
        if (q != p) multiple *= at.a * other.b - at.b * other.a;
      }
      if (at.a == 0 || at.b == 0) multiple = 1;
      for (auto& row : combine) {
        row[p] *= multiple;
        const double whole = static_cast<double>(static_cast<long long>(row[p] + (row[p] < 0 ? -0.5 : 0.5)));
        if (row[p] - whole < 1e-9 && whole - row[p] < 1e-9) row[p] = whole;
      }
      for (double& value : weigh[p]) value /= multiple;
    }
  }

  static constexpr double power(ToomCookPoint point, int i, int degree) {
    double value = 1;
    for (int k = 0; k < degree; ++k) value *= k < i ? point.a : point.b;
    return value;
  }

  /// By Gauss and Jordan; the points are in an order in which no pivot is 0.
  static constexpr std::array<std::array<double, size>, size> inverse(std::array<std::array<double, size>, size> m) {
    std::array<std::array<double, size>, size> result{};
    for (std::size_t i = 0; i < size; ++i) result[i][i] = 1;
    for (std::size_t column = 0; column < size; ++column) {
      const double pivot = m[column][column];
      for (std::size_t j = 0; j < size; ++j) {
        m[column][j] /= pivot;
        result[column][j] /= pivot;
      }
      for (std::size_t row = 0; row < size; ++row) {
        const double factor = m[row][column];
        if (row == column || factor == 0) continue;
        for (std::size_t j = 0; j < size; ++j) {
          m[row][j] -= factor * m[column][j];
          result[row][j] -= factor * result[column][j];
        }
      }
    }
    return result;
  }
};

template <int n, int t>
inline constexpr ToomCook<n, t> toom_cook_numbers{};

}  // namespace tconv
