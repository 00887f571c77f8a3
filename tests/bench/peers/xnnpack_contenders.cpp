#include <pthreadpool.h>
#include <xnnpack.h>

#include <cmath>
#include <stdexcept>

#include "peers/contender.h"

namespace tconv::bench {
namespace {

using std::int64_t;

constexpr auto free_operator = [](xnn_operator_t op) { xnn_delete_operator(op); };
constexpr auto free_pool = [](pthreadpool_t pool) { pthreadpool_destroy(pool); };

/// Turns axes around: `to` in the order n, y, x, c from n, c, y, x, or back.
void turn(const float* from, float* to, const Shape& plain, bool back) {
  const int64_t channels = plain[1];
  const int64_t cells = plain[2] * plain[3];
  for (int64_t n = 0; n < plain[0]; ++n) {
    for (int64_t c = 0; c < channels; ++c) {
      for (int64_t cell = 0; cell < cells; ++cell) {
        const int64_t channels_inside = (n * cells + cell) * channels + c;
        const int64_t cells_inside = (n * channels + c) * cells + cell;
        if (back) {
          to[cells_inside] = from[channels_inside];
        } else {
          to[channels_inside] = from[cells_inside];
        }
      }
    }
  }
}

/// From (group, input, output, tap) to (group, output, tap, input).
std::vector<float> kernel_of(const Case& of) {
  const LayerSpec& layer = of.layer;
  const int64_t ins = layer.in_channels / layer.groups;
  const int64_t outs = layer.out_channels / layer.groups;
  const int64_t taps = layer.axes[0].kernel * layer.axes[1].kernel;
  std::vector<float> kernel(of.weight.values().size());
  for (int64_t g = 0; g < layer.groups; ++g) {
    for (int64_t out = 0; out < outs; ++out) {
      for (int64_t tap = 0; tap < taps; ++tap) {
        for (int64_t in = 0; in < ins; ++in) {
          kernel[static_cast<std::size_t>(((g * outs + out) * taps + tap) * ins + in)] =
              of.weight[((g * ins + in) * outs + out) * taps + tap];
        }
      }
    }
  }
  return kernel;
}

void require(xnn_status status, const char* what) {
  if (status != xnn_status_success) throw std::runtime_error(std::string(what) + ": status " + std::to_string(status));
}

Contender contender(const Case& of, int threads, Arrays& arrays) {
  require(xnn_initialize(nullptr), "xnn_initialize");
  const LayerSpec& layer = of.layer;
  const AxisSpec& rows = layer.axes[0];
  const AxisSpec& columns = layer.axes[1];
  const auto u32 = [](int64_t number) { return static_cast<std::uint32_t>(number); };
  const auto size = [](int64_t number) { return static_cast<std::size_t>(number); };
  const std::vector<float> kernel = kernel_of(of);
  xnn_operator_t made = nullptr;
  require(xnn_create_deconvolution2d_nhwc_f32(
              u32(rows.padding_begin), u32(columns.padding_end), u32(rows.padding_end), u32(columns.padding_begin),
              u32(rows.kernel), u32(columns.kernel), u32(rows.stride), u32(columns.stride), u32(rows.dilation),
              u32(columns.dilation), u32(layer.groups), size(layer.in_channels / layer.groups),
              size(layer.out_channels / layer.groups), size(layer.in_channels), size(layer.out_channels), kernel.data(),
              nullptr, -INFINITY, INFINITY, 0, &made),
          "xnn_create_deconvolution2d_nhwc_f32");
  const std::shared_ptr<xnn_operator> op(made, free_operator);
  const std::shared_ptr<struct pthreadpool> pool(pthreadpool_create(size(threads)), free_pool);
  const auto input = arrays.get("source xnnpack", input_shape(layer).elements());
  const auto output = arrays.get("result xnnpack", output_shape(layer).elements());
  turn(of.input.data(), input->data(), input_shape(layer), false);
  require(xnn_setup_deconvolution2d_nhwc_f32(op.get(), size(layer.batch), size(rows.input), size(columns.input),
                                             u32(rows.output_padding), u32(columns.output_padding), input->data(),
                                             output->data(), pool.get()),
          "xnn_setup_deconvolution2d_nhwc_f32");
  return {.method = "xnnpack_nhwc",
          .how = "xnnpack",
          .plain = layer.in_channels == 1 && layer.out_channels == 1,
          .runtime = Runtime::pthreadpool,
          .threads = threads,
          .run = [op, pool, input, output] { return xnn_run_operator(op.get(), pool.get()) == xnn_status_success; },
          .fetch = [output, shape = output_shape(layer)](float* to) { turn(output->data(), to, shape, true); }};
}

}  // namespace

std::vector<Contender> xnnpack_contenders(const Case& of, Direction direction, int threads, Arrays& arrays) {
  if (direction != Direction::forward) return {};
  try {
    return {contender(of, threads, arrays)};
  } catch (const std::runtime_error& error) {
    std::fprintf(stderr, "%s, xnnpack_nhwc: %s\n", of.name.c_str(), error.what());
    return {};
  }
}

}  // namespace tconv::bench
