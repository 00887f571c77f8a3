#pragma once
// --color-map, --color-scale, --center, --percentile and --range of the commands that draw heat maps.

#include "cli/choice_flags.h"
#include "document/document.h"

namespace tconv {

class ColorFlags {
 public:
  /// `app` then points into this object, which must not move.
  void add(CLI::App& app);
  /// Throws CliError (usage), one line per flag that is wrong; the document is then as it was.
  void apply(Document& document) const;

 private:
  ChoiceFlags<Presentation> flags_;
};

}  // namespace tconv
