#pragma once
// The numbers of a view, by the same choices as its picture.

#include <vector>

#include "export/choice_flag.h"
#include "export/data_format.h"
#include "export/picture.h"

namespace tconv {

/// Of the choices' flags those that numbers depend on.
const std::vector<ChoiceFlag<PictureChoices>>& data_flags();

/// The arrays of the choices' view, the first being what it is mainly about; never none. The scenario must be legal and
/// the choices valid for it. Throws std::runtime_error with one line when there are none (a layer that is too large),
/// and Cancelled.
std::vector<NamedArray> view_arrays(const Document& document, const PictureChoices& choices,
                                    const Progress& progress = {});

/// Whether computing them takes memory beyond the arrays themselves.
bool needs_results(const PictureChoices& choices);

}  // namespace tconv
