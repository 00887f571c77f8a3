#pragma once
// What the planner chooses from: one file `<name>_engine.cpp` defines `Engine <name>_engine()`, and is found by its
// name.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/layer_plan.h"
#include "kernels/team.h"

namespace tconv {

/// One layer with its weights prepared. Not for two runs at a time: it holds their scratch.
class Kernel {
 public:
  virtual ~Kernel() = default;
  /// input: (N, C_in, z, y, x), output: (N, C_out, z, y, x), dense float32 of any alignment, not overlapping. Every
  /// element of the output is written, bias and all. False when `keep_going` said no.
  virtual bool run(const float* input, float* output, const Team& team, const KeepGoing& keep_going) = 0;
  /// Whether the last run met a NaN or an infinity and may have spread it to elements of the output that it does not
  /// reach, or numbers so large or small that it may have lost them: what it left is not to be used, see
  /// exact_specials.h. Never otherwise; engines may, but need not tell of weights that are not finite.
  virtual bool spread_specials() const { return false; }
  /// How it goes about this layer, for people: "4×4 tiles in 25 products, 6 tiles × 64 channels in registers".
  virtual std::string way() const = 0;
};

/// What an engine thinks of a layer.
struct Estimate {
  bool possible = false;
  /// Cycles of one core, only to be compared with those of other engines. A core is thought to do two vectors of
  /// multiply-adds a cycle, to read or write 32 bytes a cycle of its level 2 cache and 6 of memory. Its weights are
  /// thought to come from beyond that cache.
  double cycles = 0;
  /// For people. Possible: what it costs, "every phase has at most 2 taps an axis: 6.3 instead of 16 products an input
  /// cell, and the transforms". Not: what it is for, "only for maps of two axes".
  std::string why;
};

/// Cycles for reading or writing so many bytes once: from memory, or from the largest cache where they fit into it.
constexpr double memory_cycles(double bytes) { return bytes / (bytes > 24e6 ? 6 : 20); }

/// Cycles of two kinds of work that go on side by side, but hold each other up now and then (measured).
constexpr double side_by_side(double a, double b) { return (a > b ? a : b) + 0.25 * (a > b ? b : a); }

struct Engine {
  std::string_view id;
  Estimate (*estimate)(const LayerPlan&);
  /// weight: (C_in, C_out/G, z, y, x); bias: (C_out), or null. Both are only read during the call. Only for a plan that
  /// the estimate called possible.
  std::unique_ptr<Kernel> (*prepare)(const LayerPlan&, const float* weight, const float* bias);
};

std::vector<Engine> listed_engines();

/// Floats in a vector of the instructions that will be used, and what people call them: "AVX-512", "AVX2",
/// "SSE4".
int vector_lanes();
std::string instruction_set();
/// Those that the kernels were compiled for and this machine has, for hwy::SetSupportedTargetsForTest.
std::vector<std::int64_t> instruction_sets();

}  // namespace tconv
