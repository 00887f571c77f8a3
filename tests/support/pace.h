#pragma once

namespace tconv::test {

/// Under the sanitizers a picture takes ten times as long: tests take every n-th of a long list only. Without them
/// all.
#ifdef __SANITIZE_ADDRESS__
inline constexpr int every_nth = 5;
#else
inline constexpr int every_nth = 1;
#endif

}  // namespace tconv::test
