#pragma once
// The context that is current as something that computes: shaders, memory, and what goes wrong with them.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "gpu/gl_buffer.h"
#include "gpu/shader_library.h"

namespace tconv {

/// What the driver allows.
struct GlLimits {
  std::int64_t block_bytes = 0;    ///< of one storage buffer as a shader sees it
  std::int64_t uniform_bytes = 0;  ///< of one uniform block
  int shared_bytes = 0;            ///< of one work group
  int invocations = 0;             ///< of one work group
  std::array<int, 3> groups{};     ///< of one dispatch
  int texture_side = 0;            ///< pixels
  /// So many invocations keep all cores at work while some of them wait for memory. A guess: the driver does not tell.
  std::int64_t enough_invocations = 0;
};

struct GlDeviceOptions {
  /// Lower limits than the driver's; 0: the driver's. For tests.
  std::int64_t block_bytes = 0;
  std::int64_t memory_bytes = 0;  ///< of all buffers of this device together
  std::int64_t enough_invocations = 0;
  ShaderFiles shader_files{};  ///< other shaders than those embedded
};

/// For the thread on which its context is current, off screen or in a window. Every function may throw BackendError.
class GlDevice {
 public:
  explicit GlDevice(GlDeviceOptions options = {});
  GlDevice(const GlDevice&) = delete;
  GlDevice& operator=(const GlDevice&) = delete;

  const GlLimits& limits() const { return limits_; }
  bool software() const { return software_; }  ///< the processor computes what shaders say
  ShaderLibrary& shaders() { return shaders_; }

  /// Bytes that may still be asked for; empty when the driver does not say.
  std::optional<std::int64_t> free_bytes() const;
  std::int64_t bytes_in_use() const { return *in_use_; }

  /// Memory of at least 4 bytes, contents undefined or `data`. Refused before the driver is asked when it is more than
  /// is free.
  GlBuffer make_buffer(std::int64_t bytes, const void* data = nullptr);
  /// Into a part of a buffer, and out of it when all that was dispatched has been done. Copies: buffers that are mapped
  /// may be moved out of the GPU's own memory.
  void write(const GlBuffer& buffer, std::int64_t offset, std::int64_t bytes, const void* from);
  void read(const GlBuffer& buffer, std::int64_t offset, std::int64_t bytes, void* to);
  void clear(const GlBuffer& buffer);  ///< to zeros

  void bind_storage(int binding, const GlBuffer& buffer);
  void bind_uniforms(int binding, const GlBuffer& buffer);

  /// Runs a program on x × y × z groups; what it writes to buffers is seen by what is dispatched or read after it.
  void dispatch(const GlProgram& program, std::int64_t x, std::int64_t y, std::int64_t z);
  /// Waits until all is done.
  void finish();
  /// Throws when something went wrong since the last check: `doing` says at what, "computing".
  void check(const char* doing);

  /// Bytes per second that are read and written together while `bytes` are copied from one buffer to another, the best
  /// of some repetitions by the driver's own copy and by a shader: what bounds any layer.
  double copy_bandwidth(std::int64_t bytes);

 private:
  GlLimits limits_;
  std::int64_t most_memory_ = 0;
  bool software_ = false;
  bool tells_loss_ = false;
  bool lost_ = false;
  std::shared_ptr<std::atomic<std::int64_t>> in_use_ = std::make_shared<std::atomic<std::int64_t>>(0);
  ShaderLibrary shaders_;
};

}  // namespace tconv
