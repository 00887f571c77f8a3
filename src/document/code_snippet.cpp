#include "document/code_snippet.h"

#include <algorithm>
#include <array>

namespace tconv {

std::string pytorch_snippet(const Scenario& scenario);
std::string keras_snippet(const Scenario& scenario);
std::string jax_snippet(const Scenario& scenario);
std::string onnx_snippet(const Scenario& scenario);

std::span<const Framework> frameworks() {
  static constexpr std::array list{
      Framework{"pytorch", "PyTorch", pytorch_snippet},
      Framework{"keras", "Keras", keras_snippet},
      Framework{"jax", "JAX", jax_snippet},
      Framework{"onnx", "ONNX", onnx_snippet},
  };
  return list;
}

const Framework* find_framework(std::string_view id) {
  const auto found = std::ranges::find(frameworks(), id, &Framework::id);
  return found == frameworks().end() ? nullptr : &*found;
}

}  // namespace tconv
