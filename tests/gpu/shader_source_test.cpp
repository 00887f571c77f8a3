// How the text of shaders is put together.

#include "gpu/shader_source.h"

#include <gtest/gtest.h>

#include "compute/backend.h"

namespace tconv {
namespace {

ShaderFiles files_of(std::map<std::string, std::string> files) {
  return [files = std::move(files)](std::string_view name) -> std::optional<std::string_view> {
    const auto found = files.find(std::string(name));
    if (found == files.end()) return std::nullopt;
    return found->second;
  };
}

std::string text_of(const std::string& text, const ShaderConstants& constants = {}) {
  return shader_source("a", constants, files_of({{"shaders/a.comp", text}})).text;
}

std::string source_refusal(const std::map<std::string, std::string>& files) {
  try {
    shader_source("a", {}, files_of(files));
  } catch (const BackendError& error) {
    return error.what();
  }
  return "none";
}

TEST(ShaderSource, ConstantsFollowTheVersion) {
  EXPECT_EQ(text_of("#version 430\nvoid main() {}\n", {{"N", 3}, {"A", -1}}),
            "#version 430\n#define A (-1)\n#define N 3\nvoid main() {}\n");
}

TEST(ShaderSource, IncludesOnceAndRemembersWhereLinesCameFrom) {
  const ShaderSource source =
      shader_source("a", {{"N", 1}},
                    files_of({{"shaders/a.comp", "#version 430\n#include \"b.glsl\"\n#include \"c.glsl\"\nlast"},
                              {"shaders/include/b.glsl", "in b\n"},
                              {"shaders/include/c.glsl", "#include \"b.glsl\"\nin c\n"}}));
  EXPECT_EQ(source.text, "#version 430\n#define N 1\nin b\nin c\nlast\n");
  EXPECT_EQ(source.origins, (std::vector<std::string>{"a.comp:1", "", "b.glsl:1", "c.glsl:2", "a.comp:4"}));
}

TEST(ShaderSource, UnrollsAndNests) {
  EXPECT_EQ(text_of("#unroll i 2\n  #unroll j N\nf(i, j);\n#end\n#end\n", {{"N", 1}}),
            "{ const int i = 0;\n{ const int j = 0;\nf(i, j);\n}\n}\n"
            "{ const int i = 1;\n{ const int j = 0;\nf(i, j);\n}\n}\n");
  EXPECT_EQ(text_of("#unroll i 0\nf(i);\n#end\nrest\n"), "rest\n");
}

TEST(ShaderSource, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(source_refusal({}), "the shader shaders/a.comp is missing");
  EXPECT_EQ(source_refusal({{"shaders/a.comp", "#include \"x.glsl\""}}),
            "the shader shaders/include/x.glsl is missing");
  EXPECT_EQ(source_refusal({{"shaders/a.comp", "\n#include <x.glsl>"}}), "the shader a.comp:2: not an #include");
  EXPECT_EQ(source_refusal({{"shaders/a.comp", "#unroll i 3"}}), "the shader a.comp:1: #unroll without #end");
  EXPECT_EQ(source_refusal({{"shaders/a.comp", "#end"}}), "the shader a.comp:1: #end without #unroll");
  EXPECT_EQ(source_refusal({{"shaders/a.comp", "#unroll i\n#end"}}),
            "the shader a.comp:1: #unroll needs a name and a count");
  EXPECT_EQ(source_refusal({{"shaders/a.comp", "#unroll i M\n#end"}}), "the shader a.comp:1: #unroll: no constant M");
}

TEST(ShaderSource, FindsTheLineThatACompilerMeans) {
  const ShaderSource source = shader_source(
      "a", {{"N", 1}},
      files_of({{"shaders/a.comp", "#version 430\n#include \"b.glsl\"\nx\n"}, {"shaders/include/b.glsl", "y\nz\n"}}));
  EXPECT_EQ(first_error("0:4(2): error: no z\n0:5(1): error: no x\n", source), "b.glsl:2: 0:4(2): error: no z");
  EXPECT_EQ(first_error("0(2) : warning C1: w\n0(5) : error C2: no x\n", source), "a.comp:3: 0(5) : error C2: no x");
  EXPECT_EQ(first_error("something\nelse\n", source), "something");
  EXPECT_EQ(first_error("0:99: error: far\n", source), "0:99: error: far");
  EXPECT_EQ(first_error("", source), "no reason given");
}

}  // namespace
}  // namespace tconv
