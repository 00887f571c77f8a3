#pragma once
// What computes layers fast: the CPU's kernels, or a GPU's shaders. The plain ways (compute/method.h) are the truth
// that both are held against.

#include <functional>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "core/coverage.h"
#include "core/layer_spec.h"
#include "core/pixel_shuffle.h"
#include "core/resize.h"
#include "core/scatter_add.h"
#include "core/tensor.h"

namespace tconv {

/// A device is not there, does not have what it takes, or was lost: one line for people. What was asked for can still
/// be computed by another backend.
class BackendError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A layer with its weights prepared on a device, for many inputs. For one thread at a time.
class DeviceLayer {
 public:
  virtual ~DeviceLayer() = default;
  /// input: as many floats as input_shape(layer) has, dense; output: likewise, every element is written. False when
  /// `keep_going` said no. Throws BackendError.
  virtual bool run(const float* input, float* output, const KeepGoing& keep_going = {}) = 0;
  /// The last run once more, without moving data between the device and the computer's memory, and waits for its end:
  /// what benchmarks time. The arrays of the last run must still be there.
  virtual bool repeat(const KeepGoing& keep_going = {}) = 0;
  /// Which path was chosen, how and why: one line each.
  virtual std::vector<std::string> explanation() const = 0;
};

class Backend {
 public:
  virtual ~Backend() = default;
  virtual std::string_view id() const = 0;  ///< "cpu", "gpu": `tconv bench --device <id>`
  /// The layers that it prepares must not outlive the backend.
  virtual std::string description() const = 0;  ///< "AVX-512, 2 threads", "llvmpipe, OpenGL 4.5"
  /// Bytes that the device's memory reads and writes together in a second while it copies: what bounds any layer. Takes
  /// a while; 0 if it is not known. Throws BackendError.
  virtual double copy_bandwidth() { return 0; }
  /// A legal layer and arrays as in `scatter_add`. Throws BackendError.
  virtual std::unique_ptr<DeviceLayer> prepare(const LayerSpec& layer, const Tensor& weight, const Tensor& bias) = 0;
  // The core's functions of these names, which compute unless a device has a way of its own. Throw BackendError.
  virtual Tensor coverage_map(const LayerSpec& layer) { return tconv::coverage_map(layer); }
  virtual Tensor pixel_shuffle(const Tensor& input, std::int64_t factor, ChannelOrder order) {
    return tconv::pixel_shuffle(input, factor, order);
  }
  virtual Tensor pixel_unshuffle(const Tensor& input, std::int64_t factor, ChannelOrder order) {
    return tconv::pixel_unshuffle(input, factor, order);
  }
  virtual Tensor resize(const Tensor& input, std::span<const std::int64_t> output_size, ResizeMode mode,
                        bool align_corners) {
    return tconv::resize(input, output_size, mode, align_corners);
  }
};

/// A backend that a program offers; opening it may fail with BackendError.
struct Device {
  std::string_view id;
  std::function<std::unique_ptr<Backend>()> open;
};

}  // namespace tconv
