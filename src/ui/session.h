#pragma once
// What the window is about: the document and its history, what a person is doing with it, and the commands on both.
// No ImGui and no GL, so that tests and scripts drive it directly.

#include <filesystem>
#include <string>

#include "compute/result_store.h"
#include "document/history.h"
#include "ui/open_file.h"
#include "ui/recent_files.h"
#include "views/view.h"

namespace tconv {

/// A line for the status bar.
struct Message {
  std::string text;
  bool is_error = false;
};

/// How fast the timeline plays; 1 is one step in `seconds_per_step`, faster when there are very many steps.
class Player {
 public:
  static constexpr double seconds_per_step = 0.8;
  static constexpr double longest_run = 24;  ///< seconds that all steps take at speed 1, at most

  bool playing() const { return playing_; }
  double speed() const { return speed_; }
  void set_playing(bool playing);
  /// 0.25, 0.5, 1, 2, 4 or 8; `faster` false goes down. Stops at the ends.
  void change_speed(bool faster);
  void cycle_speed();

  /// The step that follows `step` after `seconds`; stops playing at the last one.
  std::int64_t advanced(std::int64_t step, std::int64_t count, double seconds);

 private:
  bool playing_ = false;
  double speed_ = 1;
  double due_ = 0;  // part of a step that has passed since the last one
};

/// How saving ended.
enum class Saved {
  done,
  needs_name,  ///< there is no file yet, or it has changed on the disk: save under a name
  exists,      ///< another scenario has that name: to be asked first
  failed       ///< the message says why; the disk is as it was
};

class Session {
 public:
  /// `wake` is called from a worker when a slow result is ready: draw again then. `state_folder` is where the program
  /// remembers files from one run to the next; empty: nowhere. `device` computes large maps.
  explicit Session(std::function<void()> wake, const std::filesystem::path& state_folder = {},
                   LargeMapDeviceSource device = {});

  const Document& document() const { return history_.current(); }
  const Scenario& scenario() const { return document().scenario; }
  const History& history() const { return history_; }

  // Edits. A preview is replaced by the next one and becomes part of the history with `commit`.
  void preview(Document document) { history_.preview(std::move(document)); }
  void commit(Document document, std::string label);
  void cancel_preview() { history_.cancel_preview(); }
  void undo();
  void redo();
  void set_layer(const LayerSpec& layer, const std::string& label);
  void set_scenario(const Scenario& scenario, const std::string& label);
  /// Sets one number of the input or the kernel, which makes that array the user's own; other tags are ignored.
  void set_cell(const Tag& cell, float value);
  /// The number that `set_cell` would replace.
  float cell_value(const Tag& cell);

  // Files; a failure becomes a message and changes nothing.
  bool open(
      const std::filesystem::path& path);  ///< a scenario or its built-in name, else an array or image as the input
  bool open_scenario(const std::string& name_or_path);  ///< also the name of a built-in one
  /// The scenario that an exported picture holds, and whether that could be opened; nothing when it holds none.
  std::optional<bool> open_picture(const std::filesystem::path& path);
  bool open_input(const std::filesystem::path& path);
  bool open_kernel(const std::filesystem::path& path);

  /// The file that the document belongs to; undo leads back to the file of the document that comes back.
  const OpenFile& file() const { return files_[history_.file()]; }
  const std::string& file_name() const { return file().name; }
  /// Whether the document, without a preview, differs from what was last opened or saved.
  bool modified() const;
  /// Documents that were left with unsaved changes when another was opened, newest first: undo leads back to them, and
  /// closing the window would lose them.
  struct LeftUnsaved {
    Document document;
    OpenFile file;
  };
  const std::vector<LeftUnsaved>& left_unsaved() const;
  /// Undoes up to the newest of them.
  void back_to_unsaved();
  /// A document without a file counts as unchanged as it is now: what the command line asked for.
  void start_here();
  void new_document();
  Saved save();
  /// A scenario that is there is replaced only with `replace`; what is no scenario of this version, never.
  Saved save_as(const std::filesystem::path& path, bool replace);
  /// The file's path, or a name for a document that has none.
  std::filesystem::path suggested_path() const;
  /// Unsaved work from an earlier run: it belongs to its file and counts as changed.
  void recover(Document document, OpenFile file);
  const RecentFiles& recent() const { return recent_; }

  // The view on show and its timeline.
  const View& view() const { return *view_; }
  /// Shows another view; no id of a view: nothing happens.
  void show(std::string_view view_id);
  std::int64_t step_count() const;
  std::int64_t step() const { return view_->timeline == Timeline::own ? interaction_.own_step : interaction_.step; }
  void seek(std::int64_t step);
  void tick(double seconds);
  void play_from_start();
  /// Starts or stops playing; starts from the beginning when at the end.
  void toggle_play();

  /// The results for the document as it is; see ResultStore::at.
  const Results& results();
  const Results& wait_for_results();
  /// See LargeMapWorker.
  void give_up_device(std::string trouble) { results_.give_up_device(std::move(trouble)); }

  Interaction& interaction() { return interaction_; }
  const Interaction& interaction() const { return interaction_; }
  Player& player() { return player_; }
  const Player& player() const { return player_; }

  void say(std::string text) { message_ = {std::move(text), false}; }
  void say_error(std::string text) { message_ = {std::move(text), true}; }
  const Message& message() const { return message_; }

 private:
  void replace_document(Document document, OpenFile file, const std::string& label);
  Saved write(const std::filesystem::path& path);
  /// Runs `read`; what it throws about the file at `path` becomes a message, and false.
  bool reads(const std::filesystem::path& path, const std::function<void()>& read);

  History history_;
  Interaction interaction_;
  const View* view_ = find_view("paint");
  // Whether the timelines stand at their ends: the result stays in view when the layer grows.
  bool at_end_ = true;
  bool own_at_end_ = true;
  void hold_ends();
  Player player_;
  ResultStore results_;
  std::vector<OpenFile> files_{{.path = {}, .name = {}, .saved = Document{}}};  // by the numbers in the history
  /// What is not saved at a revision of the history: comparing large arrays in every frame would take too long.
  struct Unsaved {
    std::uint64_t revision = 0;
    bool current = false;
    std::vector<LeftUnsaved> left;
  };
  const Unsaved& unsaved() const;
  mutable std::optional<Unsaved> unsaved_;
  RecentFiles recent_;
  Message message_;
};

/// The scenario with an array from a file as its input: (N, C, spatial…), or without the leading axes. The layer takes
/// over its sizes; a colour image of three channels goes through three groups, so that the colours do not mix.
/// Throws FileError naming `name` when the array is no input.
Scenario with_input(Scenario scenario, const Tensor& array, const std::string& name);
/// Likewise (C_in, C_out, spatial…), or without the leading axes, as its kernel.
Scenario with_kernel(Scenario scenario, const Tensor& array, const std::string& name);

}  // namespace tconv
