#include "export/choice_flag.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <stdexcept>

#include "export/animation_flags.h"
#include "export/picture_flags.h"

namespace tconv {
namespace {

template <typename Choices>
Choices read_back(const std::vector<ChoiceFlag<Choices>>& flags, const std::vector<std::string>& words,
                  Choices choices = {}) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const auto flag = std::ranges::find(flags, words[i], &ChoiceFlag<Choices>::name);
    if (flag == flags.end()) throw std::runtime_error("no flag " + words[i]);
    flag->read(choices, flag->value.empty() ? "" : words[++i]);
  }
  return choices;
}

class Dice {
 public:
  explicit Dice(unsigned seed) : random_(seed) {}
  bool coin() { return random_() % 2 == 0; }
  std::int64_t upto(std::int64_t most) { return static_cast<std::int64_t>(random_()) % (most + 1); }
  double between(double low, double high) { return std::uniform_real_distribution(low, high)(random_); }

 private:
  std::mt19937 random_;
};

PictureChoices random_choices(Dice& dice) {
  PictureChoices c;
  const auto& views = all_views();
  c.view = views[static_cast<std::size_t>(dice.upto(static_cast<std::int64_t>(views.size()) - 1))].id;
  if (dice.coin()) c.step = dice.upto(99);
  Interaction& i = c.interaction;
  for (const OptionRule& rule : option_rules(find_view(c.view))) {
    if (dice.coin()) continue;
    i.set_option(rule.is_switch() ? rule.id : rule.id + "=" + (rule.values.empty() ? "1" : rule.values.back()));
  }
  for (std::int64_t* index : {&i.batch, &i.in_channel, &i.out_channel, &i.in_slice, &i.out_slice, &i.tap_slice}) {
    if (dice.coin()) *index = dice.upto(1000);
  }
  if (dice.coin()) i.axis = static_cast<int>(dice.upto(2));
  if (dice.coin()) i.find_to = dice.upto(99) + 1;
  if (dice.coin()) i.viewport = {dice.between(1, 50), {dice.between(0, 1), dice.between(0, 1)}};
  switch (dice.upto(4)) {
    case 0:
      i.hover = OutputCell{{.batch = 1, .channel = 2, .at = {3, dice.upto(9), 5}}};
      break;
    case 1:
      i.hover = KernelTap{1, 2, {0, 1, dice.upto(9)}};
      break;
    case 2:
      i.hover =
          Multiplication{.input = {.batch = 0, .channel = 1, .at = {0, 2, 3}}, .out_channel = 4, .tap = {0, 1, 1}};
      break;
    default:
      break;
  }
  if (dice.coin()) c.width = dice.between(64, 20000);
  if (dice.coin()) c.height = dice.between(64, 20000);
  if (dice.coin()) c.theme = "light";
  if (dice.coin()) c.dpi = dice.between(72, 1200);
  if (dice.coin()) c.width_mm = dice.between(10, 2000);
  if (!c.dpi && !c.width_mm && dice.coin()) c.scale = dice.between(0.25, 16);  // which counts only without them
  c.page = {.title = dice.coin(),
            .caption = dice.coin() ? "It's \"K 3\" $x" : "",
            .transparent = dice.coin(),
            .crop = dice.coin()};
  c.color_bar = dice.coin();
  return c;
}

TEST(ChoiceFlags, WhatIsWrittenReadsBack) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    Dice dice(seed);
    const PictureChoices choices = random_choices(dice);
    EXPECT_EQ(read_back(picture_flags(), written_flags(picture_flags(), choices)), choices) << "seed " << seed;
    AnimationChoices animation;
    if (dice.coin()) animation.first = dice.upto(9);
    if (dice.coin()) animation.last = dice.upto(99);
    if (dice.coin()) animation.every = dice.upto(9) + 1;
    if (dice.coin()) animation.timing.frames_per_second = dice.between(0.1, 50);
    if (dice.coin()) animation.timing.hold = dice.between(0, 60);
    animation.timing.repeat = dice.coin() ? Repeat::ping_pong : dice.coin() ? Repeat::once : Repeat::loop;
    EXPECT_EQ(read_back(animation_flags(), written_flags(animation_flags(), animation)), animation) << "seed " << seed;
  }
}

TEST(ChoiceFlags, OptionsOfOtherViewsAreNotWritten) {
  PictureChoices choices;
  choices.view = "matrix";
  for (const char* option : {"matrix/up-down", "large/way=cpu", "compare/shrink"})
    choices.interaction.set_option(option);
  EXPECT_EQ(written_flags(picture_flags(), choices),
            (std::vector<std::string>{"--view", "matrix", "--option", "matrix/up-down"}));
}

TEST(ChoiceFlags, UsualChoicesTakeNoWords) {
  EXPECT_EQ(written_flags(picture_flags(), {}), (std::vector<std::string>{"--view", "paint"}));
  EXPECT_TRUE(written_flags(animation_flags(), {}).empty());
}

TEST(ChoiceFlags, WrongTextsSayTheRule) {
  const auto complaint = [](std::string_view name, std::string_view text) -> std::string {
    PictureChoices choices;
    const auto flag = std::ranges::find(picture_flags(), name, &ChoiceFlag<PictureChoices>::name);
    try {
      flag->read(choices, text);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(complaint("--width", "3"), "must be 64 to 20000, found 3");
  EXPECT_EQ(complaint("--width", "wide"), "must be a number, found 'wide'");
  EXPECT_EQ(complaint("--batch", "1.5"), "must be a whole number, found '1.5'");
  EXPECT_EQ(complaint("--zoom", "4@0.5"), "must be like 4 or 4@0.5,0.25, found '4@0.5'");
  EXPECT_EQ(complaint("--find", "14"), "must be like 14:28, found '14'");
  EXPECT_EQ(complaint("--focus", "cell/2"), "must be like output/2,3 or kernel/0,1, found 'cell/2'");
  EXPECT_EQ(complaint("--focus", "output/1,2,3,4,5,6"),
            "must be like output/2,3 or kernel/0,1, found 'output/1,2,3,4,5,6'");
  EXPECT_EQ(complaint("--focus", "output/-1"), "must be like output/2,3 or kernel/0,1, found 'output/-1'");
  EXPECT_EQ(complaint("--focus", "output/2,3"), "");
}

TEST(ChoiceFlags, WordsForAShellStandInQuotesWhereTheyMust) {
  EXPECT_EQ(shell_line({"tconv", "--caption", "It's $5", "a=b", ""}), R"(tconv --caption 'It'\''s $5' a=b '')");
}

}  // namespace
}  // namespace tconv
