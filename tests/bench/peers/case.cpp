#include <algorithm>
#include <cmath>
#include <random>

#include "kernels/layer_plan.h"
#include "peers/contender.h"

namespace tconv::bench {
namespace {

using std::int64_t;

/// Uniform in −1 … 1, in steps of 2^-23, whatever the standard library's distributions do.
class Numbers {
 public:
  explicit Numbers(std::uint32_t seed) : bits_(seed) {}
  float operator()() { return static_cast<float>(static_cast<int>(bits_() >> 8)) * 0x1p-23F - 1.0F; }

 private:
  std::mt19937 bits_;
};

/// The place of a cell in an array of four axes, outermost first.
struct Cell {
  int64_t a, b, y, x;
};

Cell cell_at(const Shape& shape, int64_t flat) {
  return {flat / shape[3] / shape[2] / shape[1], flat / shape[3] / shape[2] % shape[1], flat / shape[3] % shape[2],
          flat % shape[3]};
}

class Truth {
 public:
  explicit Truth(const Case& of) : of_(of), x_(input_shape(of.layer)), y_(output_shape(of.layer)) {}

  double at(Direction direction, const Cell& cell) const {
    switch (direction) {
      case Direction::forward:
        return forward(cell);
      case Direction::dx:
        return input_gradient(cell);
      case Direction::dw:
        return weight_gradient(cell);
    }
    return 0;
  }

 private:
  const LayerSpec& layer() const { return of_.layer; }
  int64_t group_in() const { return layer().in_channels / layer().groups; }
  int64_t group_out() const { return layer().out_channels / layer().groups; }
  double x(int64_t n, int64_t c, int64_t y, int64_t x) const {
    return of_.input.data()[((n * x_[1] + c) * x_[2] + y) * x_[3] + x];
  }
  double g(int64_t n, int64_t c, int64_t y, int64_t x) const {
    return of_.grad_output.data()[((n * y_[1] + c) * y_[2] + y) * y_[3] + x];
  }
  double w(int64_t in, int64_t out, int64_t y, int64_t x) const {
    return of_.weight[((in * group_out() + out) * layer().axes[0].kernel + y) * layer().axes[1].kernel + x];
  }
  /// The input cell that tap k carries to output cell o, or −1.
  static int64_t source(const AxisSpec& axis, int64_t o, int64_t k) {
    const int64_t at = o + axis.padding_begin - k * axis.dilation;
    return at < 0 || at % axis.stride != 0 || at / axis.stride >= axis.input ? -1 : at / axis.stride;
  }
  /// The output cell to which tap k carries input cell i, or −1.
  static int64_t target(const AxisSpec& axis, int64_t i, int64_t k) {
    const int64_t at = i * axis.stride + k * axis.dilation - axis.padding_begin;
    return at < output_size(axis) ? std::max<int64_t>(at, -1) : -1;
  }

  double forward(const Cell& cell) const {
    const auto& [rows, columns, depth] = layer().axes;
    const int64_t first = cell.b / group_out() * group_in();
    double sum = 0;
    for (int64_t ky = 0; ky < rows.kernel; ++ky) {
      const int64_t iy = source(rows, cell.y, ky);
      for (int64_t kx = 0; iy >= 0 && kx < columns.kernel; ++kx) {
        const int64_t ix = source(columns, cell.x, kx);
        if (ix < 0) continue;
        for (int64_t in = first; in < first + group_in(); ++in) {
          sum += x(cell.a, in, iy, ix) * w(in, cell.b % group_out(), ky, kx);
        }
      }
    }
    return sum;
  }

  double input_gradient(const Cell& cell) const {
    const auto& [rows, columns, depth] = layer().axes;
    const int64_t first = cell.b / group_in() * group_out();
    double sum = 0;
    for (int64_t ky = 0; ky < rows.kernel; ++ky) {
      const int64_t oy = target(rows, cell.y, ky);
      for (int64_t kx = 0; oy >= 0 && kx < columns.kernel; ++kx) {
        const int64_t ox = target(columns, cell.x, kx);
        if (ox < 0) continue;
        for (int64_t out = 0; out < group_out(); ++out) sum += g(cell.a, first + out, oy, ox) * w(cell.b, out, ky, kx);
      }
    }
    return sum;
  }

  double weight_gradient(const Cell& cell) const {  // (C_in, C_out/G, tap, tap)
    const auto& [rows, columns, depth] = layer().axes;
    const int64_t out = cell.a / group_in() * group_out() + cell.b;
    double sum = 0;
    for (int64_t n = 0; n < layer().batch; ++n) {
      for (int64_t iy = 0; iy < rows.input; ++iy) {
        const int64_t oy = target(rows, iy, cell.y);
        for (int64_t ix = 0; oy >= 0 && ix < columns.input; ++ix) {
          const int64_t ox = target(columns, ix, cell.x);
          if (ox >= 0) sum += x(n, cell.a, iy, ix) * g(n, out, oy, ox);
        }
      }
    }
    return sum;
  }

  const Case& of_;
  Shape x_;
  Shape y_;
};

}  // namespace

Case::Case(NamedLayer named)
    : name(std::move(named.name)),
      layer(named.layer),
      input(input_shape(layer).elements()),
      grad_output(output_shape(layer).elements()) {
  Numbers numbers(7);
  std::ranges::generate(input.span(), numbers);
  std::vector<float> weights(static_cast<std::size_t>(weight_shape(layer).elements()));
  std::ranges::generate(weights, numbers);
  weight = Tensor(weight_shape(layer), std::move(weights));
  std::ranges::generate(grad_output.span(), numbers);
}

Shape Case::result_shape(Direction direction) const {
  if (direction == Direction::forward) return output_shape(layer);
  return direction == Direction::dx ? input_shape(layer) : weight_shape(layer);
}

double Case::operations() const { return 2 * plan_of(layer).products(); }

std::shared_ptr<FloatBuffer> Arrays::get(const std::string& name, int64_t floats) {
  auto& array = arrays_[name + " " + std::to_string(floats)];
  if (array == nullptr) {
    array = std::make_shared<FloatBuffer>(floats);
    std::ranges::fill(array->span(), 0.0F);
  }
  return array;
}

Error error_of(const Case& of, Direction direction, const float* result) {
  constexpr double most_products = 3e7;
  const Shape shape = of.result_shape(direction);
  const double products = of.operations() / 2 / static_cast<double>(shape.elements());
  const auto samples = static_cast<int>(std::clamp(most_products / std::max(1.0, products), 20.0, 3000.0));
  const Truth truth(of);
  std::mt19937_64 bits(3);
  double squares = 0;
  double wrong = 0;
  double largest = 0;
  for (int i = 0; i < samples; ++i) {
    const auto flat = static_cast<int64_t>(bits() % static_cast<std::uint64_t>(shape.elements()));
    const double value = truth.at(direction, cell_at(shape, flat));
    const double difference = std::abs(static_cast<double>(result[flat]) - value);
    squares += value * value;
    wrong += difference * difference;
    largest = std::max(largest, std::isnan(difference) ? INFINITY : difference);
  }
  const double rms = std::sqrt(squares / samples);
  if (rms == 0) return {std::sqrt(wrong / samples), largest};
  return {std::sqrt(wrong / squares), largest / rms};
}

}  // namespace tconv::bench
