#pragma once
// How the filters before a pixel shuffle start, and what a flat input becomes with them. The r^d filters whose outputs
// are shuffled into one channel are drawn apart at random, so that the first pictures have a pattern of period r;
// started equal ("initialized to convolution nearest-neighbour resize", ICNR) they begin as a convolution at low
// resolution followed by nearest-neighbour resizing.
// Source: Aitken et al., "Checkerboard artifact free sub-pixel convolution" (2017).

#include <cstdint>
#include <vector>

#include "core/pixel_shuffle.h"
#include "core/tensor.h"

namespace tconv {

enum class FilterStart { random, icnr };

/// The largest group (r^d filters per output channel) that filters are made for.
inline constexpr std::int64_t largest_filter_group = 64;

/// Filters of a convolution with `kernel` taps along each of the spec's axes, in a convolution's layout:
/// (C·r^d, C_in, spatial…), normal numbers. `icnr`: the filters of each group are those of its first, in the group's
/// order of channels. spec.group() <= largest_filter_group.
Tensor sub_pixel_filters(const ShuffleSpec& spec, std::int64_t in_channels, std::int64_t kernel, FilterStart start,
                         std::uint32_t seed = 1);

/// What an input of ones on every channel becomes by convolving with `filters` and shuffling, far from the borders:
/// (1, C, r·cells…), made from `cells` low-resolution cells along each axis.
Tensor sub_pixel_flat_response(const ShuffleSpec& spec, const Tensor& filters, std::int64_t cells);

}  // namespace tconv
