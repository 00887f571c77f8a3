#include <algorithm>
#include <chrono>
#include <cmath>
#include <mutex>
#include <new>
#include <numeric>
#include <optional>

#include "compute/large_map.h"
#include "compute/large_map_input.h"
#include "compute/limits.h"
#include "core/integers.h"
#include "kernels/machine_limits.h"
#include "kernels/prepared_layer.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int64_t block_side = 512;      // cells, about: a block and its input stay in a core's caches
constexpr int64_t overview_side = 1200;  // means on the longer side, at most

/// The blocks of one axis: all have the same layer, with another part of the input.
struct BlockAxis {
  int64_t output = 1;  ///< cells of the whole map
  int64_t input = 1;
  int64_t cells = 1;        ///< of a block
  int64_t first_input = 0;  ///< of block 0, may be negative
  int64_t input_step = 1;   ///< from block to block
  AxisSpec layer;           ///< that computes a block

  BlockAxis() = default;
  BlockAxis(const AxisSpec& axis, int64_t multiple) : output(output_size(axis)), input(axis.input) {
    const int64_t unit = std::lcm(axis.stride, multiple);
    // Blocks of one size that together are hardly larger than the map.
    const int64_t blocks = std::max<int64_t>(1, (output + block_side / 2) / block_side);
    cells = unit * ceil_div(ceil_div(output, blocks), unit);
    input_step = cells / axis.stride;
    const int64_t reach = axis.dilation * (axis.kernel - 1);
    first_input = -floor_div(reach - axis.padding_begin, axis.stride);
    layer = axis;
    layer.output_padding = 0;
    layer.padding_begin = axis.padding_begin - axis.stride * first_input;
    if (layer.padding_begin < 0) {  // cells that no stamp reaches lie before the first
      --first_input;
      layer.padding_begin += axis.stride;
    }
    const int64_t last_input = floor_div(cells - 1 + axis.padding_begin, axis.stride);
    layer.input = std::max<int64_t>(1, last_input - first_input + 1);
    layer.padding_end = 0;
    const int64_t over = output_size(layer) - cells;
    if (over >= 0) {
      layer.padding_end = over;
    } else {
      layer.output_padding = -over;
    }
  }
  int64_t blocks() const { return ceil_div(output, cells); }
};

/// The weights of one group's input channels to one of its outputs.
Tensor weight_for(const LargeMapKey& key) {
  Scenario own = key.scenario;
  own.layer.in_channels = key.own_in_channels;
  own.layer.out_channels = key.own_out_channels;
  own.layer.groups = key.own_groups;
  const Tensor all = weight_of(own);
  const Shape shape = weight_shape(key.scenario.layer);
  const int64_t taps = shape[2] * shape[3];
  const int64_t outs = key.own_out_channels / key.own_groups;
  std::vector<float> numbers;
  numbers.reserve(static_cast<std::size_t>(shape.elements()));
  for (int64_t c = 0; c < shape[0]; ++c) {
    const float* const from = all.data() + ((key.group * shape[0] + c) * outs + key.out_channel) * taps;
    numbers.insert(numbers.end(), from, from + taps);
  }
  return {shape, std::move(numbers)};
}

Tensor bias_for(const LargeMapKey& key) {
  if (!key.scenario.layer.bias) return {};
  Scenario own = key.scenario;
  own.layer.out_channels = key.own_out_channels;
  own.layer.groups = key.own_groups;
  own.layer.in_channels = key.own_in_channels;
  const int64_t outs = key.own_out_channels / key.own_groups;
  return {Shape{1}, {bias_of(own)[key.group * outs + key.out_channel]}};
}

}  // namespace

class LargeMapBlocks::Work {
 public:
  Work(const LargeMapKey& key, const Work* before)
      : layer_(key.scenario.layer),
        input_(LargeMapInput::make(key, before == nullptr ? nullptr : before->input_)),
        weight_(weight_for(key)),
        bias_(bias_for(key)) {
    const int64_t longer = std::max(output_size(layer_.axes[0]), output_size(layer_.axes[1]));
    while (ceil_div(longer, step_) > overview_side) step_ *= 2;
    rows_ = BlockAxis(layer_.axes[0], step_);
    cols_ = BlockAxis(layer_.axes[1], step_);
    block_layer_ = layer_;
    block_layer_.axes[0] = rows_.layer;
    block_layer_.axes[1] = cols_.layer;
    // Asked beforehand: a system that lends more than it has would end the program later.
    const int64_t floats = input_shape(block_layer_).elements() + output_shape(block_layer_).elements();
    if (floats * team_.threads() * int64_t{sizeof(float)} > current_limits().memory_bytes) throw std::bad_alloc();
    for (int slot = 0; slot < team_.threads(); ++slot) {
      slots_.push_back(std::make_unique<Slot>(block_layer_, weight_, bias_));
    }
  }

