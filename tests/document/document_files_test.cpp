// Scenario files on the disk: what was written comes back, large arrays lie beside, failures harm nothing, and no bytes
// whatever make reading crash.

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <random>
#include <set>

#include "document/document_file.h"
#include "document/document_json.h"
#include "files/npy.h"
#include "support/random_layers.h"
#include "support/temp_dir.h"

namespace tconv::test {
namespace {

namespace fs = std::filesystem;

/// `count` numbers that `start` tells from others.
Tensor numbers(const Shape& shape, float start) {
  std::vector<float> values;
  for (std::int64_t i = 0; i < shape.elements(); ++i) values.push_back(start + 0.1F * static_cast<float>(i));
  return Tensor(shape, values);
}

/// All four arrays are large.
Document large_document(float start = 0) {
  Document document;
  Scenario& scenario = document.scenario;
  scenario.layer.axes.fill({.input = 40, .kernel = 40});
  scenario.layer.axes[2] = example_scenario().layer.axes[2];
  scenario.layer.bias = true;
  scenario.input = custom_pattern(numbers(Shape{1, 1, 40, 40}, start + 1));
  scenario.kernel = custom_pattern(numbers(Shape{1, 1, 40, 40}, start + 2));
  scenario.bias = custom_pattern(numbers(Shape{1, 1, 1025}, start + 3));
  scenario.grad_output = custom_pattern(numbers(Shape{1, 1, 1, 1025}, start + 4));
  return document;
}

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename().string());
  return names;
}

