#include "document/json_reader.h"

#include <algorithm>
#include <limits>

#include "files/file_error.h"
#include "files/npy.h"

namespace tconv {

using std::int64_t;

namespace fs = std::filesystem;

JsonReader::JsonReader(const Json& json, std::string file, fs::path folder, std::string place)
    : json_(json), file_(std::move(file)), folder_(std::move(folder)), place_(std::move(place)) {}

void JsonReader::fail(const std::string& rule) const {
  throw FileError(file_, "\"" + place_ + "\" " + rule + ", found " + tconv::quoted(json_.dump(), 60));
}

JsonReader JsonReader::at(const char* key) const {
  return {json_.at(key), file_, folder_, place_.empty() ? std::string(key) : place_ + "." + key};
}

JsonReader JsonReader::at(std::size_t index) const {
  return {json_.at(index), file_, folder_, place_ + "[" + std::to_string(index) + "]"};
}

void JsonReader::require_object(std::initializer_list<std::string_view> known) const {
  if (!json_.is_object()) fail("must be an object");
  for (auto item = json_.begin(); item != json_.end(); ++item) {
    if (std::ranges::find(known, item.key()) == known.end()) {
      throw FileError(file_,
                      "unknown key " + tconv::quoted(item.key()) + (place_.empty() ? "" : " in \"" + place_ + "\""),
                      "remove it or check its spelling");
    }
  }
}

int64_t JsonReader::integer() const {
  if (!json_.is_number_integer()) fail("must be an integer");
  if (json_.is_number_unsigned() && json_.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX)) {
    fail("is too large");
  }
  return json_.get<int64_t>();
}

bool JsonReader::boolean() const {
  if (!json_.is_boolean()) fail("must be true or false");
  return json_.get<bool>();
}

std::string JsonReader::text() const {
  if (!json_.is_string()) fail("must be text in quotes");
  return json_.get<std::string>();
}

double JsonReader::number() const {
  if (!json_.is_number()) fail("must be a number");
  return json_.get<double>();
}

float JsonReader::real() const {
  if (json_.is_number()) return static_cast<float>(json_.get<double>());
  if (json_ == "nan") return std::numeric_limits<float>::quiet_NaN();
  if (json_ == "inf") return std::numeric_limits<float>::infinity();
  if (json_ == "-inf") return -std::numeric_limits<float>::infinity();
  fail("must be a number, \"nan\", \"inf\" or \"-inf\"");
}

Tensor JsonReader::array() const {
  const fs::path name(text());
  const bool leaves = name.is_absolute() || std::ranges::find(name, fs::path("..")) != name.end();
  if (leaves || !name.has_filename()) fail("must name a file in the scenario's folder or below it");
  if (folder_.empty()) fail("names a file, which only a scenario that is a file itself can do");
  const fs::path path = folder_ / name;
  std::error_code ignored;
  if (fs::exists(path, ignored) && !fs::is_regular_file(path, ignored)) fail("must name a regular file");
  try {
    return read_npy(path);
  } catch (const FileError& error) {
    throw FileError(file_, "\"" + place_ + "\" cannot be read: " + error.what());
  }
}

void read_field(LayerSpec& layer, const Field& field, const JsonReader& value) {
  if (field.name == "bias") {
    layer.bias = value.boolean();
  } else if (field.scope == FieldScope::layer || !value.is_array()) {
    layer = with_field(layer, field, all_axes, value.integer());
  } else {
    if (value.size() != static_cast<std::size_t>(layer.dims)) {
      value.fail("must have one number per axis (" + std::to_string(layer.dims) + ")");
    }
    for (std::size_t axis = 0; axis < value.size(); ++axis) {
      field.set(layer, static_cast<int>(axis), value.at(axis).integer());
    }
  }
}

int read_dims(const JsonReader& value) {
  const int64_t dims = value.integer();
  if (dims < 1 || dims > 3) value.fail("must be 1, 2 or 3");
  return static_cast<int>(dims);
}

namespace {

/// How deep brackets go, those in texts left out. Some of the parser's functions call themselves once a level.
int nesting(std::string_view text) {
  int depth = 0;
  int deepest = 0;
  bool in_text = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_text && c == '\\') ++i;
    if (c == '"') in_text = !in_text;
    if (in_text) continue;
    if (c == '[' || c == '{') deepest = std::max(deepest, ++depth);
    if (c == ']' || c == '}') --depth;
  }
  return deepest;
}

}  // namespace

Json parse_json(std::string_view text, std::string_view name) {
  constexpr int deepest = 32;
  if (nesting(text) > deepest) throw FileError(name, "is nested deeper than any scenario");
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    const std::size_t upto = std::min(error.byte, text.size());
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(upto), '\n');
    throw FileError(name, "is not valid JSON near line " + std::to_string(line), "open it in a text editor there");
  } catch (const Json::out_of_range&) {
    throw FileError(name, "holds a number beyond any range", "write \"inf\" for what is infinite");
  }
}

}  // namespace tconv
