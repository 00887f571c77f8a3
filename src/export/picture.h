#pragma once
// One picture of a document: everything that it depends on, as a value, and how it comes about. The command line, the
// window's export and animations make their pictures here.

#include <filesystem>
#include <optional>
#include <string>

#include "compute/result_store.h"
#include "document/document.h"
#include "export/exporter.h"
#include "export/page.h"
#include "views/view.h"

namespace tconv {

/// What a person chooses about a picture. picture_flags.h has the flag of each.
struct PictureChoices {
  std::string view = "paint";
  std::optional<std::int64_t> step{};  ///< of the view's timeline; empty: its end
  Interaction interaction{};           ///< which part of the layer is shown, and how; its steps count for nothing
  double width = 1440;                 ///< points
  std::optional<double> height{};      ///< points; empty: 5/8 of the width. A higher figure stays higher
  std::string theme = "dark";
  double scale = 1;                  ///< pixels per point, unless `dpi` or `width_mm` say it
  std::optional<double> dpi{};       ///< pixels per inch, at 72 points an inch unless `width_mm` is given
  std::optional<double> width_mm{};  ///< on paper; what is drawn is scaled to it
  Page page{};
  bool color_bar = true;

  bool operator==(const PictureChoices&) const = default;
};

/// What is wrong with the choices for this scenario: a view that there is not, a step beyond the end. Fields are flags'
/// names without "--".
std::vector<Problem> validate(const PictureChoices& choices, const Scenario& scenario);

/// Which step is shown: `step`, or the end. The choices must be valid.
std::int64_t shown_step(const PictureChoices& choices, const Scenario& scenario);

/// What the picture needs to have computed. Throws Cancelled.
Results picture_results(const Scenario& scenario, const PictureChoices& choices, const Progress& progress = {});

/// What the view draws from. `results` belong to the step that is shown.
ViewInput picture_input(const Document& document, const Results& results, const PictureChoices& choices,
                        const TextMetrics& text);

/// The view's figure without a page around it.
Figure bare_figure(const Document& document, const Results& results, const PictureChoices& choices,
                   const TextMetrics& text);
/// On its page.
Figure picture_figure(const Document& document, const Results& results, const PictureChoices& choices,
                      const TextMetrics& text);

/// Of a figure `width` points wide, on pixels: the scale, or what resolution and width on paper come to.
double pixels_per_point(const PictureChoices& choices, double width);

/// The bytes of the picture in a format. Throws as Exporter::write does.
std::string picture_bytes(const Document& document, const Results& results, const PictureChoices& choices,
                          const Exporter& exporter, const TextMetrics& text, const Progress& progress = {});

/// The exporter of a file's extension, upper or lower case; nothing when no format has it.
std::optional<Exporter> exporter_for(const std::filesystem::path& path);

}  // namespace tconv
