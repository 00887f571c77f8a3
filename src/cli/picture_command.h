#pragma once
// What the commands that draw views share.

#include <string>

#include "cli/choice_flags.h"
#include "export/picture.h"

namespace tconv {

/// Throws CliError (usage) when there is no such view.
void require_view(const std::string& id);

/// Throws CliError (usage), one line for each, when the view has no such options or they no such values. Nothing where
/// there is no such view.
void require_options(const PictureChoices& choices);

/// Throws CliError (usage) when the choices do not fit the scenario.
void require_valid(const PictureChoices& choices, const Scenario& scenario);

/// Throws CliError (usage) when pixels are asked for per point and per inch at once.
void require_one_resolution(const ChoiceFlags<PictureChoices>& flags);

}  // namespace tconv
