#include "document/color_settings.h"

#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <limits>
#include <random>

#include "document/document_json.h"
#include "support/random_layers.h"

namespace tconv {
namespace {

Document read(const std::string& presentation) {
  return parse_document(R"({"format": "tconv-scenario", "version": 1, "presentation": {)" + presentation + "}}", "x");
}

std::string settings_error(const std::string& presentation) {
  try {
    read(presentation);
  } catch (const FileError& error) {
    return error.what();
  }
  return "no error";
}

TEST(ColorSettings, NamesAreFoundAgain) {
  for (const ScaleKind kind : {ScaleKind::linear, ScaleKind::log, ScaleKind::symlog}) {
    EXPECT_EQ(find_scale_kind(name_of(kind)), kind);
  }
  for (const Centring centring : {Centring::automatic, Centring::on, Centring::off}) {
    EXPECT_EQ(find_centring(name_of(centring)), centring);
  }
  EXPECT_FALSE(find_scale_kind("Log"));
  EXPECT_FALSE(find_centring(""));
}

TEST(ColorSettings, UsualOnesAreNotWritten) {
  const std::string json = to_json({});
  EXPECT_EQ(json.find("color_scale"), std::string::npos);
  EXPECT_EQ(json.find("color_center"), std::string::npos);
  EXPECT_EQ(json.find("color_clamp"), std::string::npos);
  EXPECT_EQ(json.find("color_range"), std::string::npos);
  EXPECT_NE(json.find(R"("presentation": {"color_map":"viridis","show_hits":false})"), std::string::npos) << json;
}

TEST(ColorSettings, ComeBackFromAFile) {
  const auto seed = test::test_seed();
  std::cout << "seed " << seed << " (TCONV_TEST_SEED)\n";
  std::mt19937 bits(seed);
  for (int turn = 0; turn < 200; ++turn) {
    Document document;
    ColorSettings& colors = document.presentation.colors;
    colors.scale = static_cast<ScaleKind>(bits() % 3);
    colors.centring = static_cast<Centring>(bits() % 3);
    if (bits() % 2 == 0)
      colors.clamp = {static_cast<double>(bits() % 1000) / 30, 100 - static_cast<double>(bits() % 50) / 7};
    if (bits() % 2 == 0) {
      const double low = std::ldexp(static_cast<double>(bits()), static_cast<int>(bits() % 120) - 90);
      colors.locked = ColorRange{bits() % 2 == 0 ? low : -low, low * 1.5};
    }
    ASSERT_EQ(parse_document(to_json(document), "x"), document) << turn << "\n" << to_json(document);
  }
}

TEST(ColorSettings, AreReadByName) {
  const ColorSettings colors =
      read(R"("color_scale": "symlog", "color_center": "off", "color_clamp": [1, 99.5], "color_range": [-1, 2e3])")
          .presentation.colors;
  EXPECT_EQ(
      colors,
      (ColorSettings{
          .scale = ScaleKind::symlog, .centring = Centring::off, .clamp = {1, 99.5}, .locked = ColorRange{-1, 2000}}));
  EXPECT_EQ(read(R"("color_map": "magma")").presentation.color_map, "magma");
  EXPECT_EQ(read("").presentation.colors, ColorSettings{});
  EXPECT_EQ(read(R"("color_range": [3, 3])").presentation.colors.locked, (ColorRange{3, 3})) << "of constant data";
}

TEST(ColorSettings, BadOnesAreNamed) {
  EXPECT_EQ(settings_error(R"("color_scale": "cubic")"),
            R"(x: "presentation.color_scale" must be "linear", "log" or "symlog", found '"cubic"')");
  EXPECT_EQ(settings_error(R"("color_scale": 3)"),
            R"(x: "presentation.color_scale" must be text in quotes, found '3')");
  EXPECT_EQ(settings_error(R"("color_center": true)"),
            R"(x: "presentation.color_center" must be text in quotes, found 'true')");
  EXPECT_EQ(settings_error(R"("color_center": "left")"),
            R"(x: "presentation.color_center" must be "auto", "on" or "off", found '"left"')");
  EXPECT_EQ(settings_error(R"("color_clamp": [98, 2])"),
            R"(x: "presentation.color_clamp" must begin with the lower percentile, found '[98,2]')");
  EXPECT_EQ(settings_error(R"("color_clamp": [-1, 2])"),
            R"(x: "presentation.color_clamp" must be two percentiles, 0 to 100, found '[-1,2]')");
  EXPECT_EQ(settings_error(R"("color_clamp": [50, 50])"),
            R"(x: "presentation.color_clamp" must begin with the lower percentile, found '[50,50]')");
  EXPECT_EQ(settings_error(R"("color_clamp": 2)"),
            R"(x: "presentation.color_clamp" must be a list of two numbers, found '2')");
  EXPECT_EQ(settings_error(R"("color_range": [1])"),
            R"(x: "presentation.color_range" must be a list of two numbers, found '[1]')");
  EXPECT_EQ(settings_error(R"("color_range": [1, "2"])"),
            R"(x: "presentation.color_range[1]" must be a number, found '"2"')");
  EXPECT_EQ(settings_error(R"("color_range": [2, 1])"),
            R"(x: "presentation.color_range" must begin with the lower number, found '[2,1]')");
  EXPECT_EQ(settings_error(R"("color_range": [0, 1e39])"),
            R"(x: "presentation.color_range" must be two finite numbers up to 3.4e38, found '[0,1e+39]')");
  const double infinite = std::numeric_limits<double>::infinity();
  EXPECT_NE(problem_of(ColorRange{0, infinite}), "");
  EXPECT_NE(problem_of(ColorRange{std::nan(""), 1}), "");
  EXPECT_NE(problem_of(PercentileClamp{std::nan(""), 1}), "");
}

}  // namespace
}  // namespace tconv