/// The one line that `act` throws; "" and a failure if it throws none.
template <typename Act>
std::string error_while(const Act& act) {
  try {
    act();
  } catch (const FileError& error) {
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "nothing was thrown";
  return "";
}

void expect_in(const std::string& text, std::initializer_list<std::string> parts) {
  for (const std::string& part : parts) EXPECT_NE(text.find(part), std::string::npos) << part << " in: " << text;
}

std::string scenario_text(const std::string& kernel) {
  return R"({"format": "tconv-scenario", "version": 1, "kernel": )" + kernel + "}";
}

TEST(DocumentFiles, SmallArraysStandInTheText) {
  const TempDir dir;
  Document document = large_document();
  document.scenario.input = custom_pattern(numbers(Shape{1, 1, 32, 32}, 0));  // 1024
  document.scenario.kernel = custom_pattern(Tensor(
      Shape{1, 1, 3}, {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity(), -0.1F}));
  document.scenario.bias = {};
  document.scenario.grad_output = {};
  const std::uint64_t fingerprint = write_document(document, dir / "a.tconv.json");
  EXPECT_EQ(names_in(dir.path()), std::set<std::string>{"a.tconv.json"});
  const StoredDocument read = read_stored_document(dir / "a.tconv.json");
  EXPECT_EQ(read.document, document);
  EXPECT_EQ(read.fingerprint, fingerprint);
  EXPECT_EQ(fingerprint_of(dir / "a.tconv.json"), fingerprint);
  EXPECT_EQ(file_bytes(dir / "a.tconv.json"), to_json(document));
}

TEST(DocumentFiles, LargeArraysLieBesideAndComeBack) {
  const TempDir dir;
  const Document document = large_document();
  write_document(document, dir / "a.tconv.json");
  EXPECT_EQ(read_document(dir / "a.tconv.json"), document);
  const std::set<std::string> names = names_in(dir.path());
  ASSERT_EQ(names.size(), 5U);
  for (const char* role : {"input", "kernel", "bias", "grad_output"}) {
    const std::string start = std::string("a.") + role + ".";
    const auto name = std::ranges::find_if(names, [&](const std::string& each) { return each.starts_with(start); });
    ASSERT_NE(name, names.end()) << role;
    EXPECT_EQ(name->size(), start.size() + 8 + 4) << *name;
    expect_in(file_bytes(dir / "a.tconv.json"), {"\"file\":\"" + *name + "\""});
  }
  EXPECT_LT(file_bytes(dir / "a.tconv.json").size(), 1500U);
  // The same again: the same names, nothing new.
  write_document(document, dir / "a.tconv.json");
  EXPECT_EQ(names_in(dir.path()), names);
  // The folder can move.
  fs::create_directory(dir / "moved");
  for (const std::string& name : names) fs::rename(dir / name, dir / "moved" / name);
  EXPECT_EQ(read_document(dir / "moved/a.tconv.json"), document);
}

TEST(DocumentFiles, RandomDocumentsComeBack) {
  std::cout << "seed " << test_seed() << " (TCONV_TEST_SEED)\n";
  const TempDir dir;
  RandomLayers random(test_seed());
  for (int i = 0; i < 60; ++i) {
    Document document;
    document.scenario.layer = random.layer();
    for (auto axis = static_cast<std::size_t>(document.scenario.layer.dims); axis < 3; ++axis) {
      document.scenario.layer.axes[axis] = example_scenario().layer.axes[axis];  // not in the file
    }
    document.scenario.input = custom_pattern(random.floats(Shape{1, 2, 1 + i, 20 + i}));
    document.scenario.kernel = {.id = "random", .seed = static_cast<std::uint32_t>(i), .values = {}};
    document.scenario.bias.id = "counting";
    write_document(document, dir / "a.tconv.json");
    ASSERT_EQ(read_document(dir / "a.tconv.json"), document) << to_json(document);
  }
  EXPECT_LE(dir.entries(), 2) << "arrays of earlier versions stay";
}

TEST(DocumentFiles, AnOlderVersionsArraysGoAndNothingElse) {
  const TempDir dir;
  write_document(large_document(1), dir / "a.tconv.json");
  const std::set<std::string> first = names_in(dir.path());
  dir.write("a.kernel.npy", "mine");
  dir.write("a.kernel.0123456g.npy", "mine");
  dir.write("ab.kernel.01234567.npy", "mine");
  dir.write("a.kernel.01234567.npy", "not named by the scenario");
  write_document(large_document(2), dir / "a.tconv.json");
  EXPECT_EQ(read_document(dir / "a.tconv.json"), large_document(2));
  EXPECT_EQ(dir.entries(), 5 + 4);
  for (const std::string& name : first) EXPECT_EQ(fs::exists(dir / name), name == "a.tconv.json") << name;
  write_document(Document{}, dir / "a.tconv.json");
  EXPECT_EQ(dir.entries(), 1 + 4);
}

TEST(DocumentFiles, WhatAnotherScenarioNamesStays) {
  const TempDir dir;
  write_document(large_document(1), dir / "a.tconv.json");
  fs::copy_file(dir / "a.tconv.json", dir / "copy.tconv.json");
  write_document(large_document(2), dir / "a.tconv.json");
  EXPECT_EQ(read_document(dir / "copy.tconv.json"), large_document(1));
  EXPECT_EQ(read_document(dir / "a.tconv.json"), large_document(2));
  fs::copy_file(dir / "a.tconv.json", dir / "COPY.JSON");
  write_document(large_document(3), dir / "a.tconv.json");
  EXPECT_EQ(read_document(dir / "COPY.JSON"), large_document(2));
}

TEST(DocumentFiles, AFileOfTheSameNameIsNeverWrittenOver) {
  const TempDir dir;
  Document document;
  document.scenario.kernel = custom_pattern(numbers(Shape{1, 1, 40, 40}, 0));
  write_document(document, dir / "a.tconv.json");
  std::string array;
  for (const std::string& name : names_in(dir.path())) {
    if (name.ends_with(".npy")) array = name;
  }
  dir.write(array, "something else by now");
  write_document(document, dir / "a.tconv.json");
  EXPECT_EQ(read_document(dir / "a.tconv.json"), document);
  EXPECT_EQ(file_bytes(dir / array), "something else by now");
  // Numbers that somebody put there while the scenario was open.
  const Tensor others_numbers = numbers(Shape{1, 1, 40, 40}, 7);
  for (const std::string& name : names_in(dir.path())) {
    if (name.ends_with(".npy")) write_npy(dir / name, others_numbers);
  }
  const auto files = dir.entries();
  document.scenario.kernel = custom_pattern(numbers(Shape{1, 1, 40, 40}, 1));
  write_document(document, dir / "a.tconv.json");
  EXPECT_EQ(read_document(dir / "a.tconv.json"), document);
  EXPECT_EQ(dir.entries(), files + 1);
  fs::remove(dir / "a.tconv.json");
  for (const std::string& name : names_in(dir.path())) dir.write(name, "something else by now");
  const std::set<std::string> others = names_in(dir.path());
  write_document(document, dir / "a.tconv.json");
  EXPECT_EQ(read_document(dir / "a.tconv.json"), document);
  for (const std::string& name : others) EXPECT_EQ(file_bytes(dir / name), "something else by now") << name;
}

TEST(DocumentFiles, LinksAndOddNames) {
  const TempDir dir;
  fs::create_directory(dir / "there");
  write_document(large_document(1), dir / "there/a.tconv.json");
  fs::create_symlink("there/a.tconv.json", dir / "link.tconv.json");
  EXPECT_EQ(read_document(dir / "link.tconv.json"), large_document(1));
  write_document(large_document(2), dir / "link.tconv.json");
  EXPECT_TRUE(fs::is_symlink(dir / "link.tconv.json"));
  EXPECT_EQ(dir.entries(), 2);
  EXPECT_EQ(names_in(dir / "there").size(), 5U);
  EXPECT_EQ(read_document(dir / "there/a.tconv.json"), large_document(2));
  fs::create_symlink("there/new.tconv.json", dir / "dangling.tconv.json");
  write_document(large_document(4), dir / "dangling.tconv.json");
  EXPECT_EQ(read_document(dir / "dangling.tconv.json"), large_document(4));
  EXPECT_EQ(names_in(dir / "there").size(), 10U);
  fs::create_directory(dir / "odd");
  for (const std::string& name :
       {std::string("ünïcode ‹x›.tconv.json"), std::string("bytes\xff\xfe.tconv.json"),
        std::string("five\xff\x80\x80\x80.tconv.json"), std::string("overlong\xc0\x80.tconv.json"),
        std::string("surrogate\xed\xa0\x80.tconv.json"), std::string("beyond\xf4\x90\x80\x80.tconv.json"),
        std::string("line\nbreak.json"), std::string("no extension"), std::string(240, 'n') + ".tconv.json",
        std::string(".tconv.json")}) {
    SCOPED_TRACE(name);
    write_document(large_document(3), dir / "odd" / name);
    EXPECT_EQ(read_document(dir / "odd" / name), large_document(3));
  }
}

TEST(DocumentFiles, AFailureLeavesTheOldScenarioWhole) {
  const TempDir dir;
  expect_in(error_while([&] { write_document(large_document(), dir / "none/a.tconv.json"); }),
            {"none/", "No such file"});
  expect_in(error_while([&] { write_document(Document{}, dir / "none/a.tconv.json"); }), {"none/a.tconv.json"});
  expect_in(error_while([&] { write_document(large_document(), ""); }), {"empty"});
  EXPECT_EQ(dir.entries(), 0);

  write_document(large_document(1), dir / "a.tconv.json");
  const std::set<std::string> before = names_in(dir.path());
  // A folder that cannot be replaced stands where the text should go: the arrays are written before that shows.
  fs::create_directory(dir / "folder.tconv.json");
  expect_in(error_while([&] { write_document(large_document(2), dir / "folder.tconv.json"); }), {"Is a directory"});
  EXPECT_EQ(dir.entries(), static_cast<std::ptrdiff_t>(before.size()) + 1) << "new arrays are left behind";

  if (::geteuid() == 0) return;  // root may write everywhere
  fs::permissions(dir.path(), fs::perms::owner_read | fs::perms::owner_exec);
  expect_in(error_while([&] { write_document(large_document(2), dir / "a.tconv.json"); }), {"Permission denied"});
  fs::permissions(dir.path(), fs::perms::owner_all);
  EXPECT_EQ(read_document(dir / "a.tconv.json"), large_document(1));
  fs::permissions(dir / "a.tconv.json", fs::perms::owner_read);
  expect_in(error_while([&] { write_document(large_document(2), dir / "a.tconv.json"); }), {"Permission denied"});
  EXPECT_EQ(read_document(dir / "a.tconv.json"), large_document(1));
  EXPECT_EQ(dir.entries(), static_cast<std::ptrdiff_t>(before.size()) + 1);
}

TEST(DocumentFiles, AWrongNameOfAnArrayIsOneLine) {
  const TempDir dir;
  write_npy(dir / "k.npy", numbers(Shape{1, 1, 3, 3}, 0));
  fs::create_directory(dir / "below");
  fs::rename(dir / "k.npy", dir / "below/k.npy");
  write_npy(dir / "k.npy", numbers(Shape{1, 1, 2, 2}, 0));
  const auto error = [&](const std::string& kernel) {
    const fs::path path = dir.write("s.tconv.json", scenario_text(kernel));
    return error_while([&] { read_document(path); });
  };
  const auto file = [](const std::string& name) { return R"({"pattern": "custom", "file": ")" + name + "\"}"; };
  EXPECT_EQ(read_document(dir.write("s.tconv.json", scenario_text(file("below/k.npy")))).scenario.kernel.values,
            numbers(Shape{1, 1, 3, 3}, 0));
  for (const std::string& name : {(dir / "k.npy").string(), std::string("../k.npy"), std::string("below/../k.npy"),
                                  std::string(".."), std::string(""), std::string("below/")}) {
    expect_in(error(file(name)), {"s.tconv.json", "\"kernel.file\"", "must name a file in the scenario's folder"});
  }
  expect_in(error(file("gone.npy")), {"s.tconv.json", "kernel.file", "gone.npy", "No such file"});
  dir.write("cut.npy", file_bytes(dir / "k.npy").substr(0, 130));
  expect_in(error(file("cut.npy")), {"s.tconv.json", "kernel.file", "cut.npy", "need 16 bytes, have 2"});
  expect_in(error(file("below")), {"s.tconv.json", "kernel.file", "regular file"});
  ASSERT_EQ(::mkfifo((dir / "pipe.npy").c_str(), 0600), 0);
  expect_in(error(file("pipe.npy")), {"s.tconv.json", "kernel.file", "regular file"});
  expect_in(error(R"({"pattern": "custom", "file": 3})"), {"kernel.file", "text"});
  expect_in(error(R"({"pattern": "custom", "file": "k.npy", "shape": [1, 1, 1], "values": [1]})"), {"not both"});
  expect_in(error(R"({"pattern": "custom"})"), {"\"file\""});
  expect_in(error_while([&] { parse_document(scenario_text(file("k.npy")), "built in"); }),
            {"built in", "kernel.file"});
}

