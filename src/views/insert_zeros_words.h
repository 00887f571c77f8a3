#pragma once
// Where the timeline of zero insertion stands, and its numbers in words.

#include <optional>
#include <string>

#include "views/view.h"

namespace tconv {

/// How far zero insertion has come.
enum class InsertionStage { input, zeros_between, border, slide };

struct InsertionPosition {
  InsertionStage stage = InsertionStage::input;
  std::int64_t window = 0;   ///< of the last stage, from 1; 0 in the other stages
  std::int64_t windows = 0;  ///< the cells of the output slice that is shown
};

/// Three steps for the first three stages, from 0, then one for each cell of an output slice.
std::int64_t insertion_steps(const LayerSpec& layer);
InsertionPosition insertion_position(const ViewInput& in);

/// The output cell whose window is shown: the one under the cursor, else the timeline's, if it slides already.
std::optional<CellIndex> insertion_window(const ViewInput& in);

/// The taps of one window, over all axes.
std::int64_t window_taps(const LayerSpec& layer);

/// Whether a border is negative, so that cells are cropped.
bool insertion_crops(const LayerSpec& layer);

std::string spread_text(const LayerSpec& layer);         ///< "3 × 3"
std::string padded_text(const LayerSpec& layer);         ///< "7 × 7"
std::string zeros_between_text(const LayerSpec& layer);  ///< "S−1 = 1", "S−1 = 1, 2"
std::string border_text(const LayerSpec& layer);         ///< "K−1−P = 2", "D(K−1)−P"
std::string turned_name(const LayerSpec& layer);         ///< "turned by 180°": what 1D and 3D kernels are not
std::string long_border_text(const LayerSpec& layer);  ///< "a border of K−1−P = 2 zeros", or of every axis and end
std::string met_text(const ViewInput& in, CellIndex at);  ///< "2 of 9 products meet a real cell"

}  // namespace tconv
