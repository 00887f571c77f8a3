#include <algorithm>

#include "kernels/prepared_gradients.h"
#include "kernels/prepared_layer.h"
#include "peers/contender.h"

namespace tconv::bench {
namespace {

using Run = std::function<bool(float* output, const Team& team)>;

Contender contender(const Case& of, Direction direction, int threads, const std::string& method, const std::string& how,
                    Run run, Arrays& arrays) {
  const auto team = std::make_shared<Team>(threads);
  const auto output = arrays.get("plain", of.result_shape(direction).elements());
  return {.method = method,
          .how = how,
          .plain = true,
          .runtime = Runtime::tbb,
          .threads = threads,
          .run = [team, output, run = std::move(run)] { return run(output->data(), *team); },
          .fetch = [output](float* to) { std::ranges::copy(output->span(), to); }};
}

Contender forward(const Case& of, int threads, const std::string& engine, Arrays& arrays) {
  const auto layer = std::make_shared<PreparedLayer>(of.layer, of.weight, Tensor(), engine);
  const Run run = [layer, input = of.input.data()](float* output, const Team& team) {
    return layer->run(input, output, team);
  };
  return contender(of, Direction::forward, threads, engine.empty() ? "fast" : "fast:" + engine,
                   layer->explanation().front(), run, arrays);
}

Contender input_gradient(const Case& of, int threads, Arrays& arrays) {
  const auto gradient = std::make_shared<PreparedInputGradient>(of.layer, of.weight);
  const Run run = [gradient, from = of.grad_output.data()](float* output, const Team& team) {
    return gradient->run(from, output, team);
  };
  return contender(of, Direction::dx, threads, "fast", gradient->way(), run, arrays);
}

Contender weight_gradient(const Case& of, int threads, Arrays& arrays) {
  const auto gradient = std::make_shared<WeightGradient>(of.layer);
  const Run run = [gradient, input = of.input.data(), from = of.grad_output.data()](float* output, const Team& team) {
    return gradient->run(input, from, output, team);
  };
  return contender(of, Direction::dw, threads, "fast", "", run, arrays);
}

}  // namespace

std::vector<Contender> our_contenders(const Case& of, Direction direction, int threads,
                                      const std::vector<std::string>& engines, Arrays& arrays) {
  if (direction == Direction::dx) return {input_gradient(of, threads, arrays)};
  if (direction == Direction::dw) return {weight_gradient(of, threads, arrays)};
  std::vector<Contender> contenders;
  contenders.push_back(forward(of, threads, "", arrays));
  for (const std::string& engine : engines) {
    try {
      contenders.push_back(forward(of, threads, engine, arrays));
    } catch (const std::invalid_argument&) {
      // Another layer may be one that it can do.
    }
  }
  return contenders;
}

}  // namespace tconv::bench
