#include "cli/sweep.h"

#include <algorithm>

#include "cli/command.h"
#include "cli/layer_flags.h"
#include "core/names.h"
#include "files/file_error.h"

namespace tconv {

using std::int64_t;

namespace {

constexpr std::string_view flag = "--sweep";

std::vector<std::string_view> field_names() {
  std::vector<std::string_view> names;
  for (const Field& field : fields()) names.push_back(field.name);
  return names;
}

std::vector<int64_t> range_of(std::string_view text) {
  std::vector<int64_t> ends;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(':', begin), text.size());
    ends.push_back(parse_number(flag, text.substr(begin, end - begin)));
    begin = end + 1;
  }
  if (ends.size() > 3)
    throw usage_error("--sweep: a range is FIRST:LAST or FIRST:LAST:STEP, found '" + std::string(text) + "'");
  const int64_t step = ends.size() == 3 ? ends[2] : 1;
  if (step < 1) throw usage_error("--sweep: the step must be at least 1, found " + std::to_string(step));
  if (ends[1] < ends[0]) {
    throw usage_error("--sweep: the last value must not lie below the first, found '" + std::string(text) + "'");
  }
  std::vector<int64_t> values;
  for (int64_t value = ends[0];; value += step) {
    values.push_back(value);
    if (value > ends[1] - step || values.size() > most_swept) return values;
  }
}

}  // namespace

Sweep parse_sweep(std::string_view text) {
  const std::size_t sign = text.find('=');
  std::string name(text.substr(0, sign));
  std::ranges::replace(name, '-', '_');
  if (sign == std::string_view::npos) {
    throw usage_error("--sweep: must be NAME=FIRST:LAST, such as kernel=2:6, found '" + std::string(text) + "'");
  }
  const Field* field = find_field(name);
  if (field == nullptr) {
    throw usage_error("--sweep: there is no number " + tconv::quoted(name) + " of a layer; " +
                      suggestion(name, field_names()));
  }
  const std::string_view values = text.substr(sign + 1);
  if (values.find(':') != std::string_view::npos) return {field, range_of(values)};
  return {field, parse_numbers(flag, values)};
}

std::vector<LayerSpec> swept(const LayerSpec& layer, const std::vector<Sweep>& sweeps) {
  std::vector<LayerSpec> layers{layer};
  for (std::size_t i = 0; i < sweeps.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (sweeps[k].field == sweeps[i].field) {
        throw usage_error("--sweep: " + std::string(sweeps[i].field->name) + " is swept twice");
      }
    }
    if (sweeps[i].values.size() > most_swept / layers.size()) {
      throw usage_error("--sweep: at most " + std::to_string(most_swept) + " layers in one command");
    }
    std::vector<LayerSpec> next;
    for (const LayerSpec& each : layers) {
      for (const int64_t value : sweeps[i].values) next.push_back(with_field(each, *sweeps[i].field, all_axes, value));
    }
    layers = std::move(next);
  }
  return layers;
}

std::string expanded(std::string_view pattern, const LayerSpec& layer,
                     const std::map<std::string, std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const std::size_t end = pattern[i] == '{' ? pattern.find('}', i) : std::string_view::npos;
    if (end == std::string_view::npos) {
      text += pattern[i];
      continue;
    }
    const std::string name(pattern.substr(i + 1, end - i - 1));
    if (const auto found = names.find(name); found != names.end()) {
      text += found->second;
    } else if (const Field* field = find_field(name)) {
      text += std::to_string(value_of(layer, *field, all_axes));
    } else {
      std::vector<std::string_view> known = field_names();
      for (const auto& [one, ignored] : names) known.push_back(one);
      throw usage_error("--output: there is nothing to put for {" + name + "}; " + suggestion(name, known));
    }
    i = end;
  }
  return text;
}

}  // namespace tconv
