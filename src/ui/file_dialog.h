#pragma once
// Choosing a file inside the window: the program has no desktop toolkit to ask.

#include <filesystem>
#include <string>
#include <vector>

namespace tconv {

struct Ui;
struct Rect;

class FileDialog {
 public:
  enum class Purpose { input, kernel, scenario };

  /// Opens in the folder that was used last, at first the working folder.
  void open(Purpose purpose);
  bool is_open() const { return open_; }
  void draw(Ui& ui, const Rect& window);

 private:
  struct Entry {
    std::string name;
    bool folder = false;
  };
  void list();
  void choose(Ui& ui, const std::filesystem::path& path);
  bool wanted(const std::filesystem::path& path) const;

  bool open_ = false;
  bool fresh_ = false;
  Purpose purpose_ = Purpose::input;
  std::filesystem::path folder_;
  std::vector<Entry> entries_;
  std::string typed_;
  std::string trouble_;
};

}  // namespace tconv
