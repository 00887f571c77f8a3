#include "document/document_json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <initializer_list>

#include "document/fields.h"
#include "document/json_reader.h"
#include "files/file_error.h"

namespace tconv {
namespace {

using std::int64_t;

namespace fs = std::filesystem;

constexpr const char* scenario_format = "tconv-scenario";
constexpr std::array array_roles{"input", "kernel", "bias", "grad_output"};

// ---- writing

/// The double that prints as the float does: 0.1F as 0.1, not as 0.10000000149011612.
Json json_number(float value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  double shortest = 0;
  std::from_chars(text.data(), end, shortest);
  return shortest;
}

Json write_pattern(const Pattern& pattern, std::string_view role, const ArrayNamer& file_of) {
  Json json{{"pattern", pattern.id}};
  if (pattern.id == "random") json["seed"] = pattern.seed;
  const std::string file = pattern.id == "custom" && file_of ? file_of(role, pattern.values) : "";
  if (!file.empty()) {
    json["file"] = file;
  } else if (pattern.id == "custom") {
    json["shape"] = Json::array();
    for (int axis = 0; axis < pattern.values.shape().rank(); ++axis) {
      json["shape"].push_back(pattern.values.shape()[axis]);
    }
    json["values"] = Json::array();
    for (const float value : pattern.values.values()) json["values"].push_back(json_number(value));
  }
  return json;
}

Json write_layer(const LayerSpec& layer) {
  Json json{{"dims", layer.dims}};
  for (const Field& field : fields()) {
    if (field.name == "padding") continue;  // both ends are written
    if (field.scope == FieldScope::layer) {
      json[std::string(field.name)] = field.get(layer, 0);
      continue;
    }
    Json list = Json::array();
    for (int axis = 0; axis < layer.dims; ++axis) list.push_back(field.get(layer, axis));
    json[std::string(field.name)] = std::move(list);
  }
  json["bias"] = layer.bias;
  return json;
}

Json write_presentation(const Presentation& presentation) {
  Json json{{"color_map", presentation.color_map}, {"show_hits", presentation.show_hits}};
  const ColorSettings& colors = presentation.colors;
  if (colors.scale != ScaleKind::linear) json["color_scale"] = name_of(colors.scale);
  if (colors.centring != Centring::automatic) json["color_center"] = name_of(colors.centring);
  if (colors.clamp.is_on()) json["color_clamp"] = {colors.clamp.low, colors.clamp.high};
  if (colors.locked) json["color_range"] = {colors.locked->low, colors.locked->high};
  return json;
}

/// Two levels of lines, everything deeper on one: readable by eye, and by a line-based diff.
std::string lay_out(const Json& json) {
  std::string text = "{\n";
  for (auto item = json.begin(); item != json.end(); ++item) {
    text += "  " + Json(item.key()).dump() + ": ";
    if (item->is_object() && item->size() > 2) {
      text += "{\n";
      for (auto inner = item->begin(); inner != item->end(); ++inner) {
        text += "    " + Json(inner.key()).dump() + ": " + inner->dump();
        text += std::next(inner) == item->end() ? "\n" : ",\n";
      }
      text += "  }";
    } else {
      text += item->dump();
    }
    text += std::next(item) == json.end() ? "\n" : ",\n";
  }
  return text + "}\n";
}

// ---- reading

LayerSpec read_scenario_layer(const JsonReader& json) {
  json.require_object({"dims", "input", "kernel", "stride", "padding", "padding_begin", "padding_end", "output_padding",
                       "dilation", "in_channels", "out_channels", "groups", "batch", "bias"});
  LayerSpec layer = example_scenario().layer;
  if (json.has("dims")) layer.dims = read_dims(json.at("dims"));
  for (const Field& field : fields()) {
    const std::string key(field.name);
    if (!json.has(key.c_str())) continue;
    read_field(layer, field, json.at(key.c_str()));
  }
  return layer;
}

Pattern read_pattern(const JsonReader& json) {
  json.require_object({"pattern", "seed", "shape", "values", "file"});
  if (!json.has("pattern")) json.fail("must have a \"pattern\"");
  Pattern pattern;
  pattern.id = json.at("pattern").text();
  if (!is_known_pattern(pattern.id)) json.at("pattern").fail("must name a known pattern");
  if (json.has("seed")) {
    const int64_t seed = json.at("seed").integer();
    if (seed < 0 || seed > UINT32_MAX) json.at("seed").fail("must be 0 to 4294967295");
    pattern.seed = static_cast<std::uint32_t>(seed);
  }
  if (pattern.id != "custom") return pattern;

  if (json.has("file")) {
    if (json.has("shape") || json.has("values"))
      json.fail("must have a \"file\" or a \"shape\" and \"values\", not both");
    pattern.values = json.at("file").array();
    return pattern;
  }
  if (!json.has("shape") || !json.has("values")) json.fail("must have \"shape\" and \"values\", or a \"file\"");
  const JsonReader shape_json = json.at("shape");
  if (!shape_json.is_array() || shape_json.size() > Shape::max_rank) shape_json.fail("must be a list of 3 to 5 sizes");
  std::vector<int64_t> extents;
  for (std::size_t i = 0; i < shape_json.size(); ++i) extents.push_back(shape_json.at(i).integer());
  const Shape shape(extents);
  const JsonReader values_json = json.at("values");
  const auto elements = shape.checked_elements();
  if (!values_json.is_array() || !elements || static_cast<std::size_t>(*elements) != values_json.size()) {
    shape_json.fail("must fit the " + std::to_string(values_json.size()) + " values");
  }
  std::vector<float> values;
  values.reserve(values_json.size());
  for (std::size_t i = 0; i < values_json.size(); ++i) values.push_back(values_json.at(i).real());
  pattern.values = Tensor(shape, std::move(values));
  return pattern;
}

/// A name of a table of names, by its finder; `rule` lists them.
template <typename Find>
auto read_name(const JsonReader& json, Find find, const char* rule) {
  const auto found = find(json.text());
  if (!found) json.fail(rule);
  return *found;
}

/// Two numbers that belong together: the ends of a range.
template <typename Pair>
Pair read_pair(const JsonReader& json) {
  if (!json.is_array() || json.size() != 2) json.fail("must be a list of two numbers");
  const Pair pair{json.at(std::size_t{0}).number(), json.at(std::size_t{1}).number()};
  const std::string problem = problem_of(pair);
  if (!problem.empty()) json.fail(problem);
  return pair;
}

ColorSettings read_color_settings(const JsonReader& json) {
  ColorSettings colors;
  if (json.has("color_scale")) {
    colors.scale = read_name(json.at("color_scale"), find_scale_kind, "must be \"linear\", \"log\" or \"symlog\"");
  }
  if (json.has("color_center")) {
    colors.centring = read_name(json.at("color_center"), find_centring, "must be \"auto\", \"on\" or \"off\"");
  }
  if (json.has("color_clamp")) colors.clamp = read_pair<PercentileClamp>(json.at("color_clamp"));
  if (json.has("color_range")) colors.locked = read_pair<ColorRange>(json.at("color_range"));
  return colors;
}

Presentation read_presentation(const JsonReader& json) {
  json.require_object({"color_map", "show_hits", "color_scale", "color_center", "color_clamp", "color_range"});
  Presentation presentation;
  if (json.has("color_map")) presentation.color_map = json.at("color_map").text();
  if (json.has("show_hits")) presentation.show_hits = json.at("show_hits").boolean();
  presentation.colors = read_color_settings(json);
  return presentation;
}

}  // namespace

std::string to_json(const Document& document, const ArrayNamer& file_of) {
  const Scenario& scenario = document.scenario;
  Json json{{"format", scenario_format}, {"version", document_version}};
  json["layer"] = write_layer(scenario.layer);
  const auto write = [&](const char* role, const Pattern& pattern) {
    json[role] = write_pattern(pattern, role, file_of);
  };
  write("input", scenario.input);
  write("kernel", scenario.kernel);
  if (scenario.layer.bias || scenario.bias != Pattern{}) write("bias", scenario.bias);
  if (scenario.grad_output != Pattern{}) write("grad_output", scenario.grad_output);
  json["traversal"] = scenario.traversal == Traversal::row_major ? "row_major" : "column_major";
  json["presentation"] = write_presentation(document.presentation);
  return lay_out(json);
}

Document parse_document(std::string_view text, std::string_view name, const fs::path& folder) {
  const std::string file(name);
  const Json json = parse_json(text, name);
  const JsonReader root(json, file, folder, "");
  if (!json.is_object() || json.value("format", Json()) != scenario_format) {
    throw FileError(name, std::string("is JSON, but not a scenario: no \"format\": \"") + scenario_format + "\"");
  }
  if (!json.contains("version")) throw FileError(name, "has no \"version\"", "a scenario of today has version 1");
  const int64_t version = root.at("version").integer();
  if (version > document_version) {
    throw NewerDocument(
        name,
        "has version " + std::to_string(version) + ", newer than this program's " + std::to_string(document_version),
        "open it with a newer program; it is not changed");
  }
  if (version < 1) root.at("version").fail("must be at least 1");
  root.require_object(
      {"format", "version", "layer", "input", "kernel", "bias", "grad_output", "traversal", "presentation"});
  Document document;
  if (root.has("layer")) document.scenario.layer = read_scenario_layer(root.at("layer"));
  if (root.has("input")) document.scenario.input = read_pattern(root.at("input"));
  if (root.has("kernel")) document.scenario.kernel = read_pattern(root.at("kernel"));
  if (root.has("bias")) document.scenario.bias = read_pattern(root.at("bias"));
  if (root.has("grad_output")) document.scenario.grad_output = read_pattern(root.at("grad_output"));
  if (root.has("traversal")) {
    const std::string traversal = root.at("traversal").text();
    if (traversal != "row_major" && traversal != "column_major") {
      root.at("traversal").fail("must be \"row_major\" or \"column_major\"");
    }
    document.scenario.traversal = traversal == "row_major" ? Traversal::row_major : Traversal::column_major;
  }
  if (root.has("presentation")) document.presentation = read_presentation(root.at("presentation"));
  return document;
}

std::vector<std::string> array_files(std::string_view text) {
  std::vector<std::string> files;
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object()) return files;
  for (const char* role : array_roles) {
    const auto pattern = json.find(role);
    if (pattern == json.end() || !pattern->is_object()) continue;
    const auto file = pattern->find("file");
    if (file != pattern->end() && file->is_string()) files.push_back(file->get<std::string>());
  }
  return files;
}

}  // namespace tconv
