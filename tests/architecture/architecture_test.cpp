// Reads every #include of src/ and holds it against the plan in the README: data flows one way, and the parts that
// need a window or OpenGL are few and known. The build keeps most of it (see src/CMakeLists.txt); headers that lie
// where every compiler looks, such as <epoxy/gl.h> or <fstream>, only this test can keep out.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "support/own_places.h"

namespace {

constexpr int max_lines = 1000;

// Folder -> the other folders of src/ whose headers it may include.
const std::map<std::string, std::set<std::string>>& may_include() {
  static const std::map<std::string, std::set<std::string>> table = {
      {"core", {}},
      {"kernels", {"core"}},
      {"files", {"core"}},
      {"document", {"core", "files"}},
      {"compute", {"core", "kernels", "files", "document"}},
      {"figure", {"core", "files", "document"}},
      {"gpu", {"core", "files", "compute", "figure"}},
      {"views", {"core", "files", "document", "compute", "figure"}},
      {"export", {"core", "files", "document", "compute", "figure", "views"}},
      {"cli", {"core", "files", "document", "compute", "figure", "views", "export"}},
      {"ui", {"core", "files", "document", "compute", "figure", "views", "export"}},
      {"app", {"core", "files", "document", "kernels", "compute", "gpu", "figure", "views", "export", "cli", "ui"}},
  };
  return table;
}

// A family of outside headers that only some files may see.
struct Restriction {
  std::string headers;  // regular expression, matched from the start of the included name
  std::string files;    // regular expression of the files that may include them, relative to src/
  std::string reason;
};

const std::vector<Restriction>& restrictions() {
  static const std::vector<Restriction> list = {
      {"(iostream|fstream|filesystem|cstdio|stdio\\.h|thread|future|chrono|ctime)$", "(?!core/).*",
       "core is mathematics on values: no input, output, threads or clock"},
      {"(epoxy|GL|GLES\\d?|EGL|KHR)/", "(ui/figure_painter[^/]*|gpu/.*|app/.*)",
       "OpenGL stays in ui/figure_painter*, gpu and app"},
      {"(backends/|imgui/)?(imgui|imconfig|imstb_)", "(ui|app)/.*", "Dear ImGui stays in ui and app"},
      {"GLFW/", "app/.*", "only app opens a window"},
  };
  return list;
}

std::string first_folder(const std::string& path) {
  const auto slash = path.find('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

// What is wrong with one file, one line each, naming the file. `path` is relative to src/, with '/'.
std::vector<std::string> violations(const std::string& path, const std::string& text) {
  static const std::regex include_line(R"re(^\s*#\s*include\s*["<]([^">]+)[">])re");
  std::vector<std::string> found;
  const auto folder = first_folder(path);
  const auto allowed = may_include().find(folder);
  if (allowed == may_include().end()) {
    found.push_back(path + ": the folder '" + folder + "' has no place in the chain; give it one in this test");
    return found;
  }

  std::istringstream lines(text);
  std::string line;
  int number = 0;
  while (std::getline(lines, line)) {
    ++number;
    std::smatch match;
    if (!std::regex_search(line, match, include_line)) continue;
    const std::string header = match[1];
    const auto at = path + ":" + std::to_string(number) + ": includes " + header + ": ";
    const auto target = first_folder(header);
    if (header.find("..") != std::string::npos) found.push_back(at + "name headers from src/, without '..'");
    if (may_include().contains(target) && target != folder && !allowed->second.contains(target)) {
      found.push_back(at + folder + " may not see " + target);
    }
    for (const auto& restriction : restrictions()) {
      if (std::regex_search(header, std::regex("^" + restriction.headers)) &&
          !std::regex_match(path, std::regex(restriction.files))) {
        found.push_back(at + restriction.reason);
      }
    }
  }
  if (number > max_lines) {
    found.push_back(path + ": " + std::to_string(number) + " lines, more than " + std::to_string(max_lines) +
                    ": split it");
  }
  return found;
}

TEST(Architecture, SourcesKeepToTheChain) {
  const auto root = tconv::test::sources().parent_path() / "src";
  int files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
    const auto extension = entry.path().extension();
    if (!entry.is_regular_file() || (extension != ".h" && extension != ".cpp")) continue;
    ++files;
    std::ifstream stream(entry.path(), std::ios::binary);
    std::ostringstream text;
    text << stream.rdbuf();
    ASSERT_TRUE(stream.good()) << "cannot read " << entry.path();
    const auto path = entry.path().lexically_relative(root).generic_string();
    for (const auto& violation : violations(path, text.str())) ADD_FAILURE() << violation;
  }
  EXPECT_GT(files, 0) << "no sources below " << root;
}

// The checker itself: a test that cannot fail guards nothing.

struct Example {
  std::string path;
  std::string line;
  bool legal;
};

TEST(Architecture, CheckerTellsGoodIncludesFromBad) {
  const std::vector<Example> examples = {
      {"views/paint_view.cpp", "#include \"core/tensor.h\"", true},
      {"views/paint_view.cpp", "#include \"views/view.h\"", true},
      {"views/paint_view.cpp", "#include \"export/exporter.h\"", false},
      {"views/paint_view.cpp", "#include <imgui.h>", false},
      {"views/paint_view.cpp", "#include <epoxy/gl.h>", false},
      {"views/paint_view.cpp", "  #  include <core/tensor.h>", true},
      {"views/paint_view.cpp", "  #  include <ui/window.h>", false},
      {"views/paint_view.cpp", "// #include \"ui/window.h\"", true},
      {"core/tensor.h", "#include <vector>", true},
      {"core/tensor.h", "#include \"core/../ui/window.h\"", false},
      {"core/tensor.h", "#include \"files/npy.h\"", false},
      {"core/tensor.cpp", "#include <iostream>", false},
      {"core/tensor.cpp", "#include <chrono>", false},
      {"core/tensor.cpp", "#include <Eigen/Core>", true},
      {"files/npy.cpp", "#include <fstream>", true},
      {"files/npy.cpp", "#include \"document/document.h\"", false},
      {"figure/layout.cpp", "#include \"files/color_map.h\"", true},
      {"figure/layout.cpp", "#include \"compute/result_store.h\"", false},
      {"gpu/gl_backend.cpp", "#include \"compute/backend.h\"", true},
      {"gpu/gl_backend.cpp", "#include \"document/document.h\"", false},
      {"gpu/gl_backend.cpp", "#include <epoxy/egl.h>", true},
      {"compute/backend.cpp", "#include \"gpu/gl_backend.h\"", false},
      {"ui/panels.cpp", "#include \"gpu/gl_backend.h\"", false},
      {"ui/panels.cpp", "#include <epoxy/gl.h>", false},
      {"ui/panels.cpp", "#include <imgui_stdlib.h>", true},
      {"ui/figure_painter.cpp", "#include <epoxy/gl.h>", true},
      {"ui/figure_painter.cpp", "#include <GLFW/glfw3.h>", false},
      {"cli/cli.cpp", "#include \"ui/panels.h\"", false},
      {"cli/cli.cpp", "#include \"export/exporter.h\"", true},
      {"ui/panels.cpp", "#include \"cli/cli.h\"", false},
      {"export/svg_exporter.cpp", "#include \"app/screenshot.h\"", false},
      {"app/window.cpp", "#include \"gpu/gl_backend.h\"", true},
      {"app/window.cpp", "#include <GLFW/glfw3.h>", true},
      {"plugins/plugin.cpp", "#include <vector>", false},
  };
  for (const auto& example : examples) {
    const auto found = violations(example.path, "#pragma once\n" + example.line + "\n");
    EXPECT_EQ(found.empty(), example.legal) << example.path << ": " << example.line;
  }
}

TEST(Architecture, CheckerCountsLines) {
  std::string text;
  for (int i = 0; i < max_lines; ++i) text += "\n";
  EXPECT_TRUE(violations("core/tensor.cpp", text).empty());
  const auto found = violations("core/tensor.cpp", text + "\n");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_NE(found[0].find("core/tensor.cpp"), std::string::npos);
}

}  // namespace
