#include "export/timeline.h"

#include <algorithm>
#include <mutex>

#include "export/picture_state.h"
#include "export/raster_figure.h"
#include "files/extension.h"

namespace tconv {

using std::int64_t;

namespace {

/// A TextMetrics is for one thread at a time: each drawing borrows one.
class MetricsPool {
 public:
  class Loan {
   public:
    explicit Loan(MetricsPool& pool) : pool_(pool), metrics_(pool.take()) {}
    ~Loan() { pool_.give(std::move(metrics_)); }
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    const TextMetrics& operator*() const { return *metrics_; }

   private:
    MetricsPool& pool_;
    std::unique_ptr<TextMetrics> metrics_;
  };

 private:
  std::unique_ptr<TextMetrics> take() {
    const std::scoped_lock lock(mutex_);
    if (idle_.empty()) return std::make_unique<TextMetrics>();
    auto metrics = std::move(idle_.back());
    idle_.pop_back();
    return metrics;
  }
  void give(std::unique_ptr<TextMetrics> metrics) {
    const std::scoped_lock lock(mutex_);
    idle_.push_back(std::move(metrics));
  }

  std::mutex mutex_;
  std::vector<std::unique_ptr<TextMetrics>> idle_;
};

/// What all frames share.
struct Timelapse {
  Document document;
  PictureChoices choices;
  std::vector<int64_t> steps;
  Results base;
  Rect part{};  ///< of the bare figures, which every frame shows
  MetricsPool metrics{};

  Figure bare(int64_t index, const TextMetrics& text) const {
    PictureChoices now = choices;
    now.step = steps[static_cast<std::size_t>(index)];
    const View& view = *find_view(now.view);
    // A timeline of the view's own is beside the stamps: all of them are painted.
    const Results results = view.timeline == Timeline::own ? base : *results_at(base, *now.step);
    return bare_figure(document, results, now, text);
  }

  Figure framed(int64_t index, const TextMetrics& text) const {
    const Theme* theme = find_theme(choices.theme);
    return on_page(bare(index, text), theme != nullptr ? *theme : dark_theme(), text, choices.page, part);
  }
};

Rect joined(const Rect& a, const Rect& b) {
  const double x = std::min(a.x, b.x);
  const double y = std::min(a.y, b.y);
  return {x, y, std::max(a.right(), b.right()) - x, std::max(a.bottom(), b.bottom()) - y};
}

/// The last step that is asked for, legal or not.
int64_t last_step(const AnimationChoices& choices, const Scenario& scenario) {
  return choices.last.value_or(step_count(*find_view(choices.picture.view), scenario));
}

}  // namespace

std::vector<Problem> validate(const AnimationChoices& choices, const Scenario& scenario) {
  PictureChoices picture = choices.picture;
  picture.step.reset();
  auto problems = validate(picture, scenario);
  if (!problems.empty() || !tconv::validate(scenario).empty()) return problems;
  const View& view = *find_view(picture.view);
  if (view.timeline == Timeline::none) {
    return {{"view", -1, "must be one with a timeline", picture.view, std::nullopt}};
  }
  const int64_t count = step_count(view, scenario);
  const int64_t last = last_step(choices, scenario);
  const auto require = [&](const char* field, int64_t value, int64_t least, int64_t most) {
    if (value >= least && value <= most) return;
    problems.push_back({field, -1, "must be " + std::to_string(least) + " to " + std::to_string(most),
                        std::to_string(value), std::clamp(value, least, std::max(least, most))});
  };
  require("last", last, 0, count);
  require("first", choices.first, 0, std::clamp<int64_t>(last, 0, count));
  if (problems.empty() && choices.every) {
    const int64_t steps = last - choices.first;
    const int64_t least = std::max<int64_t>(1, (steps + most_frames - 2) / (most_frames - 1));
    require("every", *choices.every, least, std::max(least, steps));
  }
  return problems;
}

std::vector<int64_t> animated_steps(const AnimationChoices& choices, const Scenario& scenario) {
  const int64_t last = last_step(choices, scenario);
  const int64_t count = last - choices.first;
  const int64_t every = choices.every.value_or(std::max<int64_t>(1, (count + usual_frames - 2) / (usual_frames - 1)));
  std::vector<int64_t> steps;
  for (int64_t step = choices.first; step < last; step += every) steps.push_back(step);
  steps.push_back(last);
  return steps;
}

FrameSource animation_frames(const Document& document, const AnimationChoices& choices, const Progress& progress) {
  auto shared = std::make_shared<Timelapse>();
  shared->document = document;
  shared->choices = choices.picture;
  shared->choices.step.reset();
  shared->steps = animated_steps(choices, document.scenario);
  PictureChoices first = choices.picture;
  first.step = shared->steps.front();
  shared->base = picture_results(document.scenario, first, progress.share(0, 0.3));

  // A figure may be higher at one step than at another, and a cropped one begins elsewhere.
  const auto count = static_cast<int64_t>(shared->steps.size());
  const MetricsPool::Loan text(shared->metrics);
  for (int64_t i = 0; i < count; ++i) {
    progress.share(0.3, 1).at(static_cast<double>(i) / static_cast<double>(count));
    const Figure figure = shared->bare(i, *text);
    const Rect part = choices.picture.page.crop ? drawn_part(figure, *text) : Rect{0, 0, figure.size.w, figure.size.h};
    shared->part = i == 0 ? part : joined(shared->part, part);
  }
  return {.count = count,
          .draw =
              [shared](int64_t index) {
                const MetricsPool::Loan metrics(shared->metrics);
                const Figure figure = shared->framed(index, *metrics);
                return raster_of(figure, *metrics, pixels_per_point(shared->choices, figure.size.w));
              },
          .embedded = picture_state(document, shared->choices)};
}

std::optional<Animator> animator_for(const std::filesystem::path& path) {
  const std::string extension = lower_extension(path);
  const auto animators = listed_animators();
  const auto found = std::ranges::find(animators, extension, &Animator::extension);
  return found == animators.end() ? std::nullopt : std::optional(*found);
}

}  // namespace tconv
