#include "document/stack_file.h"

#include <algorithm>
#include <filesystem>

#include "document/json_reader.h"
#include "document/scenario_source.h"
#include "files/byte_source.h"
#include "files/embedded.h"
#include "files/file_error.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr const char* stack_format = "tconv-stack";
constexpr std::string_view stack_folder = "stacks/";
constexpr std::string_view stack_extension = ".stack.json";
constexpr std::uint64_t largest_stack_file = 1 << 20;

std::string embedded_name(std::string_view id) {
  return std::string(stack_folder) + std::string(id) + std::string(stack_extension);
}

/// Far beyond any legal layer, so that sums of a few do not leave int64.
int64_t channel_number(const JsonReader& value) {
  constexpr int64_t most = int64_t{1} << 31;
  const int64_t number = value.integer();
  if (number < 0 || number > most) value.fail("must be 0 to " + std::to_string(most));
  return number;
}

StackKind read_kind(const JsonReader& value) {
  const std::string text = value.text();
  for (const StackKind kind : {StackKind::transposed, StackKind::convolution, StackKind::nearest, StackKind::shuffle}) {
    if (text == kind_name(kind)) return kind;
  }
  value.fail("must be \"transposed\", \"convolution\", \"nearest\" or \"shuffle\"");
}

/// The channels that a shuffle leaves; illegal factors change nothing here.
int64_t shuffled_channels(const LayerSpec& spec) {
  int64_t channels = spec.in_channels;
  for (const AxisSpec& axis : spec.spatial()) channels /= std::max<int64_t>(1, axis.stride);
  return channels;
}

StackLayer read_stack_layer(const JsonReader& json, int dims, int64_t channels) {
  StackLayer layer;
  layer.spec.dims = dims;
  if (json.has("kind")) layer.kind = read_kind(json.at("kind"));
  const auto read = [&](const char* key) {
    if (json.has(key)) read_field(layer.spec, *find_field(key), json.at(key));
  };
  if (layer.kind == StackKind::nearest || layer.kind == StackKind::shuffle) {
    json.require_object({"name", "kind", "factor"});
    if (!json.has("factor")) json.fail("must have a \"factor\"");
    read_field(layer.spec, *find_field("stride"), json.at("factor"));
  } else {
    if (layer.kind == StackKind::transposed) {
      json.require_object({"name", "kind", "joined", "out_channels", "kernel", "stride", "padding", "padding_begin",
                           "padding_end", "output_padding", "dilation", "groups", "bias"});
    } else {
      json.require_object({"name", "kind", "joined", "out_channels", "kernel", "padding", "padding_begin",
                           "padding_end", "dilation", "groups", "bias"});
    }
    for (const char* key : {"kernel", "stride", "padding", "padding_begin", "padding_end", "output_padding", "dilation",
                            "groups", "bias"}) {
      read(key);
    }
  }
  if (json.has("name")) layer.name = json.at("name").text();
  if (json.has("joined")) layer.joined = channel_number(json.at("joined"));
  layer.spec.in_channels = channels + layer.joined;
  layer.spec.out_channels = layer.spec.in_channels;
  if (layer.kind == StackKind::shuffle) layer.spec.out_channels = shuffled_channels(layer.spec);
  if (json.has("out_channels")) layer.spec.out_channels = channel_number(json.at("out_channels"));
  return layer;
}

}  // namespace

StackFile parse_stack(std::string_view text, std::string_view name) {
  const Json json = parse_json(text, name);
  const JsonReader root(json, std::string(name), {}, "");
  if (!json.is_object() || json.value("format", Json()) != stack_format) {
    throw FileError(name, std::string("is JSON, but not a stack: no \"format\": \"") + stack_format + "\"");
  }
  if (!root.has("version")) throw FileError(name, "has no \"version\"", "a stack of today has version 1");
  const int64_t version = root.at("version").integer();
  if (version > stack_version) {
    throw FileError(
        name, "has version " + std::to_string(version) + ", newer than this program's " + std::to_string(stack_version),
        "open it with a newer program");
  }
  if (version < 1) root.at("version").fail("must be at least 1");
  root.require_object({"format", "version", "title", "note", "dims", "input", "channels", "layers"});
  for (const char* key : {"input", "channels", "layers"}) {
    if (!root.has(key)) throw FileError(name, "has no \"" + std::string(key) + "\"");
  }
  StackFile file;
  file.title = root.has("title") ? root.at("title").text() : std::string(name);
  if (root.has("note")) file.note = root.at("note").text();
  LayerSpec first;
  if (root.has("dims")) first.dims = read_dims(root.at("dims"));
  read_field(first, *find_field("input"), root.at("input"));
  int64_t channels = channel_number(root.at("channels"));
  const JsonReader layers = root.at("layers");
  if (!layers.is_array() || layers.size() > static_cast<std::size_t>(longest_stack)) {
    layers.fail("must be a list of at most " + std::to_string(longest_stack) + " layers");
  }
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const JsonReader json_layer = layers.at(i);
    StackLayer layer = read_stack_layer(json_layer, first.dims, channels);
    if (i == 0 && layer.joined > 0) json_layer.at("joined").fail("must be left out of the first layer");
    for (std::size_t axis = 0; axis < 3; ++axis) layer.spec.axes[axis].input = i == 0 ? first.axes[axis].input : 1;
    channels = layer.spec.out_channels;
    file.stack.push_back(std::move(layer));
  }
  return file;
}

std::vector<BuiltInStack> built_in_stacks() {
  std::vector<BuiltInStack> stacks;
  for (std::string_view name : embedded_names(stack_folder)) {
    if (!name.ends_with(stack_extension)) continue;
    const StackFile file = parse_stack(*embedded_file(name), name);
    name.remove_prefix(stack_folder.size());
    name.remove_suffix(stack_extension.size());
    stacks.push_back({std::string(name), file.title});
  }
  return stacks;
}

bool is_built_in_stack(std::string_view id) { return embedded_file(embedded_name(id)).has_value(); }

StackFile built_in_stack(std::string_view id) { return parse_stack(*embedded_file(embedded_name(id)), id); }

bool names_stack(std::string_view name) { return is_built_in_stack(name) || name.ends_with(stack_extension); }

StackFile load_stack(std::span<const std::string> names) {
  if (names.size() == 1 && is_built_in_stack(names[0])) return built_in_stack(names[0]);
  if (names.size() == 1 && names_stack(names[0])) {
    ByteSource source{std::filesystem::path(names[0])};
    const auto bytes = read_all(source, largest_stack_file);
    return parse_stack({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, names[0]);
  }
  StackFile file;
  for (const std::string& name : names) {
    if (names_stack(name)) {
      throw FileError(name, "is a stack itself", "name it alone, or scenarios only");
    }
    StackLayer layer;
    layer.name = std::filesystem::path(name).filename().string();
    if (layer.name.ends_with(".tconv.json"))
      layer.name.resize(layer.name.size() - std::string_view(".tconv.json").size());
    layer.spec = load_document(name).scenario.layer;
    file.title += (file.title.empty() ? "" : ", ") + layer.name;
    file.stack.push_back(std::move(layer));
  }
  return file;
}

}  // namespace tconv
