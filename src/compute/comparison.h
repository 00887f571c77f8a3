#pragma once
// One input through the layer and through what could stand in its place, brought to the same size and brightness.
// Sources: Odena et al. 2016 for resizing first, Shi et al. 2016 and Aitken et al. 2017 for the sub-pixel convolution.

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "compute/map_difference.h"
#include "core/equal_layers.h"
#include "core/evenness.h"
#include "core/scatter_add.h"
#include "core/scenario.h"
#include "core/spectrum.h"

namespace tconv {

/// What of a comparison a person chooses.
struct ComparisonChoice {
  /// "own" (the scenario's), or the id of a pattern; empty: own when it is at least 16 cells wide (8 of own values,
  /// such as an image) and not too large, else "test-card".
  std::string input{};
  bool shrink = false;           ///< the input is what is left of a truth after taking means of S-blocks
  std::int64_t batch = 0;        ///< the sample of an own input
  std::int64_t out_channel = 0;  ///< which one is computed of a layer with more than three

  bool operator==(const ComparisonChoice&) const = default;
};

/// The patterns that are offered beside "own".
inline constexpr std::array<std::string_view, 4> compared_patterns{"ones", "impulse", "test-card", "landscape"};

/// One way from the small map to the large one.
struct Upsampler {
  std::string id;      ///< "layer", "cure", "nearest", "bilinear", "shuffle"
  std::string label;   ///< "Nearest + conv K3"
  std::string remark;  ///< "Odena's cure"
  Tensor output;       ///< (1, channels, spatial·S…), divided by the gain
  bool scaled = true;  ///< false: the taps sum to nothing, so nothing was divided

  /// Output minus that of the first upsampler, the channels' mean: (1, 1, spatial·S…); and its root mean square without
  /// `Comparison::margin` cells at the borders.
  Tensor difference;
  double rms_difference = 0;
  LogSpectrum spectrum;  ///< of the output's first computed channel, in three dimensions of its middle slice

  /// How far its picture lies towards the ends of the axes, in output cells: an even kernel has no middle cell.
  std::array<double, 3> shift{};
  /// What a flat input becomes far from the borders, of the worst channel; empty when there are too many weights.
  std::optional<Evenness> flat;
  /// To the truth, in decibels, without `Comparison::margin` cells at the borders; empty without a truth, when it is
  /// flat, and for outputs that are not scaled.
  std::optional<double> psnr;
  Cost cost;                     ///< of the whole layer on one sample, all channels; interpolation costs not counted
  double products_per_cell = 0;  ///< of them, per cell of the output
  double milliseconds = 0;       ///< that computing the shown channels took here, once
};

/// What a comparison is a pure function of: the scenario with all that does not matter at its default, the choice with
/// the input that an empty one stands for.
struct ComparisonKey {
  Scenario scenario;
  ComparisonChoice choice;
  std::int64_t work = 0;  ///< roughly how many multiplications it takes; saturates

  bool operator==(const ComparisonKey& other) const { return choice == other.choice && scenario == other.scenario; }
};
/// Of a legal scenario.
ComparisonKey comparison_key(const Scenario& scenario, const ComparisonChoice& choice);

struct Comparison {
  ComparisonKey key;                   ///< what all of this belongs to; its choice says which input it is
  std::string refused;                 ///< why there are no upsamplers, in words; empty when there are
  LayerSpec layer;                     ///< the scenario's with the compared input's size, one sample, no crops
  Tensor input;                        ///< (1, C_in, spatial…)
  Tensor truth;                        ///< of the outputs' shape, or empty
  std::vector<std::int64_t> channels;  ///< the output channels that were computed: all of up to three, else one
  Margin margin{};                     ///< where zeros from beyond the border reach; 0 on small maps
  std::vector<Upsampler> upsamplers;   ///< the layer first
  std::vector<std::string> notes;      ///< what one has to know, a sentence each
  double low = 0;                      ///< values that stand for black and white in all pictures
  double high = 0;
};

/// Returns nothing only when `keep_going` said no.
std::optional<Comparison> compare(const ComparisonKey& key, const KeepGoing& keep_going = {});

/// The most numbers in one output, and the most multiplications of all upsamplers together.
inline constexpr std::int64_t largest_compared = std::int64_t{1} << 24;
inline constexpr std::int64_t longest_comparison = 4'000'000'000;

}  // namespace tconv
