#include "compute/cpu_backend.h"
#include "peers/contender.h"

namespace tconv::bench {
namespace {

/// A layer and the backend that it must not outlive.
struct Prepared {
  std::unique_ptr<Backend> backend;
  std::unique_ptr<DeviceLayer> layer;
};

Contender contender(const Case& of, int threads, const std::string& engine, Arrays& arrays) {
  const auto prepared = std::make_shared<Prepared>();
  prepared->backend = cpu_backend(threads, engine);
  prepared->layer = prepared->backend->prepare(of.layer, of.weight, {});
  const auto output = arrays.get("plain", output_shape(of.layer).elements());
  return {.method = engine.empty() ? "fast" : "fast:" + engine,
          .how = prepared->layer->explanation().front(),
          .plain = true,
          .runtime = Runtime::tbb,
          .threads = threads,
          .run = [prepared, output, input = of.input.data()] { return prepared->layer->run(input, output->data()); },
          .fetch = [output](float* to) { std::ranges::copy(output->span(), to); }};
}

}  // namespace

std::vector<Contender> our_contenders(const Case& of, Direction direction, int threads,
                                      const std::vector<std::string>& engines, Arrays& arrays) {
  if (direction != Direction::forward) return {};
  std::vector<Contender> contenders;
  contenders.push_back(contender(of, threads, "", arrays));
  for (const std::string& engine : engines) {
    try {
      contenders.push_back(contender(of, threads, engine, arrays));
    } catch (const BackendError&) {
      // Another layer may be one that it can do.
    }
  }
  return contenders;
}

}  // namespace tconv::bench
