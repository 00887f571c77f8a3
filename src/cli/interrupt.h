#pragma once
// Ctrl+C: long work stops where it can leave everything as it was.

#include "files/progress.h"

namespace tconv {

/// Asks the work of this process to stop; for signal handlers.
void interrupt() noexcept;

/// Cancelled by `interrupt`; on a terminal, what takes longer than a second shows how far it is on standard error.
Progress command_progress();

/// Whether to say why the program ends. After an interrupt two may want to, the work that noticed and whoever ends what
/// does not; true for the first that asks.
bool may_tell() noexcept;

}  // namespace tconv
