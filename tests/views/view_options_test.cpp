// What `--option` may say of a view.

#include "views/view_options.h"

#include <gtest/gtest.h>

#include "support/pace.h"
#include "view_scenes.h"

namespace tconv::test {
namespace {

using Lines = std::vector<std::string>;

Lines problems(const char* view, const std::vector<std::string>& options) {
  Interaction interaction;
  for (const std::string& option : options) interaction.set_option(option);
  return option_problems(view == nullptr ? nullptr : find_view(view), interaction);
}

TEST(ViewOptions, LegalOnesAreTaken) {
  EXPECT_EQ(problems("large-maps", {"large/side=1024", "large/way=both"}), Lines{});
  EXPECT_EQ(problems("matrix", {"matrix/up-down", "matrix/down-up"}), Lines{});
  EXPECT_EQ(problems("decoder-stack", {"decoder-stack/then=0", "decoder-stack/depth=5"}), Lines{});
  EXPECT_EQ(problems(nullptr, {"matrix/up-down", "large/way=cpu"}), Lines{}) << "a window may show any view";
  EXPECT_EQ(problems("paint", {}), Lines{});
}

TEST(ViewOptions, OthersSayTheRuleAndWhatWasFound) {
  const auto expect = [](const char* view, const std::string& option, const std::string& line) {
    EXPECT_EQ(problems(view, {option}), Lines{line});
  };
  for (const char* nonsense : {"nonsense", "nonsense=3"}) {
    expect("large-maps", nonsense, "there is no option 'nonsense'; the view large-maps has large/side, large/way");
    expect("paint", nonsense, "there is no option 'nonsense'; the view paint has none");
  }
  expect(nullptr, "large/wey=cpu", "there is no option 'large/wey'; nearest: large/way, large/side, overlap/sum");
  expect("paint", "large/way=cpu", "'large/way' is an option of the view large-maps; the view paint has none");
  expect("large-maps", "large/way=tpu", "large/way: must be cpu, gpu or both, found 'tpu'");
  expect("large-maps", "large/way=", "large/way: must be cpu, gpu or both, found ''");
  expect("large-maps", "large/side=777", "large/side: must be 0, 1024, 2048, 4096, 8192 or 16384, found '777'");
  expect("large-maps", "large/way", "large/way: must be large/way=VALUE, the value cpu, gpu or both");
  expect("matrix", "matrix/up-down=1", "matrix/up-down: is a switch and takes no value, found '1'");
  for (const char* wrong : {"1", "65", "-1", "2.5", "9999999999999999999999"}) {
    expect("decoder-stack", std::string("decoder-stack/then=") + wrong,
           std::string("decoder-stack/then: must be 0 or 2 to 64, found '") + wrong + "'");
  }
  EXPECT_EQ(problems("large-maps", {"large/way=tpu", "large/side=1", "nonsense"}).size(), 3U);
}

TEST(ViewOptions, EveryChipOfAViewIsOneOfItsOptions) {
  int chips = 0;
  for (const View& view : all_views()) {
    const auto list = documents();
    for (std::size_t i = 0; i < list.size(); i += every_nth) {
      const NamedDocument& each = list[i];
      SCOPED_TRACE(std::string(view.id) + ", " + each.name);
      for (const Shape2D& shape : draw(view.draw, each.document, {}, large_room).shapes) {
        Interaction interaction;
        if (const auto* option = std::get_if<ViewOption>(&shape.tag)) interaction.set_option(option->id);
        if (const auto* choice = std::get_if<ViewChoice>(&shape.tag)) {
          interaction.set_option(choice->name + "=" + choice->value);
        }
        if (interaction == Interaction{}) continue;
        ++chips;
        EXPECT_EQ(option_problems(&view, interaction), Lines{});
      }
    }
  }
  EXPECT_GT(chips, 100 / every_nth);
}

}  // namespace
}  // namespace tconv::test
