#include "kernels/buffer.h"

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>
#include <new>

namespace tconv {

namespace {
constexpr std::size_t cache_line = 64;
constexpr std::size_t huge_page = std::size_t{2} << 20;
}  // namespace

FloatBuffer::FloatBuffer(std::int64_t size) : size_(size) {
  const std::size_t bytes = static_cast<std::size_t>(size) * sizeof(float);
  const std::size_t alignment = bytes >= huge_page ? huge_page : cache_line;
  const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
  void* memory = std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
  if (memory == nullptr) throw std::bad_alloc();
  if (alignment == huge_page) madvise(memory, rounded, MADV_HUGEPAGE);  // a wish: small pages do as well
  std::memset(memory, 0, rounded);
  floats_.reset(static_cast<float*>(memory));
}

void FloatBuffer::Free::operator()(float* floats) const { std::free(floats); }

}  // namespace tconv
