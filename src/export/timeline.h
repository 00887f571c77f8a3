#pragma once
// A view's timeline as the frames of an animation.

#include "export/animation.h"
#include "export/picture.h"

namespace tconv {

/// What a person chooses about an animation. animation_flags.h has the flag of each.
struct AnimationChoices {
  PictureChoices picture{};             ///< of each frame; its step counts for nothing
  std::int64_t first = 0;               ///< step
  std::optional<std::int64_t> last{};   ///< step; empty: the end
  std::optional<std::int64_t> every{};  ///< so many steps from one frame to the next; empty: as many as `usual_frames`
                                        ///< frames at most ask for
  AnimationTiming timing{};

  bool operator==(const AnimationChoices&) const = default;
};

/// The most frames that an animation has unless `every` is given, and at all.
inline constexpr std::int64_t usual_frames = 300;
inline constexpr std::int64_t most_frames = 5000;

/// What is wrong with the choices for this scenario: a view without a timeline, steps beyond the end, too many frames.
std::vector<Problem> validate(const AnimationChoices& choices, const Scenario& scenario);

/// The steps that are shown, one frame each, the last one always among them. The choices must be valid.
std::vector<std::int64_t> animated_steps(const AnimationChoices& choices, const Scenario& scenario);

/// The frames, all of one size. Computes what all of them share, and looks at each once for the room that it takes:
/// `progress` is about that. Throws Cancelled, and std::runtime_error for a picture that is too large.
FrameSource animation_frames(const Document& document, const AnimationChoices& choices, const Progress& progress = {});

/// The animator of a file's extension; nothing when no format has it.
std::optional<Animator> animator_for(const std::filesystem::path& path);

}  // namespace tconv
