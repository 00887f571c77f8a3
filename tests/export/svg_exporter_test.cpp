#include <gtest/gtest.h>

#include <string>

#include "document/embedded_document.h"
#include "export/exporter.h"
#include "figure_test_support.h"

namespace tconv {

Exporter svg_exporter();
Exporter pdf_exporter();

namespace {

using test::metrics;

Figure some_figure() {
  Figure figure{.size = {100, 60.5}, .background = rgb(0x102030), .title = "A < B & \"C\""};
  figure.add(RectShape{.rect = {10, 5, 20, 15}, .fill = rgb(0xff8000), .stroke = rgb(0x00ff00), .stroke_width = 2});
  figure.add(RectShape{.rect = {40, 5, 20, 15},
                       .stroke = rgb(0x0000ff),
                       .stroke_width = 1,
                       .radius = 4,
                       .dashed = true,
                       .hatched = true});
  figure.add(LineShape{{{0, 0}, {10.12345, 20}}, rgb(0xffffff), 1.5});
  figure.add(
      TextShape{.at = {50, 40}, .text = "1 < 2 & x", .size = 13, .color = rgb(0xffffff), .align = Align::centre});
  const auto raster = blank_raster(2, 2);
  raster->rgba = {255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 1, 2, 3, 4};
  figure.add(ImageShape{.rect = {70, 30, 20, 20}, .raster = raster});
  return figure;
}

std::string svg(const Figure& figure) { return svg_exporter().write(figure, metrics(), {}); }

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

TEST(SvgExporter, WritesWordsAsWords) {
  const std::string text = svg(some_figure());
  EXPECT_TRUE(has(text, "<title>A &lt; B &amp; &quot;C&quot;</title>")) << text;
  EXPECT_TRUE(has(text, ">1 &lt; 2 &amp; x</text>")) << text;
  EXPECT_TRUE(has(text, "font-family:Inter"));
  EXPECT_TRUE(has(text, "width=\"100\" height=\"60.5\" viewBox=\"0 0 100 60.5\""));
}

TEST(SvgExporter, StrokesLieInsideTheirRectangle) {
  const std::string text = svg(some_figure());
  EXPECT_TRUE(has(text, "<rect x=\"10\" y=\"5\" width=\"20\" height=\"15\" fill=\"#ff8000\"/>")) << text;
  EXPECT_TRUE(has(text,
                  "<rect x=\"11\" y=\"6\" width=\"18\" height=\"13\" fill=\"none\" stroke=\"#00ff00\" "
                  "stroke-width=\"2\"/>"))
      << text;
}

TEST(SvgExporter, HatchesAndDashesAndUnsmoothedPictures) {
  const std::string text = svg(some_figure());
  EXPECT_TRUE(has(text, "fill=\"url(#hatch0)\""));
  EXPECT_TRUE(has(text, "<pattern id=\"hatch0\""));
  EXPECT_TRUE(has(text, "stroke-dasharray=\"4 3\""));
  EXPECT_TRUE(has(text, "image-rendering:pixelated"));
  EXPECT_TRUE(has(text, "href=\"data:image/png;base64,iVBORw0KGgo"));
  EXPECT_TRUE(has(text, "10.123,20")) << "three digits are enough";
}

TEST(Exporters, TheSameFigureGivesTheSameBytes) {
  for (const Exporter& exporter : listed_exporters()) {
    EXPECT_EQ(exporter.write(some_figure(), metrics(), {}), exporter.write(some_figure(), metrics(), {}))
        << exporter.id;
  }
}

TEST(Exporters, KeepTheScenario) {
  Document document;
  document.scenario.kernel = custom_pattern(Tensor(Shape{1, 1, 30, 30}, std::vector<float>(900, 0.125F)));
  for (const Exporter& exporter : listed_exporters()) {
    const std::string bytes = exporter.write(some_figure(), metrics(), {.embedded = embedded_text(document)});
    EXPECT_EQ(embedded_document(bytes, "x"), document) << exporter.id;
    EXPECT_FALSE(embedded_document(exporter.write(some_figure(), metrics(), {}), "x")) << exporter.id;
  }
}

TEST(Exporters, VectorsHaveAWidthOnPaper) {
  EXPECT_TRUE(has(svg_exporter().write(some_figure(), metrics(), {.width_mm = 85}),
                  "width=\"85mm\" height=\"51.425mm\" viewBox=\"0 0 100 60.5\""));
  EXPECT_TRUE(has(pdf_exporter().write(some_figure(), metrics(), {.width_mm = 25.4}), "/MediaBox [ 0 0 72 43.56 ]"));
}

TEST(PdfExporter, WritesOnePage) {
  const std::string bytes = pdf_exporter().write(some_figure(), metrics(), {});
  EXPECT_TRUE(bytes.starts_with("%PDF-"));
  Figure large = some_figure();
  large.size.w = 20000;
  EXPECT_THROW(pdf_exporter().write(large, metrics(), {}), std::runtime_error);
}

}  // namespace
}  // namespace tconv
