// Large maps by shaders, for the window.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <new>

#include "compute/large_map_input.h"
#include "compute/limits.h"
#include "core/integers.h"
#include "gpu/conv_layer.h"
#include "gpu/gl_backend.h"
#include "gpu/gl_context.h"
#include "gpu/gl_large_map.h"
#include "gpu/offscreen_context.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int64_t between_levels = 4;  // a picture reads at most 16 means a pixel

class GlLargeMaps : public LargeMapDevice {
 public:
  GlLargeMaps(std::unique_ptr<GlContext> context, GlDeviceOptions options)
      : context_(std::move(context)), options_(std::move(options)) {}

  void start() override {
    if (!context_->make_current()) throw BackendError("the GPU's context cannot be used beside the window");
    try {
      device_ = std::make_unique<GlDevice>(options_);
      self_test(*device_);
    } catch (const BackendError&) {
      device_ = nullptr;
      context_->release();
      throw;
    }
  }

  void stop() override {
    yard_->close();
    layer_ = nullptr;
    device_ = nullptr;
    context_->release();
  }

  void rest() override {
    yard_->clear();
    layer_ = nullptr;
    input_ = nullptr;
  }

  std::optional<MapOnDevice> compute(const LargeMapBlocks& blocks, const KeepGoing& keep_going) override try {
    yard_->clear();
    prepare(blocks);
    device_->finish();
    const auto begin = std::chrono::steady_clock::now();
    const bool whole = layer_->compute(keep_going);
    device_->finish();
    if (!whole) return std::nullopt;
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - begin;
    MapOnDevice made;
    made.seconds = spent.count();
    made.way = layer_->explanation().front();
    auto map = std::make_unique<GlLargeMap>();
    map->rows = blocks.rows();
    map->cols = blocks.cols();
    map->levels.push_back(cells());
    made.statistics = statistics_of(map->levels.front());
    while (map->levels.back().step < blocks.overview_step()) {
      const int64_t step = std::min(map->levels.back().step * between_levels, blocks.overview_step());
      map->levels.push_back(means_of(*map, step));
    }
    made.overview = overview_of(map->levels.back());
    made.memory_bytes = map->bytes() + blocks.input()->shape().elements() * float_bytes;
    made.map = GlMapYard::keep(yard_, std::move(map));
    return made;
  } catch (...) {
    layer_ = nullptr;  // what it holds may be what is missing
    throw;
  }

  std::vector<float> read(const DeviceMap& map, int64_t first_row, int64_t rows) override {
    const auto& mine = dynamic_cast<const GlLargeMap&>(map);
    std::vector<float> values(static_cast<std::size_t>(rows * mine.cols));
    std::vector<float> lines;
    for (const GlLargeMap::Piece& piece : mine.levels.front().pieces) {
      const int64_t first = std::max(first_row, piece.first_row);
      const int64_t count = std::min(first_row + rows, piece.first_row + piece.rows) - first;
      if (count <= 0) continue;
      lines.resize(static_cast<std::size_t>(count * piece.cols));
      device_->read(piece.buffer, (first - piece.first_row) * piece.cols * float_bytes,
                    count * piece.cols * float_bytes, lines.data());
      for (int64_t row = 0; row < count; ++row) {
        std::copy_n(lines.data() + row * piece.cols, piece.cols,
                    values.data() + (first - first_row + row) * mine.cols + piece.first_col);
      }
    }
    return values;
  }

  double copy_bandwidth() override {
    return device_->copy_bandwidth(device_->software() ? int64_t{64} << 20 : int64_t{256} << 20);
  }

 private:
  /// A layer on the device that has the map's weights, its input and room for its output. What is there already of the
  /// layer before stays: then a slider that changes weights costs no upload.
  void prepare(const LargeMapBlocks& blocks) {
    const auto& input = blocks.input();
    bool has_input = input == input_ && layer_ != nullptr;
    if (!has_input) layer_ = nullptr;  // its memory may be what the next one takes
    if (layer_ == nullptr || spec_ != blocks.layer() || !layer_->set_weights(blocks.weight(), blocks.bias())) {
      auto layer =
          std::make_unique<ConvLayer>(*device_, blocks.layer(), blocks.weight(), blocks.bias(), "", layer_.get());
      has_input = has_input && layer->has_inputs();
      layer_ = std::move(layer);
    }
    spec_ = blocks.layer();
    if (!has_input) {
      input_ = nullptr;
      if (input->shape().elements() * float_bytes > current_limits().memory_bytes) throw std::bad_alloc();
      layer_->upload(input->whole().data());
    }
    input_ = input;
    layer_->make_outputs();
  }

