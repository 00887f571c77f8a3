#include "gpu/shader_library.h"

#include <epoxy/gl.h>

#include <algorithm>

#include "compute/backend.h"
#include "files/embedded.h"

namespace tconv {
namespace {

constexpr std::string_view folder = "shaders/";
constexpr std::string_view suffix = ".comp";

std::string log_of(GLuint name, decltype(glGetProgramiv) get, decltype(glGetProgramInfoLog) read) {
  GLint length = 0;
  get(name, GL_INFO_LOG_LENGTH, &length);
  std::string log(static_cast<std::size_t>(std::max(length, 1)), '\0');
  read(name, static_cast<GLsizei>(log.size()), nullptr, log.data());
  return log.c_str();
}

GLuint compiled_shader(std::string_view name, const ShaderSource& source) {
  const GLuint shader = glCreateShader(GL_COMPUTE_SHADER);
  if (shader == 0) throw BackendError("no compute shaders here");
  const char* text = source.text.data();
  const auto length = static_cast<GLint>(source.text.size());
  glShaderSource(shader, 1, &text, &length);
  glCompileShader(shader);
  GLint ok = GL_FALSE;
  glGetShaderiv(shader, GL_COMPILE_STATUS, &ok);
  if (ok == GL_TRUE) return shader;
  const std::string log = log_of(shader, glGetShaderiv, glGetShaderInfoLog);
  glDeleteShader(shader);
  throw BackendError("the shader " + std::string(name) + " does not compile: " + first_error(log, source));
}

}  // namespace

GlProgram::~GlProgram() { glDeleteProgram(name_); }
void GlProgram::set(int location, int value) const { glProgramUniform1i(name_, location, value); }
void GlProgram::set(int location, int x, int y) const { glProgramUniform2i(name_, location, x, y); }
void GlProgram::set(int location, int x, int y, int z) const { glProgramUniform3i(name_, location, x, y, z); }
void GlProgram::set(int location, int x, int y, int z, int w) const { glProgramUniform4i(name_, location, x, y, z, w); }
void GlProgram::set(int location, float value) const { glProgramUniform1f(name_, location, value); }
void GlProgram::set(int location, float x, float y) const { glProgramUniform2f(name_, location, x, y); }

ShaderLibrary::ShaderLibrary(ShaderFiles files) : files_(files ? std::move(files) : embedded_file) {}

std::shared_ptr<const GlProgram> ShaderLibrary::program(std::string_view name, const ShaderConstants& constants) {
  const std::string key = std::string(name) + " " + constants_text(constants);
  if (const auto known = entries_.find(key); known != entries_.end()) {
    known->second.last_use = ++uses_;
    return known->second.program;
  }
  const ShaderSource source = shader_source(name, constants, files_);
  const GLuint shader = compiled_shader(name, source);
  auto program = std::make_shared<const GlProgram>(glCreateProgram());
  glAttachShader(program->name(), shader);
  glLinkProgram(program->name());
  glDetachShader(program->name(), shader);
  glDeleteShader(shader);
  GLint ok = GL_FALSE;
  glGetProgramiv(program->name(), GL_LINK_STATUS, &ok);
  if (ok != GL_TRUE) {
    const std::string log = log_of(program->name(), glGetProgramiv, glGetProgramInfoLog);
    throw BackendError("the shader " + std::string(name) + " does not link: " + first_error(log, source));
  }
  entries_[key] = {program, ++uses_};
  ++compiled_;
  if (entries_.size() > most_programs) drop_oldest();
  return program;
}

void ShaderLibrary::drop_oldest() {
  const auto oldest = std::ranges::min_element(entries_, {}, [](const auto& keyed) { return keyed.second.last_use; });
  entries_.erase(oldest);
}

std::vector<std::string> shader_names() {
  std::vector<std::string> names;
  for (const std::string_view file : embedded_names(folder)) {
    const std::string_view name = file.substr(folder.size());
    if (name.ends_with(suffix) && name.find('/') == std::string_view::npos) {
      names.emplace_back(name.substr(0, name.size() - suffix.size()));
    }
  }
  return names;
}

}  // namespace tconv
