#include "export/picture_state.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "document/embedded_document.h"
#include "export/picture_flags.h"

namespace tconv {
namespace {

constexpr std::string_view marker = "tconv-picture";
constexpr char between = '\n';  // a caption with line breaks is not worth more

}  // namespace

std::string picture_state(const Document& document, const PictureChoices& choices) {
  const std::string scenario = embedded_text(document);
  if (scenario.empty()) return "";
  PictureChoices shown = choices;
  shown.page.caption.clear();
  const std::optional<std::int64_t> step = std::exchange(shown.step, std::nullopt);
  if (step && *step != shown_step(shown, document.scenario)) shown.step = step;  // the end is the usual one
  std::string words;
  for (const std::string& word : written_flags(picture_flags(), shown)) words += word + between;
  return scenario + embedded_letters(marker, words);
}

std::optional<PictureChoices> read_picture_state(const std::filesystem::path& path) try {
  const auto text = read_embedded(path, marker);
  if (!text) return std::nullopt;
  PictureChoices choices;
  const auto& flags = picture_flags();
  std::size_t at = 0;
  const auto next = [&] {
    const std::size_t end = std::min(text->find(between, at), text->size());
    const std::string word = text->substr(at, end - at);
    at = end + 1;
    return word;
  };
  while (at < text->size()) {
    const auto flag = std::ranges::find(flags, next(), &ChoiceFlag<PictureChoices>::name);
    if (flag == flags.end()) return std::nullopt;
    flag->read(choices, flag->value.empty() ? std::string() : next());
  }
  if (find_view(choices.view) == nullptr) return std::nullopt;
  return choices;
} catch (const std::exception&) {
  return std::nullopt;  // the scenario is what matters
}

}  // namespace tconv
