#pragma once
// What the views hand out as numbers: View::arrays of each, kept beside the files that draw.

#include "files/progress.h"
#include "views/view.h"

namespace tconv {

std::vector<NamedArray> paint_arrays(const ViewInput& in);
std::vector<NamedArray> insert_zeros_arrays(const ViewInput& in);
std::vector<NamedArray> matrix_arrays(const ViewInput& in);
std::vector<NamedArray> phases_arrays(const ViewInput& in);
std::vector<NamedArray> linked_arrays(const ViewInput& in);
std::vector<NamedArray> size_arrays(const ViewInput& in);
std::vector<NamedArray> overlap_arrays(const ViewInput& in);
std::vector<NamedArray> spectrum_arrays(const ViewInput& in);
std::vector<NamedArray> pixel_shuffle_arrays(const ViewInput& in);
std::vector<NamedArray> compare_arrays(const ViewInput& in);
std::vector<NamedArray> decoder_stack_arrays(const ViewInput& in);
std::vector<NamedArray> gradients_arrays(const ViewInput& in);
std::vector<NamedArray> large_maps_arrays(const ViewInput& in);

/// Says to go on, or throws Cancelled.
inline KeepGoing going_on(const Progress& progress) {
  return [&progress] {
    progress.check();
    return true;
  };
}

/// How many stamps of one input channel reach each output cell, the whole map.
NamedArray hits_array(const LayerSpec& layer, const Progress& progress);
/// Likewise, of counts that somebody else has computed.
NamedArray hits_array(const LayerSpec& layer, Tensor counts);
/// `require_array_memory` of such a map.
void require_coverage_memory(const LayerSpec& layer);

/// Up to so many numbers a matrix is handed out whole, zeros and all.
inline constexpr std::int64_t largest_dense_matrix = std::int64_t{1} << 20;
/// Of a layer with more phases the first ones are handed out.
inline constexpr std::int64_t most_phase_arrays = 64;

}  // namespace tconv