  bool compute(const std::vector<int64_t>& numbers, int64_t step, bool with_statistics, const Done& done,
               const KeepGoing& keep_going) {
    std::mutex one_at_a_time;
    return team_.share(static_cast<int64_t>(numbers.size()), keep_going, [&](int64_t part, int slot) {
      const int64_t number = numbers[static_cast<std::size_t>(part)];
      Slot& own = *slots_[static_cast<std::size_t>(slot)];
      const bool has_margin = gather_input(number, own);
      const auto begin = std::chrono::steady_clock::now();
      own.prepared.run(own.input.data(), own.output.data(), alone_);
      const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
      const CellWindow cells = cells_of(number);
      if (has_margin && !finite_weights_) make_exact(cells, own.output);
      LargeMapStatistics statistics;
      if (with_statistics) {
        for (int64_t row = 0; row < cells.rows; ++row) {
          statistics.add(own.output.data() + row * cols_.cells, cells.cols);
        }
      }
      MeanMap means = means_of(own.output, cells, step);
      const std::lock_guard lock(one_at_a_time);
      done({.number = number,
            .cells = cells,
            .means = std::move(means),
            .statistics = with_statistics ? &statistics : nullptr,
            .values = own.output.data(),
            .value_cols = cols_.cells,
            .seconds = spent.count()});
    });
  }

  MeanMap coarse() const {
    // The mean of a block of outputs: every input cell leaves Σw in S·S of them.
    const auto& axes = layer_.axes;
    const double gain = 1 / static_cast<double>(axes[0].stride * axes[1].stride);
    const int64_t taps = axes[0].kernel * axes[1].kernel;
    MeanMap map{
        .rows = ceil_div(rows_.output, step_), .cols = ceil_div(cols_.output, step_), .step = step_, .values = {}};
    std::vector<double> channel_sum;
    for (int64_t c = 0; c < layer_.in_channels; ++c) {
      const float* const begin = weight_.data() + c * taps;
      channel_sum.push_back(std::accumulate(begin, begin + taps, 0.0) * gain);
    }
    const auto input_at = [](const AxisSpec& axis, int64_t output) {
      const double middle =
          static_cast<double>(output + axis.padding_begin) - static_cast<double>(axis.dilation * (axis.kernel - 1)) / 2;
      return std::clamp<int64_t>(std::llround(middle / static_cast<double>(axis.stride)), 0, axis.input - 1);
    };
    std::vector<int64_t> columns;
    for (int64_t col = 0; col < map.cols; ++col) columns.push_back(input_at(axes[1], col * step_ + step_ / 2));
    const float added = bias_.empty() ? 0 : bias_[0];
    map.values.assign(static_cast<std::size_t>(map.rows * map.cols), added);
    team_.share(map.rows, {}, [&](int64_t row, int /*slot*/) {
      const int64_t y = input_at(axes[0], row * step_ + step_ / 2);
      const int64_t below = std::min(y + 1, axes[0].input - 1);
      std::vector<float> line(static_cast<std::size_t>(axes[1].input));
      std::vector<float> next(line.size());
      for (int64_t c = 0; c < layer_.in_channels; ++c) {
        const auto gain_of_channel = static_cast<float>(channel_sum[static_cast<std::size_t>(c)] / 4);
        input_->row(c, y, 0, axes[1].input, line.data());
        input_->row(c, below, 0, axes[1].input, next.data());
        float* const to = map.values.data() + row * map.cols;
        for (std::size_t col = 0; col < columns.size(); ++col) {
          const auto x = static_cast<std::size_t>(columns[col]);
          const std::size_t right = std::min(x + 1, line.size() - 1);
          to[col] += gain_of_channel * (line[x] + line[right] + next[x] + next[right]);
        }
      }
    });
    return map;
  }

