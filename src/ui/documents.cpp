#include "ui/documents.h"

#include "ui/ui.h"

namespace tconv {

void save(Ui& ui, bool then_quit) {
  switch (ui.session.save()) {
    case Saved::done:
      if (then_quit) ask_to_quit(ui.session, ui.state);  // there may be other documents
      break;
    case Saved::needs_name:
      ui.state.dialog.open_to_save(ui.session.suggested_path(), ui.session.message().text, then_quit);
      break;
    case Saved::exists:
    case Saved::failed:
      break;
  }
}

void save_as(Ui& ui) { ui.state.dialog.open_to_save(ui.session.suggested_path(), "", false); }

void ask_to_quit(const Session& session, UiState& state) {
  const bool writing = state.jobs.status().has_value();
  if (session.modified() || !session.left_unsaved().empty()) {
    state.sheet.ask_to_close();
  } else if (writing && !state.quit_after_jobs) {
    state.quit_after_jobs = true;  // asked once more, the window closes at once
  } else {
    state.quit = true;
  }
}

std::string document_title(const Session& session) {
  const std::string name = session.file_name().empty() ? "untitled" : session.file_name();
  return name + (session.modified() ? " •" : "");
}

std::vector<Action> recent_actions(const Session& session) {
  std::vector<Action> list;
  for (const std::filesystem::path& path : session.recent().list()) {
    list.push_back({"recent/" + path.string(),
                    "Open recent: " + path.filename().string() + " — " + path.parent_path().string(),
                    "File",
                    {},
                    [](Ui& ui, const Action& action) { ui.session.open(action.id.substr(7)); }});
  }
  return list;
}

}  // namespace tconv
