#include "document/embedded_document.h"

#include <gtest/gtest.h>

#include "files/file_error.h"
#include "files/png_writer.h"
#include "support/random_layers.h"
#include "support/temp_dir.h"

namespace tconv {
namespace {

TEST(EmbeddedDocument, ComesBack) {
  test::RandomLayers random;
  for (int i = 0; i < 30; ++i) {
    Document document;
    document.scenario.layer = random.layer(200);
    document.scenario.input = custom_pattern(random.floats(input_shape(document.scenario.layer)));
    document.presentation.color_map = "magma";
    const std::string text = embedded_text(document);
    EXPECT_EQ(text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=-:;"),
              std::string::npos);
    const auto found = embedded_document("something " + text + " something", "x.svg");
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, document);
    // As PDF breaks long lines.
    std::string broken = text;
    broken.insert(broken.size() / 2, "\\\n");
    EXPECT_EQ(embedded_document(broken, "x.pdf"), document);
  }
}

TEST(EmbeddedDocument, WhatHoldsNoneHoldsNone) {
  EXPECT_FALSE(embedded_document("", "x"));
  EXPECT_FALSE(embedded_document("tconv-scenario:", "x"));
  EXPECT_FALSE(embedded_document("tconv-scenario:;", "x"));
  EXPECT_FALSE(embedded_document("tconv-scenario:Zg=;", "x"));
}

TEST(EmbeddedDocument, ABrokenOneIsNamed) {
  std::string text = "tconv-scenario:e30=;";  // {}
  try {
    embedded_document(text, "figure.png");
    FAIL();
  } catch (const FileError& error) {
    EXPECT_NE(std::string(error.what()).find("figure.png"), std::string::npos) << error.what();
  }
}

TEST(EmbeddedDocument, IsReadFromAPngOnly) {
  const TempDir dir;
  Document document;
  document.scenario.layer.axes[0].stride = 3;
  const std::vector<std::uint8_t> pixels(12, 7);
  PngOptions options{.channels = 3, .dpi = {}};
  dir.write("plain.png", png_bytes(2, 2, pixels, options));
  options.text = embedded_text(document);
  dir.write("figure.png", png_bytes(2, 2, pixels, options));
  dir.write("notes.txt", embedded_text(document));
  EXPECT_FALSE(read_embedded_document(dir / "plain.png"));
  EXPECT_EQ(read_embedded_document(dir / "figure.png"), document);
  EXPECT_FALSE(read_embedded_document(dir / "notes.txt"));
}

}  // namespace
}  // namespace tconv
