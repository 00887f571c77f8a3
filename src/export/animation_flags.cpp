#include "export/animation_flags.h"

#include <array>
#include <limits>
#include <stdexcept>

#include "files/file_error.h"

namespace tconv {
namespace {

using std::int64_t;
using Words = std::vector<std::string>;
using AnimationFlag = ChoiceFlag<AnimationChoices>;

constexpr int64_t most_step = std::numeric_limits<int64_t>::max() >> 11;
constexpr std::array all_repeats{Repeat::once, Repeat::loop, Repeat::ping_pong};

std::vector<AnimationFlag> make_animation_flags() {
  return {
      {"--first", "N", "the step of the first frame (default 0)",
       [](AnimationChoices& c, std::string_view text) { c.first = read_integer(text, 0, most_step); },
       [](const AnimationChoices& c) { return c.first == 0 ? Words{} : Words{std::to_string(c.first)}; }},
      {"--last", "N", "the step of the last frame (default: the end)",
       [](AnimationChoices& c, std::string_view text) { c.last = read_integer(text, 0, most_step); },
       [](const AnimationChoices& c) { return c.last ? Words{std::to_string(*c.last)} : Words{}; }},
      {"--every", "N", "steps from one frame to the next (default 1, more where that would be over 300 frames)",
       [](AnimationChoices& c, std::string_view text) { c.every = read_integer(text, 1, most_step); },
       [](const AnimationChoices& c) { return c.every ? Words{std::to_string(*c.every)} : Words{}; }},
      {"--fps", "N", "frames per second, 0.1 to 50 (default 4)",
       [](AnimationChoices& c, std::string_view text) { c.timing.frames_per_second = read_number(text, 0.1, 50); },
       [](const AnimationChoices& c) {
         const double now = c.timing.frames_per_second;
         return now == AnimationTiming{}.frames_per_second ? Words{} : Words{number_argument(now)};
       }},
      {"--hold", "SECONDS", "how long the last frame stays beyond its own time, 0 to 60 (default 1.5)",
       [](AnimationChoices& c, std::string_view text) { c.timing.hold = read_number(text, 0, 60); },
       [](const AnimationChoices& c) {
         return c.timing.hold == AnimationTiming{}.hold ? Words{} : Words{number_argument(c.timing.hold)};
       }},
      {"--repeat", "HOW", "once, loop or ping-pong (default loop)",
       [](AnimationChoices& c, std::string_view text) {
         for (const Repeat repeat : all_repeats) {
           if (repeat_name(repeat) != text) continue;
           c.timing.repeat = repeat;
           return;
         }
         throw std::invalid_argument("must be once, loop or ping-pong, found " + quoted(text));
       },
       [](const AnimationChoices& c) {
         return c.timing.repeat == AnimationTiming{}.repeat ? Words{}
                                                            : Words{std::string(repeat_name(c.timing.repeat))};
       }},
  };
}

}  // namespace

std::string_view repeat_name(Repeat repeat) {
  switch (repeat) {
    case Repeat::once:
      return "once";
    case Repeat::loop:
      return "loop";
    case Repeat::ping_pong:
      break;
  }
  return "ping-pong";
}

const std::vector<AnimationFlag>& animation_flags() {
  static const std::vector<AnimationFlag> flags = make_animation_flags();
  return flags;
}

}  // namespace tconv
