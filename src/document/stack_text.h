#pragma once
// Stacks of layers in words: what the command line and the window say about them alike.

#include <string>

#include "core/stack.h"

namespace tconv {

/// "K4 S2 P1", "conv K3 P1", "nearest ×2", "shuffle ×2".
std::string layer_name(const StackLayer& layer);

/// "4 → 8" when all axes are alike, else "4×3 → 8×6".
std::string sizes_text(const StackDepth& depth);
/// "1024 → 512", "512 + 512 → 512" with joined channels.
std::string channels_text(const StackLayer& layer);
/// The different numbers of paths to a cell along an axis, "1, 2, 3"; "1 … 25" when they are many, "{1, 2} × {1, 3}"
/// when axes differ, "?" when they are unknown.
std::string counts_text(const StackDepth& depth);
/// "25 : 1" over all axes, "even", "some never" when a cell is not reached, "?" when unknown.
std::string ratio_text(const StackDepth& depth);
/// "-1.5" when all axes are alike, else "-1.5, 0"; in output cells.
std::string drift_text(const StackDepth& depth);

/// "12,654,592".
std::string grouped(std::int64_t number);
/// "12.7 M", "850": three digits with k, M, G, T, P.
std::string short_count(std::int64_t number);
/// "-1.5": a half of a whole number as short as it can be.
std::string half_text(double number);

/// "After 3 layers the busiest cell gets 25 times as many paths as the quietest." Of the stack's end, far from its
/// borders; the stack is legal.
std::string unevenness_sentence(const StackReport& report);
/// Which convolution after a depth would even its counts; empty when they are even or unknown.
std::string evening_sentence(const StackDepth& depth);

}  // namespace tconv
