#pragma once
// Choosing a file inside the window: the program has no desktop toolkit to ask.

#include <filesystem>
#include <string>
#include <vector>

#include "ui/text_field_id.h"

namespace tconv {

struct Ui;
struct Rect;

class FileDialog {
 public:
  enum class Purpose { anything, input, kernel, save };

  /// Opens in the folder that was used last, at first the working folder.
  void open(Purpose purpose);
  /// Asks where to save: at first the folder and name of `suggested`. `trouble` is shown; with `then_quit` the window
  /// closes once the document is saved.
  void open_to_save(const std::filesystem::path& suggested, std::string trouble, bool then_quit);
  bool is_open() const { return open_; }
  void draw(Ui& ui, const Rect& window);

 private:
  struct Entry {
    std::string name;
    bool folder = false;
  };
  const char* title() const;
  void list();
  void choose(Ui& ui, const std::filesystem::path& path);
  void save(Ui& ui, std::filesystem::path path);
  void try_again(std::string trouble);
  bool wanted(const std::filesystem::path& path) const;
  /// What is typed, in the folder that is shown.
  std::filesystem::path typed_path() const;
  /// The file of the list that was clicked, if any.
  std::filesystem::path draw_list(Ui& ui, const Rect& area);

  bool open_ = false;
  bool fresh_ = false;
  Purpose purpose_ = Purpose::anything;
  std::filesystem::path folder_;
  std::vector<Entry> entries_;
  std::vector<std::filesystem::path> recent_;
  std::string typed_;
  TextFieldId field_;
  std::string suggested_;            // the name that a folder does not take from the field
  std::filesystem::path confirmed_;  // to be replaced if it is chosen once more
  bool then_quit_ = false;
  std::string trouble_;
};

}  // namespace tconv
