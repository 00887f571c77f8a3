#pragma once

#include <cstdint>
#include <memory>
#include <span>

namespace tconv {

/// At least so many floats, an odd number of cache lines: rows so far apart do not meet in the same few places of the
/// caches.
inline std::int64_t odd_cache_lines(std::int64_t floats) {
  constexpr std::int64_t line = 16;
  return ((floats + line - 1) / line | 1) * line;
}

/// Arrays of more are written past the caches.
inline constexpr std::int64_t cached_floats = 2 * 1024 * 1024;

/// Floats, 0 at first, aligned to a cache line and, when large, to a huge page, which the system is asked for: the
/// kernels walk through megabytes with large steps and would otherwise wait for address translations. Of vectors that
/// reach beyond the last channel every lane is multiplied, and what lies in memory that others have left is often
/// denormal, which takes a processor many times as long.
class FloatBuffer {
 public:
  FloatBuffer() = default;
  /// Throws std::bad_alloc.
  explicit FloatBuffer(std::int64_t size);

  float* data() { return floats_.get(); }
  const float* data() const { return floats_.get(); }
  std::int64_t size() const { return size_; }
  std::span<float> span() { return {floats_.get(), static_cast<std::size_t>(size_)}; }
  /// At least so many; what was in it is lost when it grows, and all is 0 again.
  void reserve(std::int64_t size) {
    if (size > size_) *this = FloatBuffer(size);
  }

 private:
  struct Free {
    void operator()(float* floats) const;
  };
  std::unique_ptr<float[], Free> floats_;
  std::int64_t size_ = 0;
};

}  // namespace tconv
