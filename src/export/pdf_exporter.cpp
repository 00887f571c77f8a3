// PDF: vectors and embedded fonts; maps of very many cells are unsmoothed pictures.

#include <cairo-pdf.h>

#include <memory>
#include <stdexcept>

#include "export/cairo_painter.h"
#include "export/exporter.h"

namespace tconv {
namespace {

cairo_status_t append(void* out, const unsigned char* bytes, unsigned int count) {
  static_cast<std::string*>(out)->append(reinterpret_cast<const char*>(bytes), count);
  return CAIRO_STATUS_SUCCESS;
}

std::string write_pdf(const Figure& figure, const TextMetrics& text, const ExportOptions& options) {
  constexpr double longest_side = 14400;  // PDF's own limit, in points
  constexpr double points_per_mm = 72 / 25.4;
  const double scale = options.width_mm ? *options.width_mm * points_per_mm / figure.size.w : 1;
  const Size page{figure.size.w * scale, figure.size.h * scale};
  if (!(page.w <= longest_side) || !(page.h <= longest_side)) {
    throw std::runtime_error("a PDF page has at most 14400 points on a side; draw the view smaller");
  }
  std::string bytes;
  {
    const std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)> surface(
        cairo_pdf_surface_create_for_stream(append, &bytes, page.w, page.h), &cairo_surface_destroy);
    check_cairo(cairo_surface_status(surface.get()), "the page cannot be made");
    cairo_pdf_surface_restrict_to_version(surface.get(), CAIRO_PDF_VERSION_1_4);  // keeps the keywords readable
    if (!options.embedded.empty()) {
      cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_KEYWORDS, options.embedded.c_str());
    }
    cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_TITLE, figure.title.c_str());
    cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_CREATOR, "Tconv Studio");
    // The clock has no business in a file that must come out the same every time.
    cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_CREATE_DATE, "2000-01-01T00:00:00Z");
    const std::unique_ptr<cairo_t, decltype(&cairo_destroy)> target(cairo_create(surface.get()), &cairo_destroy);
    cairo_scale(target.get(), scale, scale);
    paint(target.get(), figure, text);
    cairo_surface_finish(surface.get());
    check_cairo(cairo_surface_status(surface.get()), "the page cannot be written");
  }
  return bytes;
}

}  // namespace

Exporter pdf_exporter() { return {"pdf", ".pdf", "PDF", "for papers: vectors, embedded fonts", false, &write_pdf}; }

}  // namespace tconv
