// Somebody who presses anything anywhere: no crash, no state that the program cannot explain, and the same gestures
// always lead to the same document.

#include <gtest/gtest.h>

#include <array>
#include <iostream>
#include <random>

#include "core/scenario.h"
#include "driver.h"
#include "files/npy.h"
#include "files/png_writer.h"
#include "support/random_layers.h"
#include "support/temp_dir.h"

namespace tconv::test {
namespace {

class RandomHands {
 public:
  RandomHands(Size size, std::uint32_t seed, const TempDir& dir) : hands_(size), size_(size), bits_(seed), dir_(dir) {}

  Driver& hands() { return hands_; }

  /// One gesture; says what it was.
  std::string gesture() {
    const std::string done = any();
    // What takes long to compute would make the run long: hands that move on.
    if (window_multiplications(hands_.layer()) > 3'000'000) {
      hands_.session().commit(Document{}, "Start over");
      hands_.settle();
    }
    return done;
  }

 private:
  std::int64_t below(std::int64_t end) { return static_cast<std::int64_t>(bits_() % static_cast<std::uint32_t>(end)); }
  template <typename List>
  auto one_of(const List& list) {
    return list[static_cast<std::size_t>(below(static_cast<std::int64_t>(list.size())))];
  }
  Point anywhere() {
    return {static_cast<double>(below(1000)) / 1000 * size_.w, static_cast<double>(below(1000)) / 1000 * size_.h};
  }

  std::string some_place(std::string_view prefix) {
    std::vector<std::string> names = hands_.names(prefix);
    // The computer's own folders differ from machine to machine, and quitting ends the game.
    std::erase_if(names, [&](const std::string& name) {
      return name.starts_with("file/") || name == "palette/quit" || !hands_.visible(name);
    });
    return names.empty() ? "status" : one_of(names);
  }

  std::string any() {
    static constexpr std::array texts{"3", "1/4", "-0.5", "0", "12", "7", "abc", "99999999999999", "-1", "1e300", "2"};
    static constexpr std::array<KeyPress, 27> keys{{{key_space},
                                                    {key_left},
                                                    {key_right},
                                                    {key_home},
                                                    {key_end},
                                                    {key_escape},
                                                    {key_enter},
                                                    {key_tab},
                                                    {key_down},
                                                    {key_backspace},
                                                    {key_f1},
                                                    {'1'},
                                                    {'2'},
                                                    {'T'},
                                                    {'H'},
                                                    {'F'},
                                                    {'+'},
                                                    {'-'},
                                                    {'Z', true},
                                                    {'Z', true, true},
                                                    {'Y', true},
                                                    {'K', true},
                                                    {'C', true, true},
                                                    {'S', true},
                                                    {'N', true},
                                                    {'O', true},
                                                    {'Z', true}}};
    switch (below(12)) {
      case 0:
      case 1:
      case 2: {
        const std::string name = some_place("");
        hands_.click(name);
        return "click " + name;
      }
      case 3: {
        const std::string name = some_place("slider/");
        const Rect place = hands_.place(name);
        hands_.drag(place.centre(), {anywhere().x, place.centre().y}, 4);
        return "drag " + name;
      }
      case 4: {
        const std::string name = some_place(below(2) == 0 ? "number/" : "cell/");
        const char* text = one_of(texts);
        hands_.type_into(name, text);
        return "type " + std::string(text) + " into " + name;
      }
      case 5:
      case 6: {
        const KeyPress press = one_of(keys);
        hands_.key(press.key, press.ctrl, press.shift);
        return "key " + std::to_string(press.key) + (press.ctrl ? " with Ctrl" : "");
      }
      case 7:
        hands_.drag(anywhere(), anywhere(), 4);
        return "drag anywhere";
      case 8:
        hands_.move(anywhere());
        hands_.wheel(static_cast<double>(below(9)) - 4);
        return "wheel";
      case 9: {
        const std::string name = some_place("");
        hands_.double_click(name);
        return "double-click " + name;
      }
      case 10: {
        static constexpr std::array files{"map.npy", "kernel.npy", "photo.png", "wide.npy", "broken.npy"};
        const std::string name = one_of(files);
        const std::string place = some_place(below(2) == 0 ? "cell/" : "");
        hands_.studio().drop(dir_ / name, hands_.place(place).centre());
        hands_.settle();
        return "drop " + name + " on " + place;
      }
      default: {
        // A key in mid-drag.
        const KeyPress press = one_of(keys);
        const std::string name = some_place("slider/");
        hands_.move(name);
        hands_.press();
        hands_.move(anywhere());
        hands_.key(press.key, press.ctrl, press.shift);
        hands_.move(anywhere());
        hands_.release();
        return "key " + std::to_string(press.key) + " while dragging " + name;
      }
    }
  }

