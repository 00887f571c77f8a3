#include "kernels/machine_limits.h"

#include <hwy/cache_control.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <fstream>
#include <functional>
#include <vector>

#include "kernels/buffer.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/machine_limits.cpp"
#include <hwy/foreach_target.h>
// What is included above is compiled once for each target.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace tconv::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using std::int64_t;
using Floats = hn::ScalableTag<float>;

/// 12 chains of multiply-adds, as many as hide their latency on any core so far, in `rounds` links. Returns a sum of
/// all, so that none can be left out. Written out, since an array of vectors may end up in memory.
float chains(int64_t rounds) {
  const Floats d;
  const auto by = hn::Set(d, 0.999F);
  const auto a = hn::Set(d, 1e-3F);
  // Different beginnings: equal chains would be computed once.
  const auto begin = [&d](int chain) { return hn::Set(d, static_cast<float>(chain)); };
  auto s0 = begin(0), s1 = begin(1), s2 = begin(2), s3 = begin(3), s4 = begin(4), s5 = begin(5);
  auto s6 = begin(6), s7 = begin(7), s8 = begin(8), s9 = begin(9), s10 = begin(10), s11 = begin(11);
  for (int64_t i = 0; i < rounds; ++i) {
    s0 = hn::MulAdd(s0, by, a), s1 = hn::MulAdd(s1, by, a), s2 = hn::MulAdd(s2, by, a), s3 = hn::MulAdd(s3, by, a);
    s4 = hn::MulAdd(s4, by, a), s5 = hn::MulAdd(s5, by, a), s6 = hn::MulAdd(s6, by, a), s7 = hn::MulAdd(s7, by, a);
    s8 = hn::MulAdd(s8, by, a), s9 = hn::MulAdd(s9, by, a), s10 = hn::MulAdd(s10, by, a), s11 = hn::MulAdd(s11, by, a);
  }
  const auto low = hn::Add(hn::Add(hn::Add(s0, s1), hn::Add(s2, s3)), hn::Add(s4, s5));
  const auto high = hn::Add(hn::Add(hn::Add(s6, s7), hn::Add(s8, s9)), hn::Add(s10, s11));
  return hn::GetLane(hn::SumOfLanes(d, hn::Add(low, high)));
}

int64_t multiply_adds_a_round() { return 12 * static_cast<int64_t>(hn::Lanes(Floats())); }

// `count` is a multiple of 64 floats, and the arrays begin at whole cache lines.

float read_all_of(const float* from, int64_t count) {
  const Floats d;
  const auto step = static_cast<int64_t>(hn::Lanes(d));
  auto s0 = hn::Zero(d), s1 = s0, s2 = s0, s3 = s0;
  for (int64_t i = 0; i < count; i += 4 * step) {
    s0 = hn::Add(s0, hn::Load(d, from + i));
    s1 = hn::Add(s1, hn::Load(d, from + i + step));
    s2 = hn::Add(s2, hn::Load(d, from + i + 2 * step));
    s3 = hn::Add(s3, hn::Load(d, from + i + 3 * step));
  }
  return hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(s0, s1), hn::Add(s2, s3))));
}

void write_all_of(float* to, int64_t count) {
  const Floats d;
  const auto ones = hn::Set(d, 1.0F);
  for (int64_t i = 0; i < count; i += static_cast<int64_t>(hn::Lanes(d))) hn::Stream(ones, d, to + i);
  hwy::FlushStream();
}

void copy_all_of(const float* from, float* to, int64_t count) {
  const Floats d;
  for (int64_t i = 0; i < count; i += static_cast<int64_t>(hn::Lanes(d))) hn::Stream(hn::Load(d, from + i), d, to + i);
  hwy::FlushStream();
}

}  // namespace
}  // namespace tconv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace tconv {
namespace {

HWY_EXPORT(chains);
HWY_EXPORT(multiply_adds_a_round);
HWY_EXPORT(read_all_of);
HWY_EXPORT(write_all_of);
HWY_EXPORT(copy_all_of);

using Clock = std::chrono::steady_clock;

constexpr std::int64_t part_floats = 256 * 1024;  // one megabyte: large beside what sharing it costs
constexpr int least_tries = 5;

/// Something to measure: `once` does `amount` of it.
struct Measured {
  double MachineLimits::*limit;
  double amount;
  std::function<void()> once;
  double best = 0;
};

/// Of what the processor shares, as many kilobytes as this machine may use ("32768K"); sysconf tells of all of it.
double largest_cache() {
  std::ifstream size("/sys/devices/system/cpu/cpu0/cache/index3/size");
  double kilobytes = 0;
  return size >> kilobytes ? 1024 * kilobytes : 0;
}

}  // namespace

