// What a session does with files: saving, new documents, recovered ones.

#include "document/document_file.h"
#include "files/file_error.h"
#include "ui/session.h"

namespace tconv {

namespace fs = std::filesystem;

const Session::Unsaved& Session::unsaved() const {
  if (unsaved_ && unsaved_->revision == history_.revision()) return *unsaved_;
  const auto is_saved = [this](const Document& document, std::size_t file) { return files_[file].saved == document; };
  unsaved_ = {history_.revision(), !is_saved(history_.committed(), history_.file()), {}};
  const std::vector<History::Left> left = history_.left();
  for (auto each = left.rbegin(); each != left.rend(); ++each) {
    if (!is_saved(each->document, each->file)) unsaved_->left.push_back({each->document, files_[each->file]});
  }
  return *unsaved_;
}

bool Session::modified() const { return unsaved().current; }

const std::vector<Session::LeftUnsaved>& Session::left_unsaved() const { return unsaved().left; }

void Session::back_to_unsaved() {
  const std::size_t count = left_unsaved().size();
  cancel_preview();
  while (count > 0 && left_unsaved().size() == count && history_.can_undo()) history_.undo();
}

void Session::start_here() {
  OpenFile& file = files_[history_.file()];
  if (file.path.empty()) file.saved = history_.committed();
  unsaved_.reset();
}

void Session::new_document() {
  replace_document(Document{}, {.path = {}, .name = {}, .saved = Document{}}, "New scenario");
  say("New scenario");
}

void Session::recover(Document document, OpenFile file) {
  file.saved.reset();
  const std::string name = file.name.empty() ? "untitled" : file.name;
  replace_document(std::move(document), std::move(file), "Recover " + name);
  say("Recovered: " + name + ", not saved yet");
}

fs::path Session::suggested_path() const {
  if (!file().path.empty()) return file().path;
  return (file().name.empty() ? "untitled" : file().name) + ".tconv.json";
}

Saved Session::save() {
  message_ = {};
  const fs::path path = file().path;
  if (path.empty()) return Saved::needs_name;
  std::error_code ignored;
  // A file that has gone is made anew; one that has other contents now is somebody's work.
  if (fs::exists(path, ignored) && fingerprint_of(path) != file().fingerprint) {
    say_error(path.filename().string() + " has changed on the disk since it was opened: choose a name to save under");
    return Saved::needs_name;
  }
  return write(path);
}

Saved Session::save_as(const fs::path& path, bool replace) {
  std::error_code error;
  const fs::path whole = fs::absolute(path, error).lexically_normal();
  if (fs::exists(whole, error)) {
    try {
      read_document(whole);
    } catch (const std::exception& broken) {
      say_error(std::string("Not overwritten, choose another name: ") + broken.what());
      return Saved::failed;
    }
    if (!replace) return Saved::exists;
  }
  return write(whole);
}

Saved Session::write(const fs::path& path) {
  const bool written = reads(path, [&] {
    const Document& document = history_.committed();
    const std::uint64_t fingerprint = write_document(document, path);
    files_[history_.file()] = {path, path.filename().string(), document, fingerprint};
    unsaved_.reset();
    recent_.add(path);
    say("Saved: " + path.string());
  });
  return written ? Saved::done : Saved::failed;
}

}  // namespace tconv
