#pragma once
// The numbers behind a picture.

#include "export/picture.h"
#include "views/named_array.h"

namespace tconv {

/// The arrays of the view as the choices show it; none when there are no numbers of this scenario, and for a view
/// without any. The choices must be valid. Throws std::runtime_error for arrays too large for the memory that is free,
/// and Cancelled.
std::vector<NamedArray> picture_arrays(const Document& document, const PictureChoices& choices,
                                       const Progress& progress = {});

/// Whether the view's arrays follow from the layer alone: then no memory is needed for results.
bool arrays_need_no_results(const View& view, const Interaction& interaction);

}  // namespace tconv