  float cell(int64_t row, int64_t col) const {
    double sum = bias_.empty() ? 0 : static_cast<double>(bias_[0]);
    const AxisSpec& y = layer_.axes[0];
    const AxisSpec& x = layer_.axes[1];
    for (int64_t c = 0; c < layer_.in_channels; ++c) {
      for (int64_t ky = 0; ky < y.kernel; ++ky) {
        const int64_t at_y = row + y.padding_begin - ky * y.dilation;
        if (at_y < 0 || at_y % y.stride != 0 || at_y / y.stride >= y.input) continue;
        for (int64_t kx = 0; kx < x.kernel; ++kx) {
          const int64_t at_x = col + x.padding_begin - kx * x.dilation;
          if (at_x < 0 || at_x % x.stride != 0 || at_x / x.stride >= x.input) continue;
          sum += static_cast<double>(input_->at(c, at_y / y.stride, at_x / x.stride)) *
                 static_cast<double>(weight_[(c * y.kernel + ky) * x.kernel + kx]);
        }
      }
    }
    return static_cast<float>(sum);
  }

  const BlockAxis& rows() const { return rows_; }
  const BlockAxis& cols() const { return cols_; }
  int64_t step() const { return step_; }
  const LayerSpec& layer() const { return layer_; }
  const std::shared_ptr<const LargeMapInput>& input() const { return input_; }
  const Tensor& weight() const { return weight_; }
  const Tensor& bias() const { return bias_; }
  int threads() const { return team_.threads(); }
  std::string way() const { return slots_.front()->prepared.explanation().front(); }
  int64_t memory_bytes() const {
    const auto of_slot = static_cast<int64_t>(slots_.front()->input.size() + slots_.front()->output.size());
    return input_->memory_bytes() + of_slot * team_.threads() * int64_t{sizeof(float)};
  }

 private:
  struct Slot {
    Slot(const LayerSpec& layer, const Tensor& weight, const Tensor& bias)
        : prepared(layer, weight, bias),
          input(static_cast<std::size_t>(input_shape(layer).elements())),
          output(static_cast<std::size_t>(output_shape(layer).elements())) {}
    PreparedLayer prepared;
    std::vector<float> input;
    std::vector<float> output;
  };

  CellWindow cells_of(int64_t number) const {
    const int64_t row = number / cols_.blocks() * rows_.cells;
    const int64_t col = number % cols_.blocks() * cols_.cells;
    return {row, col, std::min(rows_.cells, rows_.output - row), std::min(cols_.cells, cols_.output - col)};
  }

  /// Leaves what a block is made from in the slot's input; true where zeros stand for cells that there are not.
  bool gather_input(int64_t number, Slot& slot) const {
    const int64_t block_row = number / cols_.blocks();
    const int64_t block_col = number % cols_.blocks();
    const int64_t rows = rows_.layer.input;
    const int64_t cols = cols_.layer.input;
    const int64_t top = rows_.first_input + block_row * rows_.input_step;
    const int64_t left = cols_.first_input + block_col * cols_.input_step;
    // Columns of the block's input that exist.
    const int64_t begin = std::clamp<int64_t>(-left, 0, cols);
    const int64_t end = std::clamp<int64_t>(cols_.input - left, begin, cols);
    float* to = slot.input.data();
    for (int64_t c = 0; c < layer_.in_channels; ++c) {
      for (int64_t row = 0; row < rows; ++row, to += cols) {
        const int64_t y = top + row;
        if (y < 0 || y >= rows_.input) {
          std::fill_n(to, cols, 0.0F);
          continue;
        }
        std::fill_n(to, begin, 0.0F);
        input_->row(c, y, left + begin, end - begin, to + begin);
        std::fill(to + end, to + cols, 0.0F);
      }
    }
    return top < 0 || top + rows > rows_.input || begin > 0 || end < cols;
  }

  /// The definition has no products with those zeros, which an infinite weight turns into NaN.
  void make_exact(const CellWindow& cells, std::vector<float>& output) const {
    for (int64_t row = 0; row < cells.rows; ++row) {
      float* const values = output.data() + row * cols_.cells;
      for (int64_t col = 0; col < cells.cols; ++col) {
        if (!std::isfinite(values[col])) values[col] = cell(cells.row + row, cells.col + col);
      }
    }
  }

