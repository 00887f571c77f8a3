// describe and render.

#include "cli_test_support.h"
#include "document/code_snippet.h"
#include "document/document_json.h"
#include "document/scenario_source.h"
#include "export/exporter.h"
#include "files/file_error.h"
#include "files/image.h"
#include "views/view.h"

namespace tconv::test {
namespace {

constexpr std::string_view illegal = R"({"format":"tconv-scenario","version":1,"layer":{"stride":0}})";
constexpr std::string_view wide_json = R"({"format":"tconv-scenario","version":1,"layer":{"dims":1,"input":5}})";

TEST(DescribeCommand, DescribesTheExampleByDefault) {
  const CliRun result = run({"describe"});
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.err, "");
  EXPECT_TRUE(result.out.starts_with("ConvTranspose2d K3 S1")) << result.out;
}

TEST(DescribeCommand, DescribesAFileAlsoOneOfAnIllegalLayer) {
  const TempDir dir;
  const CliRun legal = run({"describe", dir.write("wide.tconv.json", wide_json).string()});
  EXPECT_EQ(legal.code, 0);
  EXPECT_TRUE(legal.out.starts_with("ConvTranspose1d")) << legal.out;
  const CliRun result = run({"describe", dir.write("bad.tconv.json", illegal).string()});
  EXPECT_EQ(result.code, 0);
  EXPECT_TRUE(contains(result.out, "stride (axis 1): must be at least 1")) << result.out;
}

TEST(DescribeCommand, RefusesWhatIsNoScenario) {
  const TempDir dir;
  const std::string broken = dir.write("broken.tconv.json", "{").string();
  expect_refusal(run({"describe", broken}), 3, "tconv describe: ", {broken});
  expect_refusal(run({"describe", "no-such-scenario"}), 3, "tconv describe: ", {"no-such-scenario"});
  expect_refusal(run({"describe", (dir / "missing.tconv.json").string()}), 3, "tconv describe: ", {"missing"});
  expect_refusal(run({"describe", ""}), 3, "tconv describe: ", {""});
  expect_refusal(run({"describe", dir.path().string()}), 3, "tconv describe: ", {""});
}

TEST(ScenarioSource, EveryBuiltInOneLoadsAndIsDescribed) {
  for (const BuiltInScenario& scenario : built_in_scenarios()) {
    EXPECT_EQ(scenario.title.find('-'), std::string::npos);
    EXPECT_TRUE(validate(load_document(scenario.id).scenario).empty()) << scenario.id;
    EXPECT_EQ(run({"describe", scenario.id}).code, 0) << scenario.id;
  }
  EXPECT_THROW(load_document("./no-such-scenario"), FileError);
}

TEST(CodeCommand, WritesAScriptOfEachFramework) {
  const CliRun usual = run({"code"});
  EXPECT_EQ(usual.code, 0);
  EXPECT_EQ(usual.err, "");
  EXPECT_EQ(usual.out, frameworks().front().snippet(example_scenario()));
  for (const Framework& framework : frameworks()) {
    const CliRun result = run({"code", "--framework", std::string(framework.id), "unet-up"});
    EXPECT_EQ(result.code, 0) << result.err;
    EXPECT_EQ(result.out, framework.snippet(load_document("unet-up").scenario));
  }
}

TEST(CodeCommand, RefusesUnknownFrameworksAndIllegalLayers) {
  const TempDir dir;
  expect_refusal(run({"code", "--framework", "caffe"}), 2,
                 "tconv code: ", {"no framework 'caffe'; known: pytorch, keras, jax, onnx"});
  expect_refusal(run({"code", dir.write("bad.tconv.json", illegal).string()}), 2,
                 "tconv code: ", {"stride (axis 0): must be at least 1", "stride (axis 1): must be at least 1"});
  expect_refusal(run({"code", "no-such-scenario"}), 3, "tconv code: ", {"no-such-scenario"});
}

class RenderCommand : public testing::Test {
 protected:
  TempDir dir;
  std::string picture = (dir / "f.png").string();