TEST(DocumentFiles, ANewerVersionIsToldFromABrokenFile) {
  EXPECT_THROW(parse_document(R"({"format": "tconv-scenario", "version": 2, "loss": []})", "x"), NewerDocument);
  for (const char* text : {R"({"format": "tconv-scenario"})", R"({"version": 2})", R"([2])", "", "{", "nonsense",
                           R"({"format": "tconv-scenario", "version": "2"})",
                           R"({"format": "tconv-scenario", "version": 0})", R"({"format": 1, "version": 2})"}) {
    try {
      parse_document(text, "x");
      ADD_FAILURE() << text;
    } catch (const NewerDocument&) {
      ADD_FAILURE() << text;
    } catch (const FileError& error) {
      expect_in(error.what(), {"x"});
    }
  }
}

TEST(DocumentFiles, NoNestingOrNumberBreaksTheReader) {
  for (const char bracket : {'[', '{'}) {
    expect_in(error_while([&] { parse_document(std::string(1'000'000, bracket), "x"); }), {"nested"});
  }
  const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
  expect_in(error_while([&] { parse_document(scenario_text(deep), "x"); }), {"nested"});
  expect_in(error_while([&] { parse_document(scenario_text("1e999"), "x"); }), {"x", "number"});
  EXPECT_NO_THROW(
      parse_document(R"({"format": "tconv-scenario", "version": 1, "presentation": {"color_map": "[[[[\"[[[)" +
                         std::string(100, '[') + "\"}}",
                     "x"));
}

TEST(DocumentFiles, BrokenBytesNeverCrash) {
  std::cout << "seed " << test_seed() << " (TCONV_TEST_SEED)\n";
  std::mt19937 bits(test_seed());
  Document document = large_document();
  document.scenario.kernel = custom_pattern(numbers(Shape{1, 1, 2, 3}, 0));
  const std::string whole = to_json(document, [](std::string_view, const Tensor& array) {
    return array.size() > largest_inline_array ? std::string("a.npy") : std::string();
  });
  const TempDir dir;
  write_npy(dir / "a.npy", numbers(Shape{1, 1, 2, 2}, 0));
  int accepted = 0;
  const auto read = [&](const std::string& text) {
    try {
      // What is taken for a scenario can be written and read again.
      const Document found = parse_document(text, "x", dir.path());
      EXPECT_NO_THROW(parse_document(to_json(found), "y")) << text;
      ++accepted;
    } catch (const FileError& error) {
      EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << error.what();
    }
  };
  for (std::size_t end = 0; end <= whole.size(); ++end) read(whole.substr(0, end));
  EXPECT_LE(accepted, 2) << "cut short, and yet a scenario";
  static constexpr std::string_view spice = "{}[]\",:0123456789.eE-+ntu\\ \n\x01\xff\xc3";
  for (int i = 0; i < 3000; ++i) {
    std::string text = whole;
    for (auto changes = 1 + bits() % 3; changes > 0; --changes) {
      const std::size_t at = bits() % text.size();
      switch (bits() % 3) {
        case 0:
          text[at] = spice[bits() % spice.size()];
          break;
        case 1:
          text.erase(at, 1 + bits() % 20);
          break;
        default:
          text.insert(at, 1, spice[bits() % spice.size()]);
      }
    }
    read(text);
    EXPECT_NO_THROW(array_files(text));
  }
}

}  // namespace
}  // namespace tconv::test
