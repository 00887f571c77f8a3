#include "compute/layer_bench.h"

#include <algorithm>
#include <chrono>
#include <random>

#include "compute/result_store.h"
#include "kernels/buffer.h"

namespace tconv {
namespace {

/// In steps of 2^-23: the standard library's distributions differ from compiler to compiler.
class Numbers {
 public:
  float operator()() { return static_cast<float>(static_cast<int>(bits_() >> 8)) * 0x1p-23F - 1.0F; }

 private:
  std::mt19937 bits_{7};
};

}  // namespace

struct LayerBench::Arrays {
  FloatBuffer input;
  FloatBuffer output;
};

LayerBench::LayerBench(const LayerSpec& layer)
    : layer_(layer),
      arrays_(new Arrays{FloatBuffer(input_shape(layer).elements()), FloatBuffer(output_shape(layer).elements())}) {
  layer_.bias = false;
  Numbers numbers;
  std::ranges::generate(arrays_->input.span(), [&] { return numbers(); });
  std::vector<float> weights(static_cast<std::size_t>(weight_shape(layer).elements()));
  std::ranges::generate(weights, [&] { return numbers(); });
  weight_ = Tensor(weight_shape(layer), std::move(weights));
}

LayerBench::~LayerBench() = default;

std::int64_t LayerBench::bytes_beside(const LayerSpec& layer) {
  // Legal maps have at most 2^31 elements.
  return (input_shape(layer).elements() + output_shape(layer).elements()) * static_cast<std::int64_t>(sizeof(float));
}

void LayerBench::add(Backend& backend, int threads) {
  const auto start = std::chrono::steady_clock::now();
  prepared_.push_back(backend.prepare(layer_, weight_, {}));
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
  DeviceLayer& prepared = *prepared_.back();
  ways_.push_back({.device = std::string(backend.id()),
                   .method = "fast",
                   .threads = threads,
                   .prepared = spent.count(),
                   .explanation = prepared.explanation(),
                   .timing = {}});
  // The first run brings the arrays to the device. Asking whether to go on is left to whoever takes the times: it would
  // be part of them.
  calls_.emplace_back([&prepared, this, there = false]() mutable {
    const bool done = there ? prepared.repeat() : prepared.run(arrays_->input.data(), arrays_->output.data());
    there = true;
    return done;
  });
}

void LayerBench::add(const Method& method) {
  if (plain_input_.empty()) {
    const auto numbers = arrays_->input.span();
    plain_input_ = Tensor(input_shape(layer_), {numbers.begin(), numbers.end()});
  }
  ways_.push_back(
      {.device = "cpu",
       .method = std::string(method.id),
       .explanation = {std::string(method.label) + ": " + std::string(method.what) + ", in float64 on one thread"},
       .timing = {}});
  calls_.emplace_back([&method, this] {
    return method.run(layer_, plain_input_, weight_, {}, keep_going_).has_value();  // one run may take minutes
  });
}

bool LayerBench::run(const TimingGoal& goal, const KeepGoing& keep_going) {
  keep_going_ = keep_going;
  if (!time_in_turn(calls_, goal, keep_going)) return false;
  for (std::size_t i = 0; i < calls_.size(); ++i) ways_[i].timing = calls_[i].timing();
  return true;
}

double LayerBench::operations() const { return 2 * static_cast<double>(multiplications(layer_)); }

}  // namespace tconv
