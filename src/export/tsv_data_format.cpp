// Tab-separated values without any comment, to be pasted into a spreadsheet: of a table the names of its columns come
// first, and an empty line stands between the blocks of an array of more than two axes.

#include <algorithm>

#include "export/data_format.h"
#include "export/number_rows.h"

namespace tconv {
namespace {

void write_tsv(const std::vector<NamedArray>& arrays, const DataHeader&, const ByteSink& sink,
               const Progress& progress) {
  const NamedArray& array = arrays.front();
  if (!array.columns.empty()) {
    std::string names;
    for (const std::string& name : array.columns) names += (names.empty() ? "" : "\t") + name;
    send(names + "\n", sink);
  }
  const auto empty_line = [](std::span<const std::int64_t> at) {
    const bool first = std::ranges::all_of(at, [](std::int64_t index) { return index == 0; });
    return std::string(first ? "" : "\n");
  };
  write_rows(array, {.between = '\t', .heading = empty_line}, sink, progress);
}

}  // namespace

DataFormat tsv_data_format() { return {"tsv", ".tsv", "TSV", "one array as text for spreadsheets", false, write_tsv}; }

}  // namespace tconv