MachineLimits machine_limits(const Team& team, double seconds, int megabytes) {
  MachineLimits limits;
  limits.cache_bytes = largest_cache();
  const std::int64_t memory_parts = megabytes;
  FloatBuffer from(memory_parts * part_floats);
  FloatBuffer to(memory_parts * part_floats);
  std::ranges::fill(from.span(), 1.0F);
  std::ranges::fill(to.span(), 1.0F);
  std::atomic<float> sink = 0;  // what is computed must go somewhere
  const auto over_parts = [&](std::int64_t parts, const auto& work) {
    return [&, parts, work] { team.share(parts, {}, [&](std::int64_t part, int) { work(part); }); };
  };
  constexpr std::int64_t rounds = 1 << 20;
  const std::int64_t chain_parts = 8 * team.threads();
  // A quarter of that cache: it is shared, and there is more to it than one's own.
  const std::int64_t cached_parts = std::clamp<std::int64_t>(
      static_cast<std::int64_t>(limits.cache_bytes / (4.0 * 4 * part_floats)), 1, memory_parts);
  const double memory_bytes = 4.0 * static_cast<double>(memory_parts * part_floats);
  const auto read = [&](std::int64_t part) {
    sink = HWY_DYNAMIC_DISPATCH(read_all_of)(from.data() + part * part_floats, part_floats);
  };
  std::vector<Measured> all{
      {&MachineLimits::multiply_adds,
       static_cast<double>(rounds * chain_parts * HWY_DYNAMIC_DISPATCH(multiply_adds_a_round)()),
       over_parts(chain_parts, [&](std::int64_t) { sink = HWY_DYNAMIC_DISPATCH(chains)(rounds); })},
      {&MachineLimits::read, memory_bytes, over_parts(memory_parts, read)},
      {&MachineLimits::write, memory_bytes,
       over_parts(memory_parts,
                  [&](std::int64_t part) {
                    HWY_DYNAMIC_DISPATCH(write_all_of)(to.data() + part * part_floats, part_floats);
                  })},
      {&MachineLimits::copy, 2 * memory_bytes,
       over_parts(memory_parts,
                  [&](std::int64_t part) {
                    HWY_DYNAMIC_DISPATCH(copy_all_of)
                    (from.data() + part * part_floats, to.data() + part * part_floats, part_floats);
                  })},
      {&MachineLimits::cached, 8.0 * 4 * static_cast<double>(cached_parts * part_floats),
       over_parts(8 * cached_parts, [&, cached_parts](std::int64_t part) { read(part % cached_parts); })}};
  const auto begin = Clock::now();
  const auto spent = [&] { return std::chrono::duration<double>(Clock::now() - begin).count(); };
  for (int tries = 0; tries < least_tries || spent() < seconds; ++tries) {
    for (Measured& one : all) {
      const auto start = Clock::now();
      one.once();
      one.best = std::max(one.best, one.amount / std::chrono::duration<double>(Clock::now() - start).count());
    }
  }
  for (const Measured& one : all) limits.*one.limit = one.best;
  return limits;
}

MachineLimits best_of(const MachineLimits& a, const MachineLimits& b) {
  return {.multiply_adds = std::max(a.multiply_adds, b.multiply_adds),
          .read = std::max(a.read, b.read),
          .write = std::max(a.write, b.write),
          .copy = std::max(a.copy, b.copy),
          .cached = std::max(a.cached, b.cached),
          .cache_bytes = std::max(a.cache_bytes, b.cache_bytes)};
}

double floor_of(const LayerPlan& plan, const MachineLimits& limits) {
  const double in = 4.0 * static_cast<double>(plan.input_size() + plan.weight_size());
  const double out = 4.0 * static_cast<double>(plan.output_size());
  const double products = plan.products() / limits.multiply_adds;
  if (in + out <= 0.75 * limits.cache_bytes) return std::max(products, (in + out) / limits.cached);
  return std::max({products, in / limits.read, out / limits.write, (in + out) / limits.copy});
}

}  // namespace tconv
#endif
