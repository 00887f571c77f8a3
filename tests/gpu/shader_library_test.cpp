// Every file of shaders/ is embedded and compiles.

#include "gpu/shader_library.h"

#include <filesystem>
#include <set>

#include "compute/backend.h"
#include "gpu/conv_geometry.h"
#include "gpu_support.h"
#include "support/own_places.h"

namespace tconv {
namespace {

ShaderConstants with(ShaderConstants constants, const ShaderConstants& more) {
  constants.insert(more.begin(), more.end());
  return constants;
}

/// Constants as the programs use them, by shader. A new shader needs an entry.
std::multimap<std::string, ShaderConstants> typical() {
  LayerSpec layer;
  layer.axes[0] = {.input = 5, .kernel = 3, .stride = 2, .padding_begin = 1};
  layer.axes[1] = {.input = 5, .kernel = 2, .stride = 3, .dilation = 2};
  const ShaderConstants geometry = ConvGeometry(layer).constants();
  const ShaderConstants direct = {{"CHANNELS", 2},       {"ROWS", 2},    {"PHASES", 12}, {"COLUMNS", 2},
                                  {"LEAST_X", -1},       {"IN_ROWS", 3}, {"LEAST_Y", 0}, {"LOCAL_X", 8},
                                  {"WEIGHT_VECTORS", 8}, {"LOCAL_Y", 8}};
  return {
      {"copy", {{"LOCAL_X", 64}}},
      {"map_means", {}},
      {"value_bins", {{"BINS", 4096}}},
      {"conv_general", with(geometry, {{"CHANNELS", 3}, {"LOCAL_X", 8}, {"LOCAL_Y", 4}, {"LOCAL_Z", 2}})},
      {"conv_direct",
       with(with(geometry, direct), {{"VECTOR", 1}, {"STORES", 3}, {"WEIGHTS_UNIFORM", 1}, {"VARIANTS", 1}})},
      {"conv_direct",
       with(with(geometry, direct), {{"VECTOR", 1}, {"STORES", 3}, {"WEIGHTS_UNIFORM", 0}, {"VARIANTS", 2}})},
      {"conv_tiled",
       {{"THREADS", 128},
        {"TILE_CHANNELS", 64},
        {"TILE_CELLS", 64},
        {"DEPTH", 16},
        {"OWN_CHANNELS", 8},
        {"OWN_CELLS", 4},
        {"OWN_VECTORS", 2},
        {"SUM_VECTORS", 8},
        {"ROWS_READ", 8},
        {"VECTORS_READ", 2}}},
      {"conv_join", {{"LOCAL_X", 64}}},
      {"color_map", {{"KIND", 0}}},
      {"color_map", {{"KIND", 1}}},
      {"color_map", {{"KIND", 2}}},
      {"value_range", {}},
      {"coverage", {}},
      {"pixel_shuffle", {{"INVERSE", 0}, {"DCR", 0}}},
      {"pixel_shuffle", {{"INVERSE", 0}, {"DCR", 1}}},
      {"pixel_shuffle", {{"INVERSE", 1}, {"DCR", 0}}},
      {"pixel_shuffle", {{"INVERSE", 1}, {"DCR", 1}}},
      {"resize", {}},
      {"spectrum_lines", {{"THREADS", 64}, {"MOST", 128}, {"RADIX2", 0}}},
      {"spectrum_lines", {{"THREADS", 64}, {"MOST", 128}, {"RADIX2", 1}}},
      {"spectrum_levels", {{"LEVELS", 0}}},
      {"spectrum_levels", {{"LEVELS", 1}}},
  };
}

class ShaderLibraryTest : public test::WithDevice {};

TEST_F(ShaderLibraryTest, EveryFileCompiles) {
  const auto constants = typical();
  std::set<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(test::sources().parent_path() / "shaders")) {
    if (entry.path().extension() == ".comp") files.insert(entry.path().stem().string());
  }
  const auto names = shader_names();
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()), files) << "what is embedded is not what is there";
  for (const std::string& name : names) {
    EXPECT_TRUE(constants.contains(name)) << name << " has no constants in this test";
  }
  for (const auto& [name, values] : constants) EXPECT_NO_THROW(device().shaders().program(name, values)) << name;
}

TEST_F(ShaderLibraryTest, KeepsWhatItCompiled) {
  ShaderLibrary library;
  const auto first = library.program("copy", {{"LOCAL_X", 32}});
  EXPECT_EQ(library.program("copy", {{"LOCAL_X", 32}}), first);
  EXPECT_NE(library.program("copy", {{"LOCAL_X", 64}}), first);
  EXPECT_EQ(library.compiled(), 2U);
}

TEST_F(ShaderLibraryTest, SaysWhatDoesNotCompile) {
  try {
    device().shaders().program("copy", {});
    FAIL() << "compiled without its constant";
  } catch (const BackendError& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with("the shader copy does not compile: copy.comp:4: "))
        << error.what();
  }
  EXPECT_THROW(device().shaders().program("nonsense", {}), BackendError);
}

}  // namespace
}  // namespace tconv
