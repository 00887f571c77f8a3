#include "files/state_folder.h"

#include <sys/stat.h>

#include <cstdlib>

namespace tconv {

namespace fs = std::filesystem;

namespace {

fs::path folder_in(const char* variable) {
  const char* value = std::getenv(variable);
  const fs::path path(value == nullptr ? "" : value);
  return path.is_absolute() ? path : fs::path();
}

}  // namespace

fs::path user_state_folder() {
  if (const fs::path state = folder_in("XDG_STATE_HOME"); !state.empty()) return state / "tconv-studio";
  const fs::path home = folder_in("HOME");
  return home.empty() ? fs::path() : home / ".local/state/tconv-studio";
}

bool make_private_folder(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) return true;
  if (path.has_parent_path() && path.parent_path() != path && !make_private_folder(path.parent_path())) return false;
  return ::mkdir(path.c_str(), 0700) == 0 || fs::is_directory(path, ignored);
}

}  // namespace tconv
