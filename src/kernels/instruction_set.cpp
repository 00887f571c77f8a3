// The one place that is compiled once for each instruction set only to say which one is used.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/instruction_set.cpp"
#include <hwy/foreach_target.h>
// What is included above is compiled once for each target.
#include <hwy/highway.h>

#include <string_view>

#include "kernels/engine.h"

HWY_BEFORE_NAMESPACE();
namespace tconv::HWY_NAMESPACE {
namespace {
int lanes() { return static_cast<int>(hwy::HWY_NAMESPACE::Lanes(hwy::HWY_NAMESPACE::ScalableTag<float>())); }
std::int64_t target() { return HWY_TARGET; }
}  // namespace
}  // namespace tconv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tconv {
namespace {
HWY_EXPORT(lanes);
HWY_EXPORT(target);
}  // namespace

int vector_lanes() { return HWY_DYNAMIC_DISPATCH(lanes)(); }
std::vector<std::int64_t> instruction_sets() { return hwy::SupportedAndGeneratedTargets(); }
std::string instruction_set() {
  const std::string_view name = hwy::TargetName(HWY_DYNAMIC_DISPATCH(target)());
  return name.starts_with("AVX3") ? "AVX-512" : std::string(name);  // with what later processors added, too
}

}  // namespace tconv
#endif
