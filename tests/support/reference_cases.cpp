#include "support/reference_cases.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "support/npz.h"
#include "support/own_places.h"

namespace tconv::test {
namespace {

using Json = nlohmann::json;

struct ReferenceTable {
  std::vector<ReferenceCase> cases;
  std::vector<BadLayer> bad;
};

void read_layer(const Json& json, ReferenceLayer& layer) {
  json.at("kernel").get_to(layer.kernel);
  json.at("stride").get_to(layer.stride);
  json.at("padding").get_to(layer.padding);
  json.at("output_padding").get_to(layer.output_padding);
  json.at("dilation").get_to(layer.dilation);
  json.at("input").get_to(layer.input);
}

ReferenceCase read_case(const Json& json) {
  ReferenceCase out;
  json.at("name").get_to(out.name);
  json.at("op").get_to(out.op);
  if (out.op == "conv_transpose") {
    read_layer(json, out);
    json.at("dims").get_to(out.dims);
    json.at("groups").get_to(out.groups);
    json.at("output").get_to(out.output);
    json.at("bias").get_to(out.bias);
    json.at("integer").get_to(out.integer);
  } else if (out.op == "pixel_shuffle") {
    json.at("factor").get_to(out.factor);
  } else if (out.op == "upsample") {
    json.at("factor").get_to(out.factor);
    json.at("mode").get_to(out.mode);
    json.at("align_corners").get_to(out.align_corners);
  } else {
    // A case that no test picks up would look like a case that passes.
    throw std::runtime_error("case " + out.name + ": unknown op \"" + out.op + "\"");
  }
  return out;
}

ReferenceTable read_table() {
  const std::filesystem::path path = reference_folder() / "cases.json";
  try {
    std::ifstream file(path);
    if (!file) throw std::runtime_error("cannot be opened");
    const Json json = Json::parse(file);
    ReferenceTable table;
    for (const Json& entry : json.at("cases")) table.cases.push_back(read_case(entry));
    for (const Json& entry : json.at("bad")) {
      BadLayer& layer = table.bad.emplace_back();
      read_layer(entry, layer);
      entry.at("torch").get_to(layer.torch);
    }
    return table;
  } catch (const std::exception& error) {
    throw std::runtime_error(path.string() + ": " + error.what());
  }
}

const ReferenceTable& table_of_cases() {
  static const ReferenceTable table = read_table();
  return table;
}

}  // namespace

std::filesystem::path reference_folder() { return sources() / "reference"; }

const std::vector<ReferenceCase>& reference_cases() { return table_of_cases().cases; }

std::vector<ReferenceCase> reference_cases(std::string_view op) {
  std::vector<ReferenceCase> out;
  std::ranges::copy_if(reference_cases(), std::back_inserter(out), [&](const auto& entry) { return entry.op == op; });
  return out;
}

const std::vector<BadLayer>& bad_layers() { return table_of_cases().bad; }

std::map<std::string, Tensor> reference_tensors(std::string_view case_name) {
  return read_npz(reference_folder() / (std::string(case_name) + ".npz"));
}

}  // namespace tconv::test
