#pragma once
// Devices that a test has and a machine may lack.

#include <algorithm>

#include "compute/backend.h"
#include "core/coverage.h"
#include "core/scatter_add.h"

namespace tconv::test {

/// Computes by painting.
class FakeLayer : public DeviceLayer {
 public:
  FakeLayer(const LayerSpec& layer, const Tensor& weight, const Tensor& bias)
      : layer_(layer), weight_(weight), bias_(bias) {}

  bool run(const float* input, float* output, const KeepGoing&) override {
    const Shape shape = input_shape(layer_);
    const Tensor result = scatter_add(layer_, Tensor(shape, {input, input + shape.elements()}), weight_, bias_);
    std::ranges::copy(result.values(), output);
    there_ = true;
    return true;
  }
  /// A benchmark that repeats what never ran is wrong.
  bool repeat(const KeepGoing&) override { return there_; }
  std::vector<std::string> explanation() const override { return {"painted by hand", "there is no other way"}; }

 private:
  LayerSpec layer_;
  Tensor weight_;
  Tensor bias_;
  bool there_ = false;
};

class FakeBackend : public Backend {
 public:
  FakeBackend(std::string_view id, std::string trouble) : id_(id), trouble_(std::move(trouble)) {}

  std::string_view id() const override { return id_; }
  std::string description() const override { return "a fake"; }
  std::unique_ptr<DeviceLayer> prepare(const LayerSpec& layer, const Tensor& weight, const Tensor& bias) override {
    if (!trouble_.empty() && layer.in_channels == 1) throw BackendError(trouble_);
    return std::make_unique<FakeLayer>(layer, weight, bias);
  }
  // Negative, so that one sees who computed.
  Tensor coverage_map(const LayerSpec& layer) override { return turned(tconv::coverage_map(layer)); }
  Tensor pixel_shuffle(const Tensor& input, std::int64_t factor, ChannelOrder order) override {
    return turned(tconv::pixel_shuffle(input, factor, order));
  }
  Tensor pixel_unshuffle(const Tensor& input, std::int64_t factor, ChannelOrder order) override {
    return turned(tconv::pixel_unshuffle(input, factor, order));
  }
  Tensor resize(const Tensor& input, std::span<const std::int64_t> output_size, ResizeMode mode,
                bool align_corners) override {
    return turned(tconv::resize(input, output_size, mode, align_corners));
  }

 private:
  static Tensor turned(const Tensor& tensor) {
    std::vector<float> values(tensor.values().begin(), tensor.values().end());
    for (float& value : values) value = -value;
    return Tensor(tensor.shape(), std::move(values));
  }

  std::string_view id_;
  std::string trouble_;
};

/// With `trouble`, it refuses layers of one channel with these words.
inline Device fake_device(std::string_view id, const std::string& trouble = {}) {
  return {id, [=]() -> std::unique_ptr<Backend> { return std::make_unique<FakeBackend>(id, trouble); }};
}

/// Cannot even be opened.
inline Device closed_device(std::string_view id, const std::string& trouble) {
  return {id, [=]() -> std::unique_ptr<Backend> { throw BackendError(trouble); }};
}

}  // namespace tconv::test
