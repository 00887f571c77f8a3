#include "compute/cpu_backend.h"

#include "kernels/prepared_layer.h"

namespace tconv {
namespace {

class CpuLayer : public DeviceLayer {
 public:
  CpuLayer(PreparedLayer layer, const Team& team) : layer_(std::move(layer)), team_(team) {}

  bool run(const float* input, float* output, const KeepGoing& keep_going) override {
    input_ = input;
    output_ = output;
    return repeat(keep_going);
  }
  bool repeat(const KeepGoing& keep_going) override { return layer_.run(input_, output_, team_, keep_going); }
  std::vector<std::string> explanation() const override { return layer_.explanation(); }

 private:
  PreparedLayer layer_;
  const Team& team_;  // the backend's
  const float* input_ = nullptr;
  float* output_ = nullptr;
};

class CpuBackend : public Backend {
 public:
  CpuBackend(int threads, std::string engine) : team_(threads), engine_(std::move(engine)) {}

  std::string_view id() const override { return "cpu"; }
  std::string description() const override {
    return instruction_set() + ", " + std::to_string(team_.threads()) + (team_.threads() == 1 ? " thread" : " threads");
  }
  std::unique_ptr<DeviceLayer> prepare(const LayerSpec& layer, const Tensor& weight, const Tensor& bias) override {
    try {
      return std::make_unique<CpuLayer>(PreparedLayer(layer, weight, bias, engine_), team_);
    } catch (const std::invalid_argument& error) {
      throw BackendError(error.what());
    }
  }

 private:
  Team team_;
  std::string engine_;
};

}  // namespace

std::unique_ptr<Backend> cpu_backend(int threads, std::string engine) {
  return std::make_unique<CpuBackend>(threads, std::move(engine));
}

int cpu_threads() { return Team().threads(); }

std::vector<std::string_view> cpu_engines() {
  std::vector<std::string_view> ids;
  for (const Engine& engine : listed_engines()) ids.push_back(engine.id);
  return ids;
}

}  // namespace tconv
