// tconv stack: layers one after the other: sizes, cost, and the unevenness that adds up.

#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <ostream>
#include <sstream>

#include "cli/command.h"
#include "cli/problem_lines.h"
#include "core/stack.h"
#include "document/stack_file.h"
#include "document/stack_text.h"

namespace tconv {
namespace {

using Json = nlohmann::ordered_json;
using std::int64_t;

struct StackOptions {
  std::vector<std::string> names;
  int64_t depth = 1;
  CLI::Option* depth_option = nullptr;
  bool json = false;
};

StackFile chosen_stack(const StackOptions& options) {
  StackFile file = load_stack(options.names);
  if (options.depth_option->count() == 0) return file;
  if (options.names.size() != 1 || names_stack(options.names[0])) {
    throw usage_error("--depth: repeats one scenario; name one that is no stack");
  }
  std::string name = file.stack[0].name;
  file.stack = repeated(file.stack[0].spec, options.depth);
  for (StackLayer& layer : file.stack) layer.name = name;
  return file;
}

template <typename Number>
Json per_axis(const StackDepth& depth, Number StackAxis::*member) {
  Json list = Json::array();
  for (const StackAxis& axis : depth.axes) list.push_back(axis.*member);
  return list;
}

Json depth_json(const StackDepth& depth) {
  const StackLayer& layer = depth.layer;
  Json json{{"name", layer.name}, {"kind", kind_name(layer.kind)}, {"layer", layer_name(layer)}};
  json["input"] = per_axis(depth, &StackAxis::input);
  json["output"] = per_axis(depth, &StackAxis::output);
  json["in_channels"] = layer.spec.in_channels;
  json["joined_channels"] = layer.joined;
  json["out_channels"] = layer.spec.out_channels;
  // What is unknown is null: a pattern that is too long.
  Json counts = Json::array();
  for (const StackAxis& axis : depth.axes) counts.push_back(axis.pattern.empty() ? Json() : Json(axis.pattern));
  json["counts"] = std::move(counts);
  json["even"] = depth.known() ? Json(depth.even()) : Json();
  json["least"] = depth.known() ? Json(depth.least()) : Json();
  json["most"] = depth.known() ? Json(depth.most()) : Json();
  const double ratio = depth.ratio();
  json["ratio"] = std::isfinite(ratio) ? Json(ratio) : Json();
  json["evening_kernel"] = depth.known() ? Json(depth.evening_kernel()) : Json();
  json["drift"] = per_axis(depth, &StackAxis::drift);
  json["parameters"] = depth.parameters;
  json["macs"] = depth.macs;
  return json;
}

Json stack_json(const StackFile& file, const StackReport& report) {
  Json json{{"title", file.title}, {"layers", Json::array()}};
  for (const StackDepth& depth : report.depths) json["layers"].push_back(depth_json(depth));
  json["parameters"] = report.parameters;
  json["macs"] = report.macs;
  return json;
}

/// The width of a text in UTF-8, one cell a character.
std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

using Row = std::vector<std::string>;

void write_table(std::ostream& out, const std::vector<Row>& rows, std::size_t words) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  }
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string space(widths[i] - width_of(row[i]), ' ');
      line += (i > 0 ? "  " : "") + (i < words ? row[i] + space : space + row[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << "\n";
  }
}

void write_stack(std::ostream& out, const StackFile& file, const StackReport& report) {
  out << file.title << "\n";
  if (!file.note.empty()) out << file.note << "\n";
  const bool named = std::ranges::any_of(file.stack, [](const StackLayer& layer) { return !layer.name.empty(); });
  std::vector<Row> rows{{"#"}};
  if (named) rows[0].push_back("name");
  const std::size_t words = rows[0].size() + 1;
  for (const char* head : {"layer", "size", "channels", "parameters", "MACs", "paths", "most:least", "drift"})
    rows[0].emplace_back(head);
  for (std::size_t i = 0; i < report.depths.size(); ++i) {
    const StackDepth& depth = report.depths[i];
    Row row{std::to_string(i + 1)};
    if (named) row.push_back(depth.layer.name);
    for (std::string text :
         {layer_name(depth.layer), sizes_text(depth), channels_text(depth.layer), grouped(depth.parameters),
          grouped(depth.macs), counts_text(depth), ratio_text(depth), drift_text(depth)}) {
      row.push_back(std::move(text));
    }
    rows.push_back(std::move(row));
  }
  write_table(out, rows, words);
  out << "in all: " << grouped(report.parameters) << " parameters, " << grouped(report.macs) << " MACs\n"
      << unevenness_sentence(report) << "\n";
  if (const std::string mend = evening_sentence(report.depths.back()); !mend.empty()) out << mend << "\n";
}

Action prepare_stack(CLI::App& app) {
  const auto options = std::make_shared<StackOptions>();
  std::string ids;
  for (const BuiltInStack& stack : built_in_stacks()) ids += (ids.empty() ? "" : ", ") + stack.id;
  app.add_option("SCENARIO", options->names,
                 "scenarios in the order of their layers (each gets the size that comes before it), or one stack: a "
                 ".stack.json file, or a built-in one: " +
                     ids)
      ->type_name("")
      ->required();
  options->depth_option = app.add_option(
      "--depth", options->depth,
      "this layer so many times (1 to " + std::to_string(longest_stack) + "); repeats take C_out channels");
  options->depth_option->type_name("N")->check(CLI::Range(int64_t{1}, longest_stack));
  app.add_flag("--json", options->json, "one line of JSON: layers with sizes, counts, ratio, drift, parameters, macs");
  return [options](std::ostream& out) {
    const StackFile file = chosen_stack(*options);
    const StackReport report = report_on(file.stack);
    require_none(report.problems);
    if (options->json) {
      out << stack_json(file, report).dump() << "\n";
    } else {
      write_stack(out, file, report);
    }
  };
}

}  // namespace

Command stack_command() {
  return {"stack", "layers one after the other: sizes, cost, and how their unevenness adds up", prepare_stack};
}

}  // namespace tconv
