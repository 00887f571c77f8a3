#pragma once
// One file per format writes figures: <id>_exporter.cpp defines `Exporter <id>_exporter()`, and is found by listing.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "figure/figure.h"
#include "files/progress.h"

namespace tconv {

struct ExportOptions {
  double scale = 1;             ///< pixels per point, for formats made of pixels
  std::optional<double> dpi{};  ///< pixels per inch, kept in formats made of pixels
  /// Width on paper in millimetres, for formats made of vectors; empty: a point is a pixel on the screen.
  std::optional<double> width_mm{};
  std::string embedded{};  ///< letters that the file keeps, see document/embedded_document.h
  Progress progress{};
};

struct Exporter {
  std::string_view id;         ///< "png"
  std::string_view extension;  ///< ".png", by which the command line chooses
  std::string_view label;      ///< in menus, a word or two
  std::string_view help;       ///< what it is good for, a line
  bool pixels;                 ///< made of pixels: it has a resolution
  /// The file's bytes; the same figure and options give the same bytes anywhere, any time. Throws std::runtime_error
  /// with one line when the figure cannot be written (too large a picture, say), and Cancelled.
  std::string (*write)(const Figure& figure, const TextMetrics& text, const ExportOptions& options);
};

/// Every exporter, in their names' order.
std::vector<Exporter> listed_exporters();

}  // namespace tconv
