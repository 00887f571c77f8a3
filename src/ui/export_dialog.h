#pragma once
// Taking a view along: as a picture, an animation of its timeline, or its numbers, with a preview and the command that
// makes the same file.

#include "ui/export_form.h"
#include "ui/export_preview.h"
#include "ui/text_field_id.h"

namespace tconv {

struct Ui;
struct Rect;
struct Point;

class ExportDialog {
 public:
  /// About the view on show, as it is on the screen in `size` points; what was chosen last stays chosen.
  void open(Ui& ui, const Size& size);
  bool is_open() const { return open_; }
  /// Whether its preview moves, or is about to be drawn anew.
  bool animating() const { return open_ && (form_.kind == ExportKind::animation || preview_.waiting()); }
  void draw(Ui& ui, const Rect& window, double seconds);

  ExportForm& form() { return form_; }

 private:
  // The parts of the dialog, each of which moves `at` below itself.
  struct Column;
  void draw_preview(Ui& ui, const Rect& area, double seconds);
  void read_numbers(Ui& ui);
  void draw_numbers_preview(Ui& ui, const Rect& area);
  double draw_options(Ui& ui, Point at, double width);
  void picture_options(Column& column);
  void animation_options(Column& column);
  void numbers_options(Column& column);
  void size_options(Column& column);
  void draw_footer(Ui& ui, const Rect& area);

  void change_kind(ExportKind kind);
  void change_format(std::string_view id);
  void start(Ui& ui);
  /// The frame that the moving preview shows now.
  std::int64_t preview_step(const Scenario& scenario) const;

  bool open_ = false;
  bool fresh_ = false;
  ExportForm form_;
  double other_scale_ = 1;  ///< of animations while the form is about a picture, and the other way round
  Size on_screen_{};
  std::optional<std::string> scenario_word_;
  ExportPreview preview_;
  double played_ = 0;  ///< seconds of the preview
  std::string caption_;
  std::string width_text_, mm_text_;
  TextFieldId path_field_, caption_field_, width_field_, mm_field_;
  bool new_texts_ = false;  ///< the texts of fields were set by the program
  std::string confirmed_;   ///< a file that is there: exporting once more replaces it
  std::string trouble_;
  struct NumbersPreview {
    std::uint64_t revision = 0;
    std::string of;
    std::vector<std::string> names;
    std::vector<std::string> lines;
  };
  std::optional<NumbersPreview> numbers_;
};

}  // namespace tconv
