#pragma once
// The compute shaders of the folder shaders/ as programs of the current context.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "gpu/shader_source.h"

namespace tconv {

/// A number as shaders take it, of those that are known to fit.
inline int small(std::int64_t value) { return static_cast<int>(value); }

/// A linked program. To be destroyed while its context is current, or one that shares with it.
class GlProgram {
 public:
  explicit GlProgram(unsigned name) : name_(name) {}
  ~GlProgram();
  GlProgram(const GlProgram&) = delete;
  GlProgram& operator=(const GlProgram&) = delete;

  unsigned name() const { return name_; }
  /// Uniforms by the location that the shader gives them.
  void set(int location, int value) const;
  void set(int location, int x, int y) const;
  void set(int location, int x, int y, int z) const;
  void set(int location, int x, int y, int z, int w) const;
  void set(int location, float value) const;
  void set(int location, float x, float y) const;

 private:
  unsigned name_;
};

class ShaderLibrary {
 public:
  /// `files`: what is embedded in the program, or for tests something else.
  explicit ShaderLibrary(ShaderFiles files = {});

  /// The file shaders/<name>.comp with these constants, compiled once and kept while it is among the last
  /// `most_programs`. Throws BackendError with one line when it does not compile or link.
  std::shared_ptr<const GlProgram> program(std::string_view name, const ShaderConstants& constants);

  std::size_t compiled() const { return compiled_; }  ///< how many programs were, so far
  static constexpr std::size_t most_programs = 256;

 private:
  struct Entry {
    std::shared_ptr<const GlProgram> program;
    std::size_t last_use = 0;
  };
  void drop_oldest();

  ShaderFiles files_;
  std::unordered_map<std::string, Entry> entries_;
  std::size_t compiled_ = 0;
  std::size_t uses_ = 0;
};

/// The names of all compute shaders, sorted: "conv_general", … by listing what is embedded.
std::vector<std::string> shader_names();

}  // namespace tconv
