#pragma once
// What the export dialog holds: which file is wanted, as a value. No ImGui: commands, tests and the dialog use it.

#include <filesystem>
#include <string>
#include <vector>

#include "export/data_format.h"
#include "export/timeline.h"
#include "ui/jobs.h"
#include "ui/open_file.h"

namespace tconv {

enum class ExportKind { picture, animation, numbers };

struct ExportForm {
  ExportKind kind = ExportKind::picture;
  std::string picture_format = "png";
  std::string animation_format = "gif";
  std::string numbers_format = "csv";
  AnimationChoices choices{};  ///< its picture is that of every kind: view, channels, switches, looks
  std::string array{};         ///< which of the view's arrays; empty: the first, or all where the format holds many
  std::string path{};          ///< the file
  std::string recent_folder{};

  bool operator==(const ExportForm&) const = default;
};

/// A format that the form can choose: of its kind.
struct FormatChoice {
  std::string_view id;
  std::string_view extension;
  std::string_view label;
  std::string_view help;
  std::string missing;  ///< what this machine lacks for it, in a line; empty: nothing
};
std::vector<FormatChoice> formats_of(ExportKind kind);
/// The chosen one's id, to be read and changed.
std::string& format_id(ExportForm& form);
FormatChoice chosen_format(const ExportForm& form);

/// `path` with the extension of the chosen format in place of another format's.
std::string with_extension(const ExportForm& form, const std::string& path);

/// The form with the format that the typed name's extension says, if it is one of its kind; a name with no extension,
/// or another, gets the format's.
ExportForm as_named(ExportForm form);

/// The files that will be written, of which the first stands for all.
std::filesystem::path first_file(const ExportForm& form, const Scenario& scenario);

/// Why the file cannot be made as the form stands, in a line; empty if it can.
std::string trouble_with(const ExportForm& form, const Scenario& scenario);

/// The command that makes the same file. `scenario`: how the command line names the document (see scenario_word).
std::vector<std::string> command_words(const ExportForm& form, const std::string& scenario);

/// The file or the name of the built-in scenario that holds the document as it is. Empty for the example that opens
/// without a name; nothing when it is saved nowhere.
std::optional<std::string> scenario_word(const OpenFile& file, const Document& document, bool modified);

/// Makes the file, on any thread.
Jobs::Work export_work(const ExportForm& form, const Document& document);

/// The picture's size in the chosen format, in words: "1460 × 1392 pixels", "85 × 81 mm". `points`: of the figure.
std::string size_words(const ExportForm& form, const Size& points);

}  // namespace tconv
