#pragma once

#include <algorithm>
#include <cstdint>

namespace tconv {

/// Into how many shares `parts` equal pieces of work that take `cycles` together are worth being cut: waking another
/// thread costs some thousand cycles, and a few shares for each thread even out what they are held up by.
inline std::int64_t shares_of(double cycles, std::int64_t parts, int threads) {
  constexpr double least = 25'000;  // cycles of a share that is worth a thread
  const double worth = std::min<double>(cycles / least, 4.0 * threads);
  std::int64_t shares = std::max<std::int64_t>(1, static_cast<std::int64_t>(worth));
  if (shares > threads) shares -= shares % threads;
  return std::min(parts, shares);
}

/// The parts of one share: [first, last).
struct PartRange {
  std::int64_t first;
  std::int64_t last;
};
inline PartRange parts_of(std::int64_t share, std::int64_t shares, std::int64_t parts) {
  return {parts * share / shares, parts * (share + 1) / shares};
}

}  // namespace tconv
