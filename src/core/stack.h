#pragma once
// Layers one after the other, as in a decoder: sizes, cost, and how the unevenness of their stamps adds up.
//
// The counts are those of geometry alone: how many paths lead from the cells of the stack's input to a cell, channels
// left out. They are what the layers make of ones with kernels of ones, so they multiply over the axes.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/layer_spec.h"

namespace tconv {

enum class StackKind {
  transposed,   ///< a transposed convolution: every number of the LayerSpec counts
  convolution,  ///< a forward convolution of stride 1: kernel, padding (which adds cells), dilation, channels
  nearest,      ///< repeats every cell `stride` times along each axis
  shuffle       ///< pixel shuffle by `stride`: the channels become cells
};

/// "transposed", "convolution", "nearest", "shuffle": as in files.
std::string_view kind_name(StackKind kind);

struct StackLayer {
  std::string name;  ///< "up1"; may be empty
  StackKind kind = StackKind::transposed;
  LayerSpec spec;           ///< its axes' `input` counts in the first layer only: later ones get what comes before
  std::int64_t joined = 0;  ///< channels that a skip connection concatenates to what comes in, >= 0

  bool operator==(const StackLayer&) const = default;
};

/// In the order in which data flows.
using Stack = std::vector<StackLayer>;

inline constexpr std::int64_t longest_stack = 64;  ///< layers

/// One axis after one layer.
struct StackAxis {
  std::int64_t input = 0;   ///< cells that come into the layer
  std::int64_t output = 0;  ///< cells that leave it
  std::int64_t scale = 1;   ///< ∏ S up to here: output cells to an input cell of the stack; saturates
  /// The cells that input cell i of the stack can reach lie in [i·scale + first, i·scale + first + reach).
  std::int64_t first = 0;
  std::int64_t reach = 1;
  /// How far the middle of that footprint lies from the middle of the cells [i·scale, (i+1)·scale), in output cells:
  /// −P + D(K−1)/2 − (S−1)/2 of a transposed convolution, P − D(K−1)/2 of a convolution; what earlier layers drift is
  /// multiplied by S.
  double drift = 0;
  double own_drift = 0;  ///< of this layer alone

  /// Paths to each cell far from the borders, over one stretch of `scale` cells that begins at the place of output cell
  /// 0 and repeats; what an input without ends would give. Empty when it is longer than `longest_pattern` or its
  /// numbers are beyond 2^61.
  std::vector<std::int64_t> pattern;
  std::int64_t least = 0;   ///< of `pattern`
  std::int64_t most = 0;    ///< of `pattern`
  std::int64_t period = 0;  ///< the shortest after which `pattern` repeats: 1 when it is even, 0 when it is unknown
  /// Paths to each cell of the real output, its borders included. Empty when there are more than `longest_profile`.
  std::vector<std::int64_t> profile;
};

inline constexpr std::int64_t longest_pattern = 8192;  ///< cells
inline constexpr std::int64_t longest_profile = 8192;  ///< cells

/// One layer in its place.
struct StackDepth {
  StackLayer layer;             ///< with the sizes that come in
  std::vector<StackAxis> axes;  ///< as many as the layer has dims
  std::int64_t parameters = 0;  ///< weights and biases
  std::int64_t macs = 0;        ///< multiply-adds of one sample, cropped ones included

  bool known() const;  ///< every axis has a pattern
  bool even() const;   ///< every axis' pattern is one number
  /// Least and most paths to a cell over all axes together: products, saturating at 2^61.
  std::int64_t least() const;
  std::int64_t most() const;
  /// most : least; infinite when some cells are never reached, NaN when a pattern is unknown.
  double ratio() const;
  /// The smallest kernel with which a following convolution of stride 1 and dilation 1, its taps all equal, makes the
  /// counts along every axis one number: a sum of K neighbours is constant iff K is a multiple of the pattern's period.
  /// 1 when they are already, 0 when unknown.
  std::int64_t evening_kernel() const;
};

struct StackReport {
  std::vector<StackDepth> depths;  ///< up to the first layer that is not legal in its place
  std::vector<Problem> problems;   ///< of that layer; their `field` begins with "layer 3, " ("layer 3 (up1), ")
  std::int64_t parameters = 0;     ///< of all depths; saturates, as does the next
  std::int64_t macs = 0;
};

/// Follows the stack. An empty one, or one of more than `longest_stack` layers, is a problem of the field "layers".
StackReport report_on(const Stack& stack, const Limits& limits = {});

/// The layer `depth` times; from the second on its input channels are as many as its output channels.
Stack repeated(const LayerSpec& layer, std::int64_t depth);

/// A stride-1 convolution that keeps channels and size: its padding is K−1 in all, the smaller half first.
StackLayer size_keeping_convolution(int dims, std::int64_t channels, std::int64_t kernel);

/// The next axis of a legal layer after `before`: sizes, footprint and counts. Part of `report_on`, which see.
StackAxis next_axis(const StackAxis& before, StackKind kind, const AxisSpec& spec);
/// What goes into a stack: every cell reached once, by itself.
StackAxis first_axis(std::int64_t input);

}  // namespace tconv
