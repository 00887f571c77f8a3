#pragma once

#include <vector>

#include "core/problem.h"

namespace tconv {

/// Throws CliError (usage) with one line per problem; returns when there is none.
void require_none(const std::vector<Problem>& problems);

}  // namespace tconv
