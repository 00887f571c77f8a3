#pragma once
// What the tests of shaders share.

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "gpu/gl_device.h"
#include "gpu/offscreen_context.h"
#include "support/random_layers.h"

namespace tconv::test {

/// A device on an off-screen context of its own, for a whole suite: programs stay compiled.
struct TestDevice {
  OffscreenContext context;
  GlDevice device;

  explicit TestDevice(GlDeviceOptions options = {}) : device(std::move(options)) {}
};

/// A fixture whose tests share one device.
class WithDevice : public testing::Test {
 protected:
  static void SetUpTestSuite() { shared_ = new TestDevice; }
  static void TearDownTestSuite() {
    delete shared_;
    shared_ = nullptr;
  }
  static GlDevice& device() { return shared_->device; }

 private:
  static inline TestDevice* shared_ = nullptr;
};

/// The root of the mean square of the differences, relative to that of `truth`; infinite where one of two numbers is
/// not finite and they are not the same.
inline double relative_error(std::span<const float> truth, std::span<const float> found) {
  double error = 0;
  double size = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (!std::isfinite(truth[i]) || !std::isfinite(found[i])) {
      const bool same = std::isnan(truth[i]) ? std::isnan(found[i]) : truth[i] == found[i];
      if (!same) return INFINITY;
      continue;
    }
    const double difference = static_cast<double>(truth[i]) - static_cast<double>(found[i]);
    error += difference * difference;
    size += static_cast<double>(truth[i]) * static_cast<double>(truth[i]);
  }
  return error == 0 ? 0 : std::sqrt(error / size);
}

/// An array with numbers around it that must stay.
class Guarded {
 public:
  explicit Guarded(std::int64_t size) : values_(static_cast<std::size_t>(size + 2 * margin), guard) {}

  float* data() { return values_.data() + margin; }
  std::span<const float> values() const { return std::span(values_).subspan(margin, values_.size() - 2 * margin); }
  bool intact() const {
    for (std::size_t i = 0; i < margin; ++i) {
      if (values_[i] != guard || values_[values_.size() - 1 - i] != guard) return false;
    }
    return true;
  }

 private:
  static constexpr std::size_t margin = 64;
  static constexpr float guard = -7.25e30F;
  std::vector<float> values_;
};

}  // namespace tconv::test
