#include "compute/limits.h"

#include <sys/resource.h>

#include <algorithm>
#include <fstream>

#include "files/byte_source.h"

namespace tconv {
namespace {

std::int64_t address_space_in_use() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t pages = 0;
  statm >> pages;
  return pages * 4096;
}

}  // namespace

Limits current_limits() {
  Limits limits;
  if (const auto free = free_memory_bytes()) {
    limits.memory_bytes = static_cast<std::int64_t>(std::min<std::uint64_t>(*free, INT64_MAX));
  }
  rlimit address_space{};
  if (getrlimit(RLIMIT_AS, &address_space) == 0 && address_space.rlim_cur != RLIM_INFINITY) {
    const auto left =
        static_cast<std::int64_t>(std::min<rlim_t>(address_space.rlim_cur, INT64_MAX)) - address_space_in_use();
    limits.memory_bytes = std::clamp<std::int64_t>(left, 0, limits.memory_bytes);
  }
  return limits;
}

}  // namespace tconv
