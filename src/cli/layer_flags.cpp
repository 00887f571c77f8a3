#include "cli/layer_flags.h"

#include <algorithm>
#include <charconv>

#include "cli/command.h"
#include "files/file_error.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr std::size_t most_axes = 3;

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

int64_t number(std::string_view flag, std::string_view text) {
  text = trimmed(text);
  int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error == std::errc::result_out_of_range && stop == end) {
    throw usage_error(std::string(flag) + ": " + quoted(text) + " is out of range; the largest number is " +
                      std::to_string(INT64_MAX));
  }
  if (error != std::errc{} || stop != end) {
    throw usage_error(std::string(flag) + ": " + quoted(text) + " is not a whole number");
  }
  return value;
}

std::string range_text(const Field& field, bool required) {
  // The slider of a field begins at the least legal value; its end is only a habit.
  std::string text = "at least " + std::to_string(field.slider_first);
  if (!required) text += ", default " + std::to_string(field.usual);
  return text;
}

bool contains(const std::vector<std::string_view>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

std::string flag_of(const Field& field) {
  std::string flag = "--" + std::string(field.name);
  std::ranges::replace(flag, '_', '-');
  return flag;
}

std::vector<int64_t> parse_numbers(std::string_view flag, std::string_view text) {
  std::vector<int64_t> numbers;
  for (;;) {
    const std::size_t comma = text.find(',');
    numbers.push_back(number(flag, text.substr(0, comma)));
    if (comma == std::string_view::npos) return numbers;
    text.remove_prefix(comma + 1);
  }
}

int64_t parse_number(std::string_view flag, std::string_view text) {
  const auto numbers = parse_numbers(flag, text);
  if (numbers.size() == 1) return numbers.front();
  throw usage_error(std::string(flag) + ": takes one number, found " + std::to_string(numbers.size()));
}

LayerSpec usual_layer(int dims) {
  LayerSpec layer;
  layer.dims = dims;
  for (const Field& field : fields()) layer = with_field(layer, field, all_axes, field.usual);
  return layer;
}

void LayerFlags::add(CLI::App& app, const Field& field, bool required) {
  Flag& flag = flags_.emplace_back(Flag{&field, nullptr, {}});
  const std::string help =
      std::string(field.label) + ": " + std::string(field.help) + " (" + range_text(field, required) + ")";
  flag.option = app.add_option(flag_of(field), flag.text, help)->required(required);
  flag.option->type_name(field.scope == FieldScope::axis ? "N[,N...]" : "N");
}

void LayerFlags::add_axis_fields(CLI::App& app, const std::vector<std::string_view>& required,
                                 const std::vector<std::string_view>& except) {
  for (const Field& field : fields()) {
    if (field.scope == FieldScope::axis && !contains(except, field.name)) {
      add(app, field, contains(required, field.name));
    }
  }
}

int LayerFlags::dims() const {
  std::size_t longest = 1;
  std::string lists;  // "--input 2, --kernel 3"
  bool agree = true;
  for (const Flag& flag : flags_) {
    if (!flag.given() || flag.field->scope != FieldScope::axis) continue;
    const auto count = static_cast<std::size_t>(1 + std::ranges::count(flag.text, ','));
    if (count > most_axes) {
      throw usage_error(flag_of(*flag.field) + ": takes at most 3 numbers, one per axis, found " +
                        std::to_string(count));
    }
    if (count == 1) continue;
    agree = agree && (longest == 1 || longest == count);
    longest = std::max(longest, count);
    lists += (lists.empty() ? "" : ", ") + flag_of(*flag.field) + " " + std::to_string(count);
  }
  if (!agree) throw usage_error("the lists differ in length (" + lists + "); give one number, or one per axis");
  return static_cast<int>(longest);
}

LayerSpec LayerFlags::applied_to(LayerSpec layer) const {
  std::vector<std::string> lines;
  for (const Flag& flag : flags_) {
    if (!flag.given()) continue;
    try {
      const std::string name = flag_of(*flag.field);
      if (flag.field->scope == FieldScope::layer) {
        layer = with_field(layer, *flag.field, all_axes, parse_number(name, flag.text));
        continue;
      }
      const auto numbers = parse_numbers(name, flag.text);
      if (numbers.size() == 1) {
        layer = with_field(layer, *flag.field, all_axes, numbers.front());
      } else if (numbers.size() == static_cast<std::size_t>(layer.dims)) {
        for (int axis = 0; axis < layer.dims; ++axis) {
          layer = with_field(layer, *flag.field, axis, numbers[static_cast<std::size_t>(axis)]);
        }
      } else {
        const std::string axes = std::to_string(layer.dims) + (layer.dims == 1 ? " axis" : " axes");
        lines.push_back(name + ": found " + std::to_string(numbers.size()) + " numbers for a layer with " + axes +
                        "; give one number, or one per axis");
      }
    } catch (const CliError& error) {
      lines.insert(lines.end(), error.lines().begin(), error.lines().end());
    }
  }
  if (!lines.empty()) throw CliError(ExitCode::usage, std::move(lines));
  return layer;
}

}  // namespace tconv
