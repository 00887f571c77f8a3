#pragma once
// Commands on documents as a whole, as the keys, the palette, the bars and the sheets give them.

#include <vector>

#include "ui/actions.h"

namespace tconv {

class Session;
struct UiState;

/// Saves to the document's file, or asks for a name first; `then_quit`: and the window closes when that went well.
void save(Ui& ui, bool then_quit = false);
void save_as(Ui& ui);

/// Closes the window, or asks what shall become of unsaved changes first, also of documents that were left for others.
void ask_to_quit(const Session& session, UiState& state);

/// "name •": the document on the screen, with a dot when it has unsaved changes.
std::string document_title(const Session& session);

/// "Open recent: name — folder", newest first. What is missing now is left out.
std::vector<Action> recent_actions(const Session& session);

}  // namespace tconv
