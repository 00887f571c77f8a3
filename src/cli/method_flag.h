#pragma once
// `--method` of commands that a device can do, too: who computes, the CPU or it.

#include <functional>
#include <string>
#include <vector>

#include "cli/command.h"

namespace tconv {

class MethodFlag {
 public:
  /// Adds the flag, cpu unless it is given.
  void add(CLI::App& app, const std::vector<Device>& devices);
  /// Throws CliError for a name that is none: before files are read.
  void check() const;
  /// What `on_cpu` gives, or `on_device` of the device that was named. Throws CliError (could not) where that is not
  /// there or fails.
  Tensor compute(const std::function<Tensor()>& on_cpu, const std::function<Tensor(Backend&)>& on_device) const;
  bool is_cpu() const { return name_ == "cpu"; }

 private:
  std::string name_ = "cpu";
  std::vector<Device> devices_;
};

}  // namespace tconv
