#pragma once
// Reading JSON files that people write by hand: every complaint is one line with the file, the place, the rule and what
// was found. Only the .cpp files of this folder include this header.

#include <filesystem>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "core/tensor.h"
#include "document/fields.h"

namespace tconv {

using Json = nlohmann::ordered_json;

/// A value with its place in the file, for messages.
class JsonReader {
 public:
  /// `json` must outlive this; `folder` is where files that it names are looked for, empty if it may name none.
  JsonReader(const Json& json, std::string file, std::filesystem::path folder, std::string place);

  /// Throws FileError: the place, `rule` and what was found.
  [[noreturn]] void fail(const std::string& rule) const;

  bool has(const char* key) const { return json_.contains(key); }
  JsonReader at(const char* key) const;
  bool is_array() const { return json_.is_array(); }
  std::size_t size() const { return json_.size(); }
  JsonReader at(std::size_t index) const;

  /// Fails unless it is an object that has only `known` keys.
  void require_object(std::initializer_list<std::string_view> known) const;

  // Fail when it is something else.
  std::int64_t integer() const;
  bool boolean() const;
  std::string text() const;
  double number() const;
  float real() const;  ///< a number, "nan", "inf" or "-inf"
  /// The array in the file that this text names.
  Tensor array() const;

 private:
  const Json& json_;
  std::string file_;
  std::filesystem::path folder_;
  std::string place_;
};

/// Sets a field of a layer: of an axis' field one number for all axes, or one per axis.
void read_field(LayerSpec& layer, const Field& field, const JsonReader& value);

/// The number of axes that the key "dims" holds.
int read_dims(const JsonReader& value);

/// Throws FileError with the line where it stops being JSON, and for what is nested absurdly deep.
Json parse_json(std::string_view text, std::string_view name);

}  // namespace tconv
