#include "figure/tag_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace tconv {
namespace {

using std::int64_t;

std::string numbers_text(std::initializer_list<int64_t> numbers) {
  std::string text;
  for (const int64_t number : numbers) text += (text.empty() ? "" : ",") + std::to_string(number);
  return text;
}

std::string cell_text(const CellIndex& cell) {
  return numbers_text({cell.batch, cell.channel, cell.at[0], cell.at[1], cell.at[2]});
}

template <typename Tap>
std::string tap_text(const Tap& tap) {
  return numbers_text({tap.in_channel, tap.out_channel, tap.tap[0], tap.tap[1], tap.tap[2]});
}

/// `count` numbers, 0 for those that are left out from the front.
template <std::size_t count>
std::optional<std::array<int64_t, count>> parse_numbers(std::string_view text) {
  std::vector<int64_t> found;
  for (;;) {
    const std::size_t end = std::min(text.find(','), text.size());
    int64_t number = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + end, number);
    if (error != std::errc() || stop != text.data() + end || number < 0) return std::nullopt;
    found.push_back(number);
    if (end == text.size()) break;
    text.remove_prefix(end + 1);
  }
  if (found.size() > count) return std::nullopt;
  std::array<int64_t, count> numbers{};
  std::ranges::copy(found, numbers.end() - static_cast<std::ptrdiff_t>(found.size()));
  return numbers;
}

std::optional<CellIndex> parse_cell(std::string_view text) {
  const auto n = parse_numbers<5>(text);
  if (!n) return std::nullopt;
  return CellIndex{.batch = (*n)[0], .channel = (*n)[1], .at = {(*n)[2], (*n)[3], (*n)[4]}};
}

template <typename Cell>
std::optional<Tag> cell_tag(std::string_view text) {
  const auto cell = parse_cell(text);
  return cell ? std::optional<Tag>(Cell{*cell}) : std::nullopt;
}

template <typename Tap>
std::optional<Tag> tap_tag(std::string_view text) {
  const auto n = parse_numbers<5>(text);
  if (!n) return std::nullopt;
  return Tap{.in_channel = (*n)[0], .out_channel = (*n)[1], .tap = {(*n)[2], (*n)[3], (*n)[4]}};
}

std::optional<Tag> product_tag(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto input = parse_cell(text.substr(0, slash));
  const auto n = parse_numbers<4>(text.substr(slash + 1));
  if (!input || !n) return std::nullopt;
  return Multiplication{.input = *input, .out_channel = (*n)[0], .tap = {(*n)[1], (*n)[2], (*n)[3]}};
}

}  // namespace

std::string tag_text(const Tag& tag) {
  if (const auto* cell = std::get_if<InputCell>(&tag)) return "input/" + cell_text(cell->cell);
  if (const auto* cell = std::get_if<OutputCell>(&tag)) return "output/" + cell_text(cell->cell);
  if (const auto* cell = std::get_if<GradInputCell>(&tag)) return "grad_input/" + cell_text(cell->cell);
  if (const auto* cell = std::get_if<GradOutputCell>(&tag)) return "grad_output/" + cell_text(cell->cell);
  if (const auto* tap = std::get_if<KernelTap>(&tag)) return "kernel/" + tap_text(*tap);
  if (const auto* tap = std::get_if<GradKernelTap>(&tag)) return "grad_kernel/" + tap_text(*tap);
  if (const auto* product = std::get_if<Multiplication>(&tag)) {
    return "product/" + cell_text(product->input) + "/" +
           numbers_text({product->out_channel, product->tap[0], product->tap[1], product->tap[2]});
  }
  return "";
}

std::optional<Tag> parse_tag(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view kind = text.substr(0, slash);
  const std::string_view rest = text.substr(slash + 1);
  if (kind == "input") return cell_tag<InputCell>(rest);
  if (kind == "output") return cell_tag<OutputCell>(rest);
  if (kind == "grad_input") return cell_tag<GradInputCell>(rest);
  if (kind == "grad_output") return cell_tag<GradOutputCell>(rest);
  if (kind == "kernel") return tap_tag<KernelTap>(rest);
  if (kind == "grad_kernel") return tap_tag<GradKernelTap>(rest);
  if (kind == "product") return product_tag(rest);
  return std::nullopt;
}

}  // namespace tconv
