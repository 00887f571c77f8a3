#pragma once
// The text of a shader as a driver takes it, put together from files.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tconv {

/// A file by its name, "shaders/conv_general.comp"; empty if there is none.
using ShaderFiles = std::function<std::optional<std::string_view>(std::string_view)>;

/// What a shader is specialised by. Two programs of one file with equal constants are the same.
using ShaderConstants = std::map<std::string, std::int64_t>;

/// "KERNEL_X=3 STRIDE_X=2": for keys and messages.
std::string constants_text(const ShaderConstants& constants);

struct ShaderSource {
  std::string text;
  /// By line of `text`: "conv_general.comp:12"; empty for lines that no file holds.
  std::vector<std::string> origins;
};

/// Puts `shaders/<name>.comp` together:
///
///   #version …              stays the first line; the constants follow it as #defines
///   #include "x.glsl"       the file shaders/include/x.glsl, once each; included files may include
///   #unroll i COUNT         the lines up to #end COUNT times, each in braces with `const int i`; COUNT is a number or
///   a #end                    constant. Nests. Not every compiler unrolls, and only then do arrays lie in registers.
///
/// Throws BackendError with one line for a file that is not there and for a line that is none of these.
ShaderSource shader_source(std::string_view name, const ShaderConstants& constants, const ShaderFiles& files);

/// The first error of a compiler's log in one line, with the file and line that it means where the log says so.
std::string first_error(std::string_view log, const ShaderSource& source);

}  // namespace tconv
