#include "cli/command.h"

namespace tconv {

Command size_command();
Command apply_command(const std::vector<Device>& devices);
Command coverage_command(const std::vector<Device>& devices);
Command gradients_command();
Command shuffle_command(const std::vector<Device>& devices);
Command resize_command(const std::vector<Device>& devices);
Command stack_command();
Command describe_command();
Command render_command();
Command animate_command();
Command data_command();
Command code_command();
Command bench_command(const std::vector<Device>& devices);

std::vector<Command> listed_commands(const std::vector<Device>& devices) {
  return {size_command(),           coverage_command(devices), apply_command(devices), gradients_command(),
          shuffle_command(devices), resize_command(devices),   stack_command(),        describe_command(),
          render_command(),         animate_command(),         data_command(),         code_command(),
          bench_command(devices)};
}

}  // namespace tconv
