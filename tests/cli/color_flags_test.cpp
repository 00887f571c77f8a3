#include "cli/color_flags.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "export/color_flags.h"

namespace tconv {
namespace {

struct Line {
  CLI::App app;
  ColorFlags flags;

  explicit Line(std::vector<std::string> words) {
    flags.add(app);
    std::ranges::reverse(words);  // as CLI11 takes them
    app.parse(words);
  }
};

Presentation applied(const std::vector<std::string>& words) {
  const Line line(words);
  Document document;
  line.flags.apply(document);
  return document.presentation;
}

std::vector<std::string> lines_of(const std::vector<std::string>& words) {
  const Line line(words);
  Document document;
  try {
    line.flags.apply(document);
  } catch (const CliError& error) {
    EXPECT_EQ(error.code(), ExitCode::usage);
    EXPECT_EQ(document, Document{});
    return error.lines();
  }
  return {};
}

using Lines = std::vector<std::string>;

TEST(ColorFlags, SetThePresentation) {
  EXPECT_EQ(applied({}), Presentation{});
  const Presentation all = applied({"--color-map", "blue_orange", "--color-scale", "symlog", "--center", "off",
                                    "--percentile", "2:98.5", "--range=-1:2e3"});
  EXPECT_EQ(all.color_map, "blue_orange");
  EXPECT_EQ(
      all.colors,
      (ColorSettings{
          .scale = ScaleKind::symlog, .centring = Centring::off, .clamp = {2, 98.5}, .locked = ColorRange{-1, 2000}}));
  EXPECT_EQ(applied({"--range", "3:3"}).colors.locked, (ColorRange{3, 3}));
}

TEST(ColorFlags, AreWrittenAsTheyAreRead) {
  const Lines words{"--color-map", "magma",        "--color-scale", "log",     "--center",
                    "on",          "--percentile", "1:99",          "--range", "-0.1:1e+20"};
  EXPECT_EQ(written_flags(color_flags(), applied(words)), words);
  EXPECT_EQ(written_flags(color_flags(), Presentation{}), Lines{});
}

TEST(ColorFlags, EveryWrongOneIsNamed) {
  EXPECT_EQ(lines_of({"--color-map", "jet"}),
            (Lines{"--color-map: there is no colour map 'jet'; known: blue_orange, cividis, grey, magma, viridis"}));
  EXPECT_EQ(lines_of({"--color-scale", "Log", "--center", "yes"}),
            (Lines{"--color-scale: must be linear, log or symlog, found 'Log'",
                   "--center: must be on, off or auto, found 'yes'"}));
  EXPECT_EQ(lines_of({"--percentile", "98"}), (Lines{"--percentile: must be like 2:98, found '98'"}));
  EXPECT_EQ(lines_of({"--percentile", "98:2"}),
            (Lines{"--percentile: must begin with the lower percentile, found '98:2'"}));
  EXPECT_EQ(lines_of({"--percentile", "0:101"}),
            (Lines{"--percentile: must be two percentiles, 0 to 100, found '0:101'"}));
  EXPECT_EQ(lines_of({"--range", "2:1"}), (Lines{"--range: must begin with the lower number, found '2:1'"}));
  EXPECT_EQ(lines_of({"--range", "a:1"}), (Lines{"--range: must be a number, found 'a'"}));
  EXPECT_EQ(lines_of({"--range", "0:nan"}).size(), 1U);
  EXPECT_EQ(lines_of({"--range", "0:1e39"}).size(), 1U);
}

}  // namespace
}  // namespace tconv
