#include "ui/export_form.h"

#include <algorithm>
#include <cmath>

#include "document/scenario_source.h"
#include "export/animation_flags.h"
#include "export/frame_files.h"
#include "export/picture_flags.h"
#include "export/view_data.h"
#include "figure/layout.h"
#include "files/atomic_file.h"
#include "files/extension.h"

namespace tconv {

using std::int64_t;

namespace {

std::string bytes_text(std::uintmax_t bytes) {
  if (bytes < 1000) return std::to_string(bytes) + " bytes";
  const bool kilo = bytes < 1'000'000;
  return number_text(static_cast<double>(bytes) / (kilo ? 1e3 : 1e6), 3) + (kilo ? " kB" : " MB");
}

std::string done_words(const std::filesystem::path& path) {
  std::error_code error;
  const std::uintmax_t bytes = std::filesystem::file_size(path, error);
  return "Exported: " + path.string() + (error ? "" : ", " + bytes_text(bytes));
}

std::string make_picture(const ExportForm& form, const Document& document, const Progress& progress) {
  const auto exporters = listed_exporters();
  const Exporter& exporter = *std::ranges::find(exporters, form.picture_format, &Exporter::id);
  const TextMetrics text;
  const PictureChoices& choices = form.choices.picture;
  const Results results = picture_results(document.scenario, choices, progress.share(0, 0.4));
  const std::string bytes = picture_bytes(document, results, choices, exporter, text, progress.share(0.4, 1));
  AtomicFile file(form.path);
  file.write(bytes);
  file.finish();
  progress.check();
  file.commit();
  return done_words(form.path);
}

std::string make_animation(const ExportForm& form, const Document& document, const Progress& progress) {
  const auto animators = listed_animators();
  const Animator& animator = *std::ranges::find(animators, form.animation_format, &Animator::id);
  const FrameSource frames = animation_frames(document, form.choices, progress.share(0, 0.15));
  animator.write(frames, form.choices.timing, form.path, progress.share(0.15, 1));
  return done_words(first_file(form, document.scenario)) + ", " + std::to_string(frames.count) + " frames";
}

std::string make_numbers(const ExportForm& form, const Document& document, const Progress& progress) {
  const DataFormat format = *find_data_format(form.numbers_format);
  const View& view = *find_view(form.choices.picture.view);
  auto arrays = view_arrays(document, form.choices.picture, progress.share(0, 0.5));
  if (!form.array.empty()) std::erase_if(arrays, [&](const NamedArray& array) { return array.name != form.array; });
  if (arrays.empty()) throw std::runtime_error("the view has no array " + form.array + " any more");
  write_data(format, arrays, data_header(view, document), form.path, progress.share(0.5, 1));
  return done_words(form.path);
}

/// A command has its own usual choices: only what differs from them is written.
std::vector<std::string> animation_words(AnimationChoices choices) {
  choices.picture.step.reset();
  std::vector<std::string> words = written_flags(animation_flags(), choices);
  // The usual width of an animation is not that of a picture.
  if (choices.picture.width == PictureChoices{}.width) words.insert(words.end(), {"--width", "1440"});
  return words;
}

}  // namespace

std::vector<FormatChoice> formats_of(ExportKind kind) {
  std::vector<FormatChoice> choices;
  switch (kind) {
    case ExportKind::picture:
      for (const Exporter& each : listed_exporters())
        choices.push_back({each.id, each.extension, each.label, each.help, ""});
      break;
    case ExportKind::animation:
      for (const Animator& each : listed_animators()) {
        choices.push_back({each.id, each.extension, each.label, each.help, each.missing()});
      }
      break;
    case ExportKind::numbers:
      for (const DataFormat& each : listed_data_formats()) {
        choices.push_back({each.id, each.extension, each.label, each.help, ""});
      }
      break;
  }
  return choices;
}

std::string& format_id(ExportForm& form) {
  return form.kind == ExportKind::picture     ? form.picture_format
         : form.kind == ExportKind::animation ? form.animation_format
                                              : form.numbers_format;
}

FormatChoice chosen_format(const ExportForm& form) {
  ExportForm copy = form;
  const auto formats = formats_of(form.kind);
  const auto found = std::ranges::find(formats, format_id(copy), &FormatChoice::id);
  return found != formats.end() ? *found : formats.front();
}

std::string with_extension(const ExportForm& form, const std::string& path) {
  std::filesystem::path file(path);
  const std::string extension = file.extension().string();
  bool known = false;
  for (const ExportKind kind : {ExportKind::picture, ExportKind::animation, ExportKind::numbers}) {
    const auto formats = formats_of(kind);
    known = known || std::ranges::find(formats, extension, &FormatChoice::extension) != formats.end();
  }
  if (known) file.replace_extension();
  file += chosen_format(form).extension;
  return file.string();
}

ExportForm as_named(ExportForm form) {
  if (form.path.empty()) return form;
  const std::string extension = lower_extension(form.path);
  if (extension == chosen_format(form).extension) return form;
  const auto formats = formats_of(form.kind);
  const auto named = std::ranges::find(formats, extension, &FormatChoice::extension);
  if (named != formats.end()) {
    format_id(form) = named->id;
  } else {
    form.path += chosen_format(form).extension;
  }
  return form;
}

std::filesystem::path first_file(const ExportForm& form, const Scenario& scenario) {
  if (form.kind != ExportKind::animation || form.animation_format != "png") return form.path;
  const auto steps = static_cast<std::int64_t>(animated_steps(form.choices, scenario).size());
  const auto shown = shown_frames(steps, form.choices.timing);
  return frame_file(form.path, 0, static_cast<std::int64_t>(shown.size()));
}

std::string trouble_with(const ExportForm& form, const Scenario& scenario) {
  if (const std::string missing = chosen_format(form).missing; !missing.empty()) return missing;
  if (form.kind == ExportKind::animation && form.choices.picture.page.transparent) {
    const auto animators = listed_animators();
    const auto animator = std::ranges::find(animators, form.animation_format, &Animator::id);
    if (animator != animators.end() && !animator->transparent) {
      return std::string(animator->label) + " knows no transparent ground: GIF, WebP and PNG files do";
    }
  }
  auto problems =
      form.kind == ExportKind::animation ? validate(form.choices, scenario) : validate(form.choices.picture, scenario);
  if (problems.empty()) problems = validate(scenario);
  if (!problems.empty()) return to_line(problems.front());
  if (form.kind == ExportKind::numbers && find_view(form.choices.picture.view)->arrays == nullptr) {
    return "This view has no numbers of its own";
  }
  return form.path.empty() ? "Name a file" : "";
}

std::optional<std::string> scenario_word(const OpenFile& file, const Document& document, bool modified) {
  if (document == Document{}) return "";
  if (modified) return std::nullopt;
  if (!file.path.empty()) return file.path.string();
  const auto built_in = built_in_scenarios();
  if (std::ranges::find(built_in, file.name, &BuiltInScenario::id) == built_in.end()) return std::nullopt;
  return file.name;
}

std::vector<std::string> command_words(const ExportForm& form, const std::string& scenario) {
  const PictureChoices& picture = form.choices.picture;
  std::vector<std::string> words{"tconv"};
  const auto add = [&](const std::vector<std::string>& more) { words.insert(words.end(), more.begin(), more.end()); };
  switch (form.kind) {
    case ExportKind::picture:
      add({"render"});
      break;
    case ExportKind::animation:
      add({"animate"});
      break;
    case ExportKind::numbers:
      add({"data"});
      break;
  }
  if (!scenario.empty()) add({scenario});
  if (form.kind == ExportKind::numbers) {
    add(written_flags(data_flags(), picture));
    if (!form.array.empty()) add({"--array", form.array});
    if (form.numbers_format == "png16") add({"--bits", "16"});
  } else if (form.kind == ExportKind::animation) {
    PictureChoices shown = picture;
    shown.step.reset();
    add(written_flags(picture_flags(), shown));
    add(animation_words(form.choices));
  } else {
    add(written_flags(picture_flags(), picture));
  }
  add({"--output", form.path});
  return words;
}

Jobs::Work export_work(const ExportForm& form, const Document& document) {
  return [form, document](const Progress& progress) {
    switch (form.kind) {
      case ExportKind::animation:
        return make_animation(form, document, progress);
      case ExportKind::numbers:
        return make_numbers(form, document, progress);
      case ExportKind::picture:
        break;
    }
    return make_picture(form, document, progress);
  };
}

std::string size_words(const ExportForm& form, const Size& points) {
  const PictureChoices& choices = form.choices.picture;
  const auto whole = [](double value) { return std::to_string(std::llround(value)); };
  const bool pixels = form.kind == ExportKind::animation || form.picture_format == "png";
  std::string words;
  if (choices.width_mm) {
    words = whole(*choices.width_mm) + " × " + whole(*choices.width_mm * points.h / points.w) + " mm";
    if (pixels) words += ", ";
  } else if (!pixels) {
    words = whole(points.w) + " × " + whole(points.h) + " points";
  }
  if (pixels) {
    const double scale = pixels_per_point(choices, points.w);
    const auto along = [&](double side) { return whole(std::max(1.0, std::ceil(side * scale - 1e-6))); };
    words += along(points.w) + " × " + along(points.h) + " pixels";
  }
  return words;
}

}  // namespace tconv
