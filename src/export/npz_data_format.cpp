#include "export/data_format.h"
#include "files/npz_writer.h"

namespace tconv {
namespace {

void write_npz_archive(const std::vector<NamedArray>& arrays, const DataHeader&, const ByteSink& sink,
                       const Progress& progress) {
  std::vector<NpzArray> entries;
  for (const NamedArray& array : arrays) entries.push_back({array.name, array.values});
  write_npz(entries, sink, progress);
}

}  // namespace

DataFormat npz_data_format() { return {"npz", ".npz", "NPZ", "all arrays for NumPy", true, write_npz_archive}; }

}  // namespace tconv
