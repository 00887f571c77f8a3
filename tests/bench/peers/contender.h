#pragma once
// What the benchmark against peers times: one layer's arrays, and whoever can compute with them.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "compute/layer_table.h"
#include "core/tensor.h"
#include "kernels/buffer.h"

namespace tconv::bench {

/// What is computed: the layer, or one of its gradients from g, the gradient of a loss by its output.
enum class Direction { forward, dx, dw };

/// A layer with arrays of numbers in −1 … 1 of a fixed seed, laid out as in PyTorch.
struct Case {
  explicit Case(NamedLayer named);

  std::string name;
  LayerSpec layer;
  Tensor weight;  ///< (C_in, C_out/G, y, x)
  FloatBuffer input;
  FloatBuffer grad_output;  ///< (N, C_out, y, x)

  Shape result_shape(Direction direction) const;
  /// 2·N·C_in·C_out/G·K²·H_in·W_in: also products that the padding crops. The same for all three directions.
  double operations() const;
};

/// Whose threads do the work. The idle ones of each spin for some milliseconds and would take the core of another's.
enum class Runtime { tbb, openmp, pthreadpool };

/// One way of computing one direction of a case with so many threads. Weights that do not change from call to call are
/// prepared beforehand.
struct Contender {
  std::string method;
  std::string how;     ///< which of its implementations it chose
  bool plain = false;  ///< takes and gives N, C, y, x arrays; else arrays in a layout of its own choice
  Runtime runtime = Runtime::tbb;
  int threads = 1;
  std::function<bool()> run;
  /// The last run's result as a plain array.
  std::function<void(float*)> fetch;
};

/// Arrays of a case that several contenders may share because they never run at the same time, by name and size.
class Arrays {
 public:
  std::shared_ptr<FloatBuffer> get(const std::string& name, std::int64_t floats);

 private:
  std::map<std::string, std::shared_ptr<FloatBuffer>> arrays_;
};

/// `fast`, and forward `fast:<id>` for each of `engines` that can do the layer.
std::vector<Contender> our_contenders(const Case& of, Direction direction, int threads,
                                      const std::vector<std::string>& engines, Arrays& arrays);
/// oneDNN in the layout that it likes best, in N, y, x, C, both also from and to plain arrays, and in plain ones
/// directly.
std::vector<Contender> onednn_contenders(const Case& of, Direction direction, int threads, Arrays& arrays);
/// XNNPACK: N, y, x, C; forward only.
std::vector<Contender> xnnpack_contenders(const Case& of, Direction direction, int threads, Arrays& arrays);

/// How wrong a result is beside sums in float64, over some of its cells that are drawn at random with a fixed seed.
struct Error {
  double rms = 0;      ///< of the differences, by the rms of the true values
  double largest = 0;  ///< of the differences, by the same
};
Error error_of(const Case& of, Direction direction, const float* result);

}  // namespace tconv::bench