  GlLargeMap::Level cells() {
    GlLargeMap::Level level;
    const auto& pieces = layer_->pieces().pieces;
    auto outputs = layer_->take_outputs();
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      const auto& [x, y, z] = pieces[i].output;
      level.pieces.push_back({std::move(outputs[i]), y.first, x.first, y.count, x.count});
    }
    return level;
  }

  /// From the level before, whose step divides `step`.
  GlLargeMap::Level means_of(const GlLargeMap& map, int64_t step) {
    const GlLargeMap::Level& from = map.levels.back();
    const auto spans = [&](int64_t cells) {
      const int64_t means = ceil_div(cells, step);
      const auto each = static_cast<double>(step / from.step);
      return cell_spans(0, static_cast<double>(means) * each, static_cast<int>(means),
                        static_cast<double>(cells) / static_cast<double>(from.step));
    };
    const auto columns = spans(map.cols);
    const auto rows = spans(map.rows);
    GlLargeMap::Level level{.step = step, .pieces = {}};
    level.pieces.push_back({map_means_on(*device_, GlLargeMap::parts(from), columns, rows), 0, 0,
                            static_cast<int64_t>(rows.size()), static_cast<int64_t>(columns.size())});
    return level;
  }

  LargeMapStatistics statistics_of(const GlLargeMap::Level& level) {
    GlValueRange whole;
    for (const GlLargeMap::Piece& piece : level.pieces) {
      const GlValueRange range = value_range_on(*device_, piece.buffer, 0, piece.rows * piece.cols);
      whole.nan += range.nan;
      whole.plus_infinity += range.plus_infinity;
      whole.minus_infinity += range.minus_infinity;
      if (!range.any_finite) continue;
      whole.low = whole.any_finite ? std::min(whole.low, range.low) : range.low;
      whole.high = whole.any_finite ? std::max(whole.high, range.high) : range.high;
      whole.any_finite = true;
    }
    std::vector<int64_t> bins;
    for (const GlLargeMap::Piece& piece : level.pieces) {
      value_bins_on(*device_, piece.buffer, piece.rows * piece.cols, whole.low, whole.high, bins);
    }
    return {whole.low, whole.high, std::move(bins), whole.nan, whole.plus_infinity, whole.minus_infinity};
  }

  MeanMap overview_of(const GlLargeMap::Level& level) {
    MeanMap overview{.step = level.step, .values = {}};
    for (const GlLargeMap::Piece& piece : level.pieces) {
      overview.rows = std::max(overview.rows, piece.first_row + piece.rows);
      overview.cols = std::max(overview.cols, piece.first_col + piece.cols);
    }
    overview.values.resize(static_cast<std::size_t>(overview.rows * overview.cols));
    std::vector<float> values;
    for (const GlLargeMap::Piece& piece : level.pieces) {
      values.resize(static_cast<std::size_t>(piece.rows * piece.cols));
      device_->read(piece.buffer, 0, piece.rows * piece.cols * float_bytes, values.data());
      for (int64_t row = 0; row < piece.rows; ++row) {
        std::copy_n(values.data() + row * piece.cols, piece.cols,
                    overview.values.data() + (piece.first_row + row) * overview.cols + piece.first_col);
      }
    }
    return overview;
  }

  const std::unique_ptr<GlContext> context_;
  const GlDeviceOptions options_;
  const std::shared_ptr<GlMapYard> yard_ = std::make_shared<GlMapYard>();
  std::unique_ptr<GlDevice> device_;            ///< from start to stop
  std::unique_ptr<ConvLayer> layer_;            ///< of the map that was computed last
  LayerSpec spec_;                              ///< of layer_
  std::shared_ptr<const LargeMapInput> input_;  ///< that layer_ has
};

}  // namespace

std::unique_ptr<LargeMapDevice> gl_large_maps(std::unique_ptr<GlContext> context, GlDeviceOptions options) {
  return std::make_unique<GlLargeMaps>(std::move(context), std::move(options));
}

LargeMapDeviceSource large_map_device(std::function<std::unique_ptr<GlContext>()> open) {
  if (gl_version() < 43) return {};
  return {.usual = !gl_in_software(), .open = [open = std::move(open)]() -> std::unique_ptr<LargeMapDevice> {
            try {
              return gl_large_maps(open());
            } catch (const BackendError&) {
              throw;
            } catch (const std::runtime_error& error) {
              throw BackendError(error.what());
            }
          }};
}

}  // namespace tconv
