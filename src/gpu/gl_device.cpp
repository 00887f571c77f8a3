#include "gpu/gl_device.h"

#include <epoxy/gl.h>

#include <algorithm>
#include <chrono>
#include <functional>

#include "compute/backend.h"
#include "compute/limits.h"
#include "core/integers.h"
#include "gpu/offscreen_context.h"

namespace tconv {
namespace {

GLint integer(GLenum name) {
  GLint value = 0;
  glGetIntegerv(name, &value);
  return value;
}

GlLimits driver_limits() {
  GlLimits limits;
  GLint64 block = 0;
  glGetInteger64v(GL_MAX_SHADER_STORAGE_BLOCK_SIZE, &block);
  // Places in a buffer are 32-bit numbers in the shaders.
  limits.block_bytes = std::min<std::int64_t>(block, INT32_MAX) / 16 * 16;
  limits.uniform_bytes = integer(GL_MAX_UNIFORM_BLOCK_SIZE);
  limits.shared_bytes = integer(GL_MAX_COMPUTE_SHARED_MEMORY_SIZE);
  limits.invocations = integer(GL_MAX_COMPUTE_WORK_GROUP_INVOCATIONS);
  limits.texture_side = integer(GL_MAX_TEXTURE_SIZE);
  for (GLuint axis = 0; axis < 3; ++axis) glGetIntegeri_v(GL_MAX_COMPUTE_WORK_GROUP_COUNT, axis, &limits.groups[axis]);
  return limits;
}

std::string in_mib(std::int64_t bytes) { return std::to_string(ceil_div(bytes, 1 << 20)) + " MiB"; }

const char* words_for(GLenum error) {
  switch (error) {
    case GL_OUT_OF_MEMORY:
      return "out of memory";
    case GL_INVALID_VALUE:
      return "invalid value";
    case GL_INVALID_OPERATION:
      return "invalid operation";
    case GL_INVALID_ENUM:
      return "invalid enumerant";
    default:
      return "an error";
  }
}

}  // namespace

void GlBuffer::free() {
  if (name_ == 0) return;
  glDeleteBuffers(1, &name_);
  abandon();
}

void GlBuffer::abandon() {
  if (name_ != 0) *in_use_ -= bytes_;
  name_ = 0;
}

GlBuffer& GlBuffer::operator=(GlBuffer&& other) noexcept {
  if (this == &other) return *this;
  free();
  name_ = std::exchange(other.name_, 0);
  bytes_ = std::exchange(other.bytes_, 0);
  in_use_ = std::move(other.in_use_);
  return *this;
}

GlDevice::GlDevice(GlDeviceOptions options)
    : most_memory_(options.memory_bytes), shaders_(std::move(options.shader_files)) {
  if (gl_version() < 43) throw BackendError(gl_name() + " has no compute shaders: they need 4.3");
  while (glGetError() != GL_NO_ERROR) {  // none of ours
  }
  limits_ = driver_limits();
  if (options.block_bytes > 0) limits_.block_bytes = std::min(limits_.block_bytes, options.block_bytes / 16 * 16);
  software_ = gl_in_software();
  limits_.enough_invocations = options.enough_invocations > 0 ? options.enough_invocations : software_ ? 256 : 1 << 17;
  tells_loss_ = gl_version() >= 45 || epoxy_has_gl_extension("GL_KHR_robustness");
}

std::optional<std::int64_t> GlDevice::free_bytes() const {
  std::optional<std::int64_t> free;
  if (software_) {
    free = current_limits().memory_bytes;
  } else if (epoxy_has_gl_extension("GL_NVX_gpu_memory_info")) {
    free = std::int64_t{integer(GL_GPU_MEMORY_INFO_CURRENT_AVAILABLE_VIDMEM_NVX)} * 1024;
  } else if (epoxy_has_gl_extension("GL_ATI_meminfo")) {
    std::array<GLint, 4> kib{};
    glGetIntegerv(GL_VBO_FREE_MEMORY_ATI, kib.data());
    free = std::int64_t{kib[0]} * 1024;
  }
  if (most_memory_ > 0) free = std::min(free.value_or(INT64_MAX), std::max<std::int64_t>(0, most_memory_ - *in_use_));
  return free;
}

GlBuffer GlDevice::make_buffer(std::int64_t bytes, const void* data) {
  bytes = std::max<std::int64_t>(4, bytes);
  // Asking how much is free takes longer than a small allocation.
  constexpr std::int64_t worth_asking = 16 << 20;
  if (bytes >= worth_asking || most_memory_ > 0) {
    const auto free = free_bytes();
    if (free && bytes > *free) {
      throw BackendError("the GPU has " + in_mib(*free) + " of memory left, and " + in_mib(bytes) + " are needed");
    }
  }
  check("before allocating");
  unsigned name = 0;
  glGenBuffers(1, &name);
  GlBuffer buffer(name, bytes, in_use_);
  glBindBuffer(GL_COPY_WRITE_BUFFER, name);
  glBufferData(GL_COPY_WRITE_BUFFER, static_cast<GLsizeiptr>(bytes), data, GL_DYNAMIC_COPY);
  const GLenum error = glGetError();
  if (error != GL_NO_ERROR) {
    throw BackendError("the GPU refused " + in_mib(bytes) + " of memory: " + words_for(error));
  }
  return buffer;
}

void GlDevice::write(const GlBuffer& buffer, std::int64_t offset, std::int64_t bytes, const void* from) {
  glBindBuffer(GL_COPY_WRITE_BUFFER, buffer.name());
  glBufferSubData(GL_COPY_WRITE_BUFFER, offset, bytes, from);
  check("writing to its memory");
}

void GlDevice::read(const GlBuffer& buffer, std::int64_t offset, std::int64_t bytes, void* to) {
  glMemoryBarrier(GL_BUFFER_UPDATE_BARRIER_BIT);
  glBindBuffer(GL_COPY_READ_BUFFER, buffer.name());
  glGetBufferSubData(GL_COPY_READ_BUFFER, offset, bytes, to);
  check("computing");
}

void GlDevice::clear(const GlBuffer& buffer) {
  glBindBuffer(GL_COPY_WRITE_BUFFER, buffer.name());
  glClearBufferData(GL_COPY_WRITE_BUFFER, GL_R32F, GL_RED, GL_FLOAT, nullptr);
}

void GlDevice::bind_storage(int binding, const GlBuffer& buffer) {
  if (buffer.bytes() > limits_.block_bytes) {
    throw BackendError("a shader sees at most " + in_mib(limits_.block_bytes) + " at once, not " +
                       in_mib(buffer.bytes()));
  }
  glBindBufferBase(GL_SHADER_STORAGE_BUFFER, static_cast<GLuint>(binding), buffer.name());
}

void GlDevice::bind_uniforms(int binding, const GlBuffer& buffer) {
  glBindBufferBase(GL_UNIFORM_BUFFER, static_cast<GLuint>(binding), buffer.name());
}

void GlDevice::dispatch(const GlProgram& program, std::int64_t x, std::int64_t y, std::int64_t z) {
  if (x > limits_.groups[0] || y > limits_.groups[1] || z > limits_.groups[2]) {
    throw BackendError("more work groups than the GPU takes at once");
  }
  glUseProgram(program.name());
  glDispatchCompute(static_cast<GLuint>(x), static_cast<GLuint>(y), static_cast<GLuint>(z));
  glMemoryBarrier(GL_SHADER_STORAGE_BARRIER_BIT);
}

void GlDevice::finish() {
  glFinish();
  check("computing");
}

void GlDevice::check(const char* doing) {
  if (!lost_ && tells_loss_) lost_ = glGetGraphicsResetStatus() != GL_NO_ERROR;
  if (lost_) throw BackendError("the GPU was reset while " + std::string(doing) + ", and what it held is lost");
  const GLenum first = glGetError();
  if (first == GL_NO_ERROR) return;
  for (int others = 0; others < 16 && glGetError() != GL_NO_ERROR; ++others) {
  }
  throw BackendError("the GPU failed at " + std::string(doing) + ": " + words_for(first));
}

double GlDevice::copy_bandwidth(std::int64_t bytes) {
  bytes = std::min(bytes, limits_.block_bytes) / 16 * 16;
  const GlBuffer from = make_buffer(bytes);
  const GlBuffer to = make_buffer(bytes);
  const float one = 1;
  glBindBuffer(GL_COPY_WRITE_BUFFER, from.name());
  glClearBufferData(GL_COPY_WRITE_BUFFER, GL_R32F, GL_RED, GL_FLOAT,
                    &one);  // memory that was never written may not be there
  constexpr int group = 256;
  const auto program = shaders_.program("copy", {{"LOCAL_X", group}});
  const std::int64_t count = bytes / 16;  // vectors of four floats
  const std::int64_t groups = ceil_div(count, group);
  const std::int64_t x = std::min<std::int64_t>(groups, limits_.groups[0]);
  program->set(0, static_cast<int>(count));
  const auto by_shader = [&] {
    bind_storage(0, from);
    bind_storage(1, to);
    dispatch(*program, x, ceil_div(groups, x), 1);
  };
  const auto by_driver = [&] {
    glBindBuffer(GL_COPY_READ_BUFFER, from.name());
    glBindBuffer(GL_COPY_WRITE_BUFFER, to.name());
    glCopyBufferSubData(GL_COPY_READ_BUFFER, GL_COPY_WRITE_BUFFER, 0, 0, bytes);
  };
  double best = 0;
  for (const std::function<void()>& copy : {std::function<void()>(by_shader), std::function<void()>(by_driver)}) {
    copy();
    finish();
    for (int repetition = 0; repetition < 10; ++repetition) {
      const auto start = std::chrono::steady_clock::now();
      copy();
      finish();
      const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
      best = std::max(best, 2 * static_cast<double>(bytes) / spent.count());
    }
  }
  return best;
}

}  // namespace tconv