  Driver hands_;
  Size size_;
  std::mt19937 bits_;
  const TempDir& dir_;
};

void write_files(const TempDir& dir) {
  RandomLayers random(1);
  write_npy(dir / "map.npy", random.integers(Shape{1, 2, 5, 6}));
  write_npy(dir / "kernel.npy", random.floats(Shape{2, 2, 3, 2}));
  write_npy(dir / "wide.npy", random.floats(Shape{70, 90}));
  std::vector<std::uint8_t> pixels(12 * 9 * 3, 77);
  dir.write("photo.png", png_bytes(12, 9, pixels, {.channels = 3, .dpi = {}}));
  dir.write("broken.npy", "\x93NUMPY");
}

/// Where the hands work: they may save anything anywhere in sight.
class WorkingFolder {
 public:
  explicit WorkingFolder(const TempDir& dir) : before_(std::filesystem::current_path()) {
    std::filesystem::create_directories(dir / "work/in/here");
    std::filesystem::current_path(dir / "work/in/here");
  }
  ~WorkingFolder() { std::filesystem::current_path(before_); }
  WorkingFolder(const WorkingFolder&) = delete;
  WorkingFolder& operator=(const WorkingFolder&) = delete;

 private:
  std::filesystem::path before_;
};

/// What must hold whatever was done before; false when it does not.
bool is_sound(Driver& hands) {
  const Scenario& scenario = hands.scenario();
  const Results& results = hands.session().wait_for_results();
  EXPECT_FALSE(results.pending);
  EXPECT_EQ(results.scenario, scenario);
  EXPECT_EQ(results.legal(), validate(scenario).empty());
  for (const Problem& problem : results.problems) {
    EXPECT_FALSE(problem.field.empty());
    EXPECT_FALSE(problem.rule.empty());
  }
  if (results.legal()) {
    EXPECT_EQ(results.frame.output.shape(), output_shape(scenario.layer));
    EXPECT_EQ(results.frame.step, hands.interaction().step);
  } else {
    EXPECT_TRUE(hands.has("verdict"));
  }
  EXPECT_GE(hands.interaction().step, 0);
  EXPECT_LE(hands.session().step(), hands.session().step_count());
  // No finger is down: nothing may hang between preview and history.
  EXPECT_EQ(hands.session().history().current(), hands.session().history().committed());
  return !testing::Test::HasFailure();
}

void play(Size size, std::uint32_t seed, int gestures) {
  std::cout << "seed " << seed << " (TCONV_TEST_SEED)\n";
  const TempDir dir;
  write_files(dir);
  const WorkingFolder here(dir);
  RandomHands random(size, seed, dir);
  std::vector<std::string> done;
  for (int i = 0; i < gestures; ++i) {
    done.push_back(random.gesture());
    if (is_sound(random.hands())) continue;
    std::string last;
    for (std::size_t k = done.size() > 12 ? done.size() - 12 : 0; k < done.size(); ++k) last += "\n  " + done[k];
    FAIL() << "seed " << seed << ", after gesture " << i << "; the last ones:" << last;
  }
}

#ifdef __SANITIZE_ADDRESS__
constexpr int many = 150;  // each takes some fifteen times as long
#else
constexpr int many = 1000;
#endif

TEST(RandomHands, DoNoHarmInASmallWindow) { play({1024, 700}, test_seed(), many); }
TEST(RandomHands, DoNoHarmInALargeWindow) { play({1440, 900}, test_seed() + 1, many); }

TEST(RandomHands, TheSameGesturesGiveTheSameDocument) {
  const std::uint32_t seed = test_seed() + 2;
  std::cout << "seed " << seed << " (TCONV_TEST_SEED)\n";
  std::vector<std::string> texts[2];
  for (auto& list : texts) {
    const TempDir dir;
    write_files(dir);
    const WorkingFolder here(dir);
    RandomHands random({1440, 900}, seed, dir);
    random.hands().be_patient();
    for (int i = 0; i < many / 5; ++i) {
      list.push_back(random.gesture() + "\n" + to_json(random.hands().document()) +
                     std::string(random.hands().session().view().id) +
                     std::to_string(random.hands().interaction().step));
      random.hands().session().wait_for_results();
      random.hands().settle();  // the next gesture finds what belongs to them
    }
  }
  for (std::size_t i = 0; i < texts[0].size(); ++i) ASSERT_EQ(texts[0][i], texts[1][i]) << "gesture " << i;
}

}  // namespace
}  // namespace tconv::test