  MeanMap means_of(const std::vector<float>& values, const CellWindow& cells, int64_t step) const {
    MeanMap map{.rows = ceil_div(cells.rows, step), .cols = ceil_div(cells.cols, step), .step = step, .values = {}};
    map.values.resize(static_cast<std::size_t>(map.rows * map.cols));
    std::vector<double> sums(static_cast<std::size_t>(map.cols));
    for (int64_t row = 0; row < map.rows; ++row) {
      std::ranges::fill(sums, 0.0);
      const int64_t first = row * step;
      const int64_t last = std::min(cells.rows, first + step);
      for (int64_t y = first; y < last; ++y) {
        const float* const from = values.data() + y * cols_.cells;
        if (step == 1) {
          std::copy_n(from, map.cols, map.values.data() + row * map.cols);
          continue;
        }
        for (int64_t col = 0; col < map.cols; ++col) {
          const int64_t end = std::min(cells.cols, (col + 1) * step);
          float sum = 0;
          for (int64_t x = col * step; x < end; ++x) sum += from[x];
          sums[static_cast<std::size_t>(col)] += static_cast<double>(sum);
        }
      }
      for (int64_t col = 0; step > 1 && col < map.cols; ++col) {
        const int64_t count = (last - first) * (std::min(cells.cols, (col + 1) * step) - col * step);
        map.values[static_cast<std::size_t>(row * map.cols + col)] =
            static_cast<float>(sums[static_cast<std::size_t>(col)] / static_cast<double>(count));
      }
    }
    return map;
  }

  const LayerSpec layer_;
  const std::shared_ptr<const LargeMapInput> input_;
  const Tensor weight_;
  const Tensor bias_;
  const bool finite_weights_ = std::ranges::all_of(weight_.values(), [](float w) { return std::isfinite(w); });
  const Team team_;
  const Team alone_{1};
  int64_t step_ = 1;
  BlockAxis rows_;
  BlockAxis cols_;
  LayerSpec block_layer_;
  std::vector<std::unique_ptr<Slot>> slots_;  ///< of the team
};

LargeMapBlocks::LargeMapBlocks(const LargeMapKey& key, const LargeMapBlocks* before)
    : work_(std::make_unique<Work>(key, before == nullptr ? nullptr : before->work_.get())) {}
LargeMapBlocks::~LargeMapBlocks() = default;

int64_t LargeMapBlocks::rows() const { return work_->rows().output; }
int64_t LargeMapBlocks::cols() const { return work_->cols().output; }
int64_t LargeMapBlocks::block_rows() const { return work_->rows().cells; }
int64_t LargeMapBlocks::block_cols() const { return work_->cols().cells; }
int64_t LargeMapBlocks::grid_rows() const { return work_->rows().blocks(); }
int64_t LargeMapBlocks::grid_cols() const { return work_->cols().blocks(); }
int64_t LargeMapBlocks::overview_step() const { return work_->step(); }
bool LargeMapBlocks::compute(const std::vector<int64_t>& numbers, int64_t step, bool with_statistics, const Done& done,
                             const KeepGoing& keep_going) {
  return work_->compute(numbers, step, with_statistics, done, keep_going);
}
MeanMap LargeMapBlocks::coarse() const { return work_->coarse(); }
float LargeMapBlocks::cell(int64_t row, int64_t col) const { return work_->cell(row, col); }
int64_t LargeMapBlocks::products() const {
  const LayerSpec& layer = work_->layer();
  return input_shape(layer).elements() * layer.axes[0].kernel * layer.axes[1].kernel;
}
int64_t LargeMapBlocks::bytes_moved() const {
  const LayerSpec& layer = work_->layer();
  return (input_shape(layer).elements() + output_shape(layer).elements()) * int64_t{sizeof(float)};
}
double LargeMapBlocks::floor_seconds(const MachineLimits& limits) const {
  return floor_of(plan_of(work_->layer()), limits);
}
const LayerSpec& LargeMapBlocks::layer() const { return work_->layer(); }
const std::shared_ptr<const LargeMapInput>& LargeMapBlocks::input() const { return work_->input(); }
const Tensor& LargeMapBlocks::weight() const { return work_->weight(); }
const Tensor& LargeMapBlocks::bias() const { return work_->bias(); }
int64_t LargeMapBlocks::memory_bytes() const { return work_->memory_bytes(); }
int LargeMapBlocks::threads() const { return work_->threads(); }
std::string LargeMapBlocks::way() const { return work_->way(); }

}  // namespace tconv
