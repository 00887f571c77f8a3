#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

namespace tconv {

inline constexpr std::int64_t float_bytes = sizeof(float);

/// Memory of a device. To be destroyed while its context is current, or one that shares with it.
class GlBuffer {
 public:
  GlBuffer() = default;
  /// See GlDevice::make_buffer. `in_use`: a sum of bytes that this one is part of while it lives.
  GlBuffer(unsigned name, std::int64_t bytes, std::shared_ptr<std::atomic<std::int64_t>> in_use)
      : name_(name), bytes_(bytes), in_use_(std::move(in_use)) {
    *in_use_ += bytes_;
  }
  ~GlBuffer() { free(); }
  GlBuffer(GlBuffer&& other) noexcept { *this = std::move(other); }
  GlBuffer& operator=(GlBuffer&& other) noexcept;

  unsigned name() const { return name_; }
  std::int64_t bytes() const { return bytes_; }

  /// Leaves the memory to the end of its context: where no context is current.
  void abandon();

 private:
  void free();

  unsigned name_ = 0;
  std::int64_t bytes_ = 0;
  std::shared_ptr<std::atomic<std::int64_t>> in_use_;
};

}  // namespace tconv
