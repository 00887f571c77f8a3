#include "cli/command.h"

namespace tconv {

Command size_command();
Command apply_command();
Command coverage_command();
Command gradients_command();
Command shuffle_command();
Command resize_command();
Command stack_command();
Command describe_command();
Command render_command();
Command animate_command();
Command data_command();
Command code_command();

std::vector<Command> listed_commands() {
  return {size_command(),    coverage_command(), apply_command(), gradients_command(),
          shuffle_command(), resize_command(),   stack_command(), describe_command(),
          render_command(),  animate_command(),  data_command(),  code_command()};
}

}  // namespace tconv
