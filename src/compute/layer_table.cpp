#include "compute/layer_table.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <optional>
#include <span>

#include "files/byte_source.h"
#include "files/file_error.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr std::uint64_t largest_file = 1 << 20;
constexpr std::string_view header = "name,N,Cin,Cout,groups,Hin,Win,K,S,P,OP,D";

/// A column of numbers, and the field of core's problems that it stands for; `axis` −1: both or none.
struct Column {
  std::string_view name;
  std::string_view field;
  int axis;
  void (*set)(LayerSpec&, int64_t);
};

template <int64_t AxisSpec::*member>
void set_both(LayerSpec& layer, int64_t value) {
  for (AxisSpec& axis : layer.spatial()) axis.*member = value;
}

constexpr std::array table_columns{
    Column{"N", "batch", -1, [](LayerSpec& layer, int64_t value) { layer.batch = value; }},
    Column{"Cin", "in_channels", -1, [](LayerSpec& layer, int64_t value) { layer.in_channels = value; }},
    Column{"Cout", "out_channels", -1, [](LayerSpec& layer, int64_t value) { layer.out_channels = value; }},
    Column{"groups", "groups", -1, [](LayerSpec& layer, int64_t value) { layer.groups = value; }},
    Column{"Hin", "input", 0, [](LayerSpec& layer, int64_t value) { layer.axes[0].input = value; }},
    Column{"Win", "input", 1, [](LayerSpec& layer, int64_t value) { layer.axes[1].input = value; }},
    Column{"K", "kernel", -1, &set_both<&AxisSpec::kernel>},
    Column{"S", "stride", -1, &set_both<&AxisSpec::stride>},
    Column{"P", "padding", -1,
           [](LayerSpec& layer, int64_t value) {
             for (AxisSpec& axis : layer.spatial()) axis.padding_begin = axis.padding_end = value;
           }},
    Column{"OP", "output_padding", -1, &set_both<&AxisSpec::output_padding>},
    Column{"D", "dilation", -1, &set_both<&AxisSpec::dilation>},
};

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r";
  const std::size_t first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

/// Whether a terminal might act on it: C0, DEL and, in UTF-8, C1.
bool has_control(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    if (byte < 0x20 || byte == 0x7F || (byte == 0xC2 && next >= 0x80 && next < 0xA0)) return true;
  }
  return false;
}

std::vector<std::string_view> cells_of(std::string_view line) {
  std::vector<std::string_view> cells;
  for (;;) {
    const std::size_t comma = line.find(',');
    cells.push_back(trimmed(line.substr(0, comma)));
    if (comma == std::string_view::npos) return cells;
    line.remove_prefix(comma + 1);
  }
}

class Table {
 public:
  Table(std::string_view file, const Limits& limits) : file_(file), limits_(limits) {}

  void take(std::string_view line) {
    ++line_;
    line = trimmed(line);
    if (line_ == 1 && line.starts_with("\xef\xbb\xbf")) line = trimmed(line.substr(3));  // what some editors put first
    if (line.empty() || line.starts_with('#')) return;
    if (line.find('"') != std::string_view::npos) {
      refuse({}, "quotes are not known here; cells stand bare, and names have no commas");
    }
    const auto cells = cells_of(line);
    if (names_.empty()) {
      take_names(cells);
    } else {
      take_layer(cells);
    }
  }

  std::vector<NamedLayer> layers() && {
    if (names_.empty()) throw FileError(file_, "is empty", "its first line names the columns: " + std::string(header));
    return std::move(layers_);
  }

 private:
  [[noreturn]] void refuse(std::string_view column, const std::string& found) const {
    std::string place = "line " + std::to_string(line_);
    if (!column.empty()) place += ", column " + quoted(column);
    throw FileError(file_, place + ": " + found);
  }

  void take_names(const std::vector<std::string_view>& cells) {
    const auto wanted = cells_of(header);
    for (const std::string_view name : cells) {
      if (std::ranges::count(wanted, name) == 0) {
        refuse({}, "there is no column " + quoted(name) + "; the first line must be " + std::string(header));
      }
      if (std::ranges::count(cells, name) > 1)
        refuse(name, "is there twice; the first line must be " + std::string(header));
    }
    for (const std::string_view name : wanted) {
      if (std::ranges::count(cells, name) == 0)
        refuse(name, "is missing; the first line must be " + std::string(header));
    }
    names_.assign(cells.begin(), cells.end());
  }

  void take_layer(const std::vector<std::string_view>& cells) {
    if (cells.size() != names_.size()) {
      refuse({}, "must have " + std::to_string(names_.size()) + " columns, found " + std::to_string(cells.size()));
    }
    NamedLayer row;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (names_[i] == "name") {
        row.name = named(cells[i]);
        continue;
      }
      const auto column = std::ranges::find(table_columns, std::string_view(names_[i]), &Column::name);
      column->set(row.layer, number(column->name, cells[i]));
    }
    require_legal(row.layer);
    layers_.push_back(std::move(row));
  }

  std::string named(std::string_view cell) const {
    if (cell.empty()) refuse("name", "must not be empty");
    if (has_control(cell)) refuse("name", "must not hold control characters, found " + quoted(cell));
    if (std::ranges::find(layers_, cell, &NamedLayer::name) != layers_.end()) {
      refuse("name", quoted(cell) + " is there twice; each layer needs a name of its own");
    }
    return std::string(cell);
  }

  int64_t number(std::string_view column, std::string_view cell) const {
    int64_t value = 0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    if (error != std::errc() || end != cell.data() + cell.size()) {
      refuse(column, "must be a whole number within 64 bits, found " + quoted(cell));
    }
    return value;
  }

  void require_legal(const LayerSpec& layer) const {
    const auto problems = validate(layer, limits_);
    if (problems.empty()) return;
    Problem problem = problems.front();
    if (problem.field.starts_with("padding")) problem.field = "padding";  // one column is both ends
    std::string_view name;
    for (const Column& column : table_columns) {
      if (problem.field == column.field && (column.axis < 0 || problem.axis == column.axis)) name = column.name;
    }
    // A name that is no column's, such as "weight", stays in the sentence; one that is stands before it already.
    std::string line = to_line(problem);
    if (!name.empty()) line.erase(0, line.find(": ") + 2);
    refuse(name, line);
  }

  std::string_view file_;
  const Limits& limits_;
  std::int64_t line_ = 0;
  std::vector<std::string> names_;
  std::vector<NamedLayer> layers_;
};

}  // namespace

std::vector<NamedLayer> parse_layer_table(std::string_view text, std::string_view file, const Limits& limits) {
  Table table(file, limits);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    table.take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return std::move(table).layers();
}

std::vector<NamedLayer> read_layer_table(const std::filesystem::path& path, const Limits& limits) {
  ByteSource source = path == "-" ? ByteSource::standard_input() : ByteSource(path);
  const auto bytes = read_all(source, largest_file);
  return parse_layer_table({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, source.name(), limits);
}

}  // namespace tconv
