// A few pictures as files hold them, against the ones in this folder: what no rule says in words. After a wanted
// change, `tests/golden/update.sh` makes them anew; look at the difference before committing it.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <span>

#include "export/exporter.h"
#include "files/image.h"
#include "support/own_places.h"
#include "views/view.h"

namespace tconv {

Exporter png_exporter();

namespace {

struct Golden {
  std::string file;
  std::string view;
  std::int64_t step;
  const Theme& theme;
  Tag hover = {};
  std::int64_t stride = 1;
};

void PrintTo(const Golden& golden, std::ostream* out) { *out << golden.file; }

std::vector<Golden> goldens() {
  std::vector<Golden> list;
  for (const Theme* theme : {&dark_theme(), &light_theme()}) {
    const std::string end = "_" + std::string(theme->id) + ".png";
    list.push_back({"paint_step_3" + end, "paint", 3, *theme});
    list.push_back({"paint_end" + end, "paint", 4, *theme});
    list.push_back({"size" + end, "size", 4, *theme});
    // A cell under the cursor, and with it what each way lights up.
    const Tag centre = OutputCell{{.batch = 0, .channel = 0, .at = {0, 2, 2}}};
    for (const std::string view : {"insert-zeros", "matrix", "phases", "linked", "gradients", "overlap"}) {
      std::string file = view + end;
      std::ranges::replace(file, '-', '_');
      list.push_back({file, view, 4, *theme, centre});
    }
    for (const std::string view : {"spectrum", "pixel-shuffle", "compare", "decoder-stack", "large-maps"}) {
      std::string file = view + end;
      std::ranges::replace(file, '-', '_');
      list.push_back({file, view, 4, *theme, {}, 2});
    }
  }
  return list;
}

std::string png_of(const Golden& golden) {
  static const TextMetrics text;
  Document document;
  for (AxisSpec& axis : document.scenario.layer.spatial()) axis.stride = golden.stride;
  Interaction interaction;
  interaction.step = golden.step;
  interaction.hover = golden.hover;
  const View& view = *find_view(golden.view);
  interaction.own_step = step_count(view, document.scenario);
  Needs needs = view.needs(interaction);
  needs.ways = true;
  const Results results = compute_results(document.scenario, interaction.step, needs);
  const Figure figure = picture(view, {.document = document,
                                       .results = results,
                                       .interaction = clamped(interaction, document.scenario),
                                       .size = {720, 600},
                                       .theme = golden.theme,
                                       .text = text,
                                       .interactive = false});
  return png_exporter().write(figure, text, {});
}

Tensor decoded(const std::string& png, const std::string& name) {
  return parse_image(std::as_bytes(std::span(png)), name);
}

std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The part of the pixels that differ clearly. FreeType's versions round the edges of letters differently, so a few
/// may.
double difference(const Tensor& a, const Tensor& b) {
  constexpr float clearly = 24.0F / 255;
  const std::int64_t pixels = a.shape()[2] * a.shape()[3];
  std::int64_t different = 0;
  for (std::int64_t i = 0; i < pixels; ++i) {
    bool far = false;
    for (std::int64_t c = 0; c < a.shape()[1]; ++c) {
      far = far || std::abs(a[c * pixels + i] - b[c * pixels + i]) > clearly;
    }
    different += far;
  }
  return static_cast<double>(different) / static_cast<double>(pixels);
}

class GoldenPictures : public testing::TestWithParam<Golden> {};

TEST_P(GoldenPictures, LookAsBefore) {
  const std::filesystem::path kept = test::sources() / "golden" / GetParam().file;
  const std::string now = png_of(GetParam());
  const char* update = std::getenv("TCONV_UPDATE_GOLDEN");
  if (update != nullptr && *update != '\0') {
    std::ofstream(kept, std::ios::binary) << now;
    GTEST_SKIP() << "written: " << kept;
  }
  const std::filesystem::path made = test::built_tests() / "golden" / GetParam().file;
  const auto fail = [&](const std::string& why) {
    std::filesystem::create_directories(made.parent_path());
    std::ofstream(made, std::ios::binary) << now;
    ADD_FAILURE() << why << "\nnow:    " << made.string() << "\nbefore: " << kept.string()
                  << "\nif the new one is right: tests/golden/update.sh";
  };
  const std::string before = bytes_of(kept);
  if (before.empty()) return fail("there is no such picture yet");
  const Tensor a = decoded(before, kept.string());
  const Tensor b = decoded(now, made.string());
  if (!(a.shape() == b.shape())) return fail("was " + a.shape().text() + ", is " + b.shape().text());
  const double part = difference(a, b);
  if (part > 0.02) fail(std::to_string(part * 100) + " % of the pixels differ");
}

INSTANTIATE_TEST_SUITE_P(Views, GoldenPictures, testing::ValuesIn(goldens()),
                         [](const auto& test) { return test.param.file.substr(0, test.param.file.find('.')); });

TEST(PictureDifference, IsSeen) {
  const Golden end{"", "paint", 4, dark_theme()};
  const Golden start{"", "paint", 0, dark_theme()};
  const Tensor a = decoded(png_of(end), "end");
  EXPECT_EQ(difference(a, a), 0);
  EXPECT_GT(difference(a, decoded(png_of(start), "start")), 0.02);
}

}  // namespace
}  // namespace tconv
