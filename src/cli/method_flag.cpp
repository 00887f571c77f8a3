#include "cli/method_flag.h"

#include <algorithm>

#include "core/names.h"

namespace tconv {

namespace {

std::vector<std::string_view> cpu_and(const std::vector<Device>& devices) {
  std::vector<std::string_view> names{"cpu"};
  for (const Device& device : devices) names.push_back(device.id);
  return names;
}

}  // namespace

void MethodFlag::add(CLI::App& app, const std::vector<Device>& devices) {
  devices_ = devices;
  app.add_option("--method", name_, "what computes: " + listed(cpu_and(devices)) + "; default cpu")->type_name("ID");
}

void MethodFlag::check() const {
  const auto names = cpu_and(devices_);
  if (std::ranges::find(names, name_) != names.end()) return;
  throw usage_error("--method: there is no method " + tconv::quoted(name_) + "; known: " + listed(names));
}

Tensor MethodFlag::compute(const std::function<Tensor()>& on_cpu,
                           const std::function<Tensor(Backend&)>& on_device) const {
  if (is_cpu()) return on_cpu();
  try {
    return on_device(*std::ranges::find(devices_, name_, &Device::id)->open());
  } catch (const BackendError& error) {
    throw CliError(ExitCode::could_not,
                   {"--method " + name_ + ": " + error.what() + "; --method cpu computes on the CPU"});
  }
}

}  // namespace tconv
