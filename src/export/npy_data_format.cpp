#include "export/data_format.h"
#include "files/npy.h"

namespace tconv {
namespace {

void write_npy_array(const std::vector<NamedArray>& arrays, const DataHeader&, const ByteSink& sink,
                     const Progress& progress) {
  const Tensor& values = arrays.front().values;
  send(npy_header_bytes(values.shape()), sink);
  send(std::as_bytes(values.values()), sink, progress);
}

}  // namespace

DataFormat npy_data_format() { return {"npy", ".npy", "NPY", "one array for NumPy", false, write_npy_array}; }

}  // namespace tconv