  CliRun render(const std::vector<std::string>& more) const {
    std::vector<std::string> words{"render", "--output", picture, "--width", "400"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
};

TEST_F(RenderCommand, ListsTheViews) {
  const CliRun result = run({"render", "--list"});
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(result.err, "");
  const auto lines = lines_of(result.out);
  ASSERT_EQ(lines.size(), all_views().size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    EXPECT_EQ(lines[i], std::string(all_views()[i].id) + "\t" + std::string(all_views()[i].label));
  }
}

TEST_F(RenderCommand, DrawsEveryView) {
  for (const View& view : all_views()) {
    for (const char* theme : {"dark", "light"}) {
      const CliRun result = render({"--view", std::string(view.id), "--theme", theme, "--height", "700"});
      EXPECT_EQ(result.code, 0) << result.err;
      EXPECT_EQ(result.out + result.err, "");
      const Shape shape = read_image(picture).shape();
      EXPECT_EQ(shape[3], 400);
      EXPECT_GE(shape[2], 700);
    }
  }
}

TEST_F(RenderCommand, ScaleMultipliesPixels) {
  ASSERT_EQ(render({"--view", "paint", "--height", "900"}).code, 0);
  const Shape plain = read_image(picture).shape();
  ASSERT_EQ(render({"--view", "paint", "--height", "900", "--scale", "2"}).code, 0);
  const Shape doubled = read_image(picture).shape();
  EXPECT_EQ(doubled[2], plain[2] * 2);
  EXPECT_EQ(doubled[3], 800);
}

TEST_F(RenderCommand, TheLastStepIsTheUsualOne) {
  ASSERT_EQ(render({"--view", "paint"}).code, 0);
  const std::string usual = file_bytes(picture);
  ASSERT_EQ(render({"--view", "paint", "--step", "4"}).code, 0);
  EXPECT_EQ(file_bytes(picture), usual);
  ASSERT_EQ(render({"--view", "paint", "--step", "0"}).code, 0);
  EXPECT_NE(file_bytes(picture), usual);
}

TEST_F(RenderCommand, StepsBeyondTheScenarioAreRefused) {
  expect_refusal(render({"--view", "paint", "--step", "5"}), 2,
                 "tconv render: ", {"--step: must be 0 to 4, found 5; nearest legal value: 4"});
  expect_refusal(render({"--view", "paint", "--step", "-1"}), 2, "tconv render: ", {"found -1"});
  expect_refusal(render({"--view", "paint", "--step", "x"}), 2,
                 "tconv render: ", {"--step: must be a whole number, found 'x'"});
  EXPECT_EQ(dir.entries(), 0);
}

TEST_F(RenderCommand, AnIllegalLayerIsDrawnAsOne) {
  const std::string scenario = dir.write("bad.tconv.json", illegal).string();
  for (const View& view : all_views()) {
    EXPECT_EQ(render({"--view", std::string(view.id), scenario}).code, 0) << view.id;
    EXPECT_GT(read_image(picture).size(), 0);
  }
}

TEST_F(RenderCommand, EveryExporterIsChosenByItsExtension) {
  for (const Exporter& exporter : listed_exporters()) {
    const std::string file = (dir / ("f" + std::string(exporter.extension))).string();
    EXPECT_EQ(run({"render", "--view", "paint", "--output", file}).code, 0) << exporter.id;
    EXPECT_FALSE(file_bytes(file).empty());
  }
  EXPECT_EQ(run({"render", "--view", "paint", "--output", (dir / "F.PNG").string()}).code, 0);
}

TEST_F(RenderCommand, NamesEveryWrongFlag) {
  expect_refusal(run({"render"}), 2, "tconv render: ", {"--view is required", "--output is required"});
  expect_refusal(
      run({"render", "--view", "pant", "--output", "f.gif", "--theme", "blue", "--width", "nan", "--height", "0",
           "--scale", "-1"}),
      2, "tconv render: ",
      {"'f.gif'; known: .pdf, .png, .svg", "--width", "--height", "known: dark, light", "--scale", "no view 'pant'"});
  expect_refusal(render({"--view", "pant"}), 2, "tconv render: ", {"paint"});
  expect_refusal(run({"render", "--view", "paint", "--output", "-"}), 2,
                 "tconv render: ", {"'-'; known: .pdf, .png, .svg"});
  expect_refusal(run({"render", "--view", "paint", "--output", picture, "--width", "abc"}), 2,
                 "tconv render: ", {"--width"});
}

TEST_F(RenderCommand, OptionsAreThoseOfTheView) {
  const std::string gif = (dir / "f.gif").string();
  const std::string csv = (dir / "f.csv").string();
  const auto refuse = [&](const std::string& view, const Words& options, const Words& lines) {
    for (Words words : {Words{"render", "--output", picture}, Words{"animate", "--output", gif},
                        Words{"data", "--output", csv}, Words{"data", "--list"}}) {
      const std::string prefix = "tconv " + words[0] + ": --option: ";
      words.insert(words.end(), {"--view", view});
      for (const std::string& option : options) words.insert(words.end(), {"--option", option});
      expect_refusal(run(words), 2, prefix, lines);
    }
  };
  refuse("large-maps", {"nonsense=3"},
         {"there is no option 'nonsense'; the view large-maps has large/side, large/way"});
  refuse("large-maps", {"large/way=tpu", "large/side=777"},
         {"large/side: must be 0, 1024, ", "large/way: must be cpu, gpu or both, found 'tpu'"});
  refuse("large-maps", {"large/way"}, {"large/way: must be large/way=VALUE"});
  refuse("paint", {"large/way=cpu"}, {"'large/way' is an option of the view large-maps; the view paint has none"});
  EXPECT_EQ(dir.entries(), 0);
  EXPECT_EQ(render({"--view", "matrix", "--option", "matrix/up-down"}).code, 0);
  EXPECT_EQ(render({"--view", "overlap", "--option", "overlap/sum=kernel"}).code, 0);
}

TEST_F(RenderCommand, AFailureLeavesTheOutputAsItWas) {
  dir.write("f.png", "precious");
  EXPECT_EQ(render({"--view", "paint", "no-such-scenario"}).code, 3);
  EXPECT_EQ(render({"--view", "paint", "--step", "99"}).code, 2);
  EXPECT_EQ(render({"--view", "paint", "--height", "20000", "--scale", "16"}).code, 1);
  EXPECT_EQ(file_bytes(picture), "precious");
  const CliRun result = run({"render", "--view", "paint", "--output", (dir / "no" / "f.png").string()});
  expect_refusal(result, 1, "tconv render: ", {"cannot be written"});
  EXPECT_EQ(dir.entries(), 1);
}

}  // namespace
}  // namespace tconv::test
