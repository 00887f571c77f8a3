#include "gpu/gl_backend.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <vector>

#include "gpu/conv_layer.h"
#include "gpu/gl_operations.h"
#include "gpu/offscreen_context.h"

namespace tconv {
namespace {

/// What a backend and its layers share.
class Session {
 public:
  explicit Session(GlDeviceOptions options) : device_(std::make_unique<GlDevice>(std::move(options))) {}
  ~Session() {
    if (context_.make_current()) return;
    // In use on another thread: what the device holds goes when its context does.
    static_cast<void>(device_.release());
    for (auto& layer : left_) static_cast<void>(layer.release());
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Before any use.
  GlDevice& device() {
    if (!context_.make_current()) throw BackendError("the GPU's context is in use on another thread");
    const std::lock_guard lock(mutex_);
    left_.clear();
    return *device_;
  }
  /// From any thread: one that does not have the context leaves it to the one that does.
  void destroy(std::unique_ptr<ConvLayer> layer) {
    if (context_.make_current()) return;
    const std::lock_guard lock(mutex_);
    left_.push_back(std::move(layer));
  }

 private:
  OffscreenContext context_;
  std::unique_ptr<GlDevice> device_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<ConvLayer>> left_;
};

std::shared_ptr<Session> open_session(GlDeviceOptions options) {
  try {
    return std::make_shared<Session>(std::move(options));
  } catch (const BackendError&) {
    throw;
  } catch (const std::runtime_error& error) {
    throw BackendError(error.what());
  }
}

class GlLayer : public DeviceLayer {
 public:
  GlLayer(std::shared_ptr<Session> session, std::unique_ptr<ConvLayer> layer)
      : session_(std::move(session)), layer_(std::move(layer)) {}
  ~GlLayer() override { session_->destroy(std::move(layer_)); }
  GlLayer(const GlLayer&) = delete;
  GlLayer& operator=(const GlLayer&) = delete;

  bool run(const float* input, float* output, const KeepGoing& keep_going) override {
    session_->device();
    layer_->upload(input);
    if (!layer_->compute(keep_going)) return false;
    layer_->download(output);
    return true;
  }
  bool repeat(const KeepGoing& keep_going) override {
    GlDevice& device = session_->device();
    const bool whole = layer_->compute(keep_going);
    device.finish();
    return whole;
  }
  std::vector<std::string> explanation() const override { return layer_->explanation(); }

 private:
  std::shared_ptr<Session> session_;
  std::unique_ptr<ConvLayer> layer_;
};

class GlBackend : public Backend {
 public:
  GlBackend(std::shared_ptr<Session> session, std::string path)
      : session_(std::move(session)), path_(std::move(path)), description_(gl_description()) {}

  std::string_view id() const override { return "gpu"; }
  std::string description() const override { return description_; }
  std::unique_ptr<DeviceLayer> prepare(const LayerSpec& layer, const Tensor& weight, const Tensor& bias) override {
    return std::make_unique<GlLayer>(session_,
                                     std::make_unique<ConvLayer>(session_->device(), layer, weight, bias, path_));
  }
  Tensor coverage_map(const LayerSpec& layer) override { return coverage_on(session_->device(), layer); }
  Tensor pixel_shuffle(const Tensor& input, std::int64_t factor, ChannelOrder order) override {
    return pixel_shuffle_on(session_->device(), input, factor, order);
  }
  Tensor pixel_unshuffle(const Tensor& input, std::int64_t factor, ChannelOrder order) override {
    return pixel_unshuffle_on(session_->device(), input, factor, order);
  }
  Tensor resize(const Tensor& input, std::span<const std::int64_t> output_size, ResizeMode mode,
                bool align_corners) override {
    return resize_on(session_->device(), input, output_size, mode, align_corners);
  }
  double copy_bandwidth() override {
    GlDevice& device = session_->device();
    constexpr std::int64_t bytes = 512 << 20;  // more than any cache
    const auto free = device.free_bytes();
    return device.copy_bandwidth(free ? std::min(bytes, *free / 4) : bytes);
  }

 private:
  std::shared_ptr<Session> session_;
  std::string path_;
  std::string description_;
};

/// Numbers −4 … 4 that look like none in particular: their sums are exact.
Tensor test_numbers(const Shape& shape, std::uint32_t seed) {
  std::vector<float> values(static_cast<std::size_t>(shape.elements()));
  for (float& value : values) {
    seed = seed * 1664525 + 1013904223;
    value = static_cast<float>(seed >> 24 & 7) - 4;
  }
  return Tensor(shape, std::move(values));
}

}  // namespace

void self_test(GlDevice& device) {
  LayerSpec layer;
  layer.axes[0] = {.input = 5, .kernel = 3, .stride = 2, .padding_begin = 1, .padding_end = 0, .output_padding = 1};
  layer.axes[1] = {.input = 4, .kernel = 4, .stride = 2, .padding_begin = 1, .padding_end = 1};
  layer.batch = 2;
  layer.in_channels = 2;
  layer.out_channels = 3;
  layer.bias = true;
  const Tensor input = test_numbers(input_shape(layer), 1);
  const Tensor weight = test_numbers(weight_shape(layer), 2);
  const Tensor bias = test_numbers({layer.out_channels}, 3);
  const Tensor truth = scatter_add(layer, input, weight, bias);
  std::vector<float> output(truth.values().size());
  for (const char* path : {"general", "direct", "tiled"}) {
    ConvLayer on_device(device, layer, weight, bias, path);
    output.assign(output.size(), std::nanf(""));
    on_device.upload(input.data());
    on_device.compute();
    on_device.download(output.data());
    for (std::size_t i = 0; i < output.size(); ++i) {
      if (output[i] != truth.values()[i]) {
        throw BackendError("the GPU computes wrongly (path " + std::string(path) + "): it is not used");
      }
    }
  }
}

std::unique_ptr<Backend> gl_backend() { return gl_backend(GlDeviceOptions{}); }

std::unique_ptr<Backend> gl_backend(GlDeviceOptions options, std::string path) {
  auto session = open_session(std::move(options));
  self_test(session->device());
  return std::make_unique<GlBackend>(std::move(session), std::move(path));
}

}  // namespace tconv
