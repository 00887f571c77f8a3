#pragma once
// Arrays as files. One file per format: <id>_data_format.cpp defines `DataFormat <id>_data_format()`, and is found by
// listing.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "files/byte_sink.h"
#include "files/progress.h"
#include "views/named_array.h"
#include "views/view.h"

namespace tconv {

/// What a file says about itself where its format has room for it.
struct DataHeader {
  std::string view;                ///< whose numbers these are: "Overlap"
  std::vector<std::string> words;  ///< about the layer, a line each
  std::string embedded;            ///< the document in letters, see document/embedded_document.h; may be empty
};
DataHeader data_header(const View& view, const Document& document);

struct DataFormat {
  std::string_view id;         ///< "csv"
  std::string_view extension;  ///< ".csv"
  std::string_view label;      ///< in menus, a word or two
  std::string_view help;       ///< what it is good for, a line
  bool many;                   ///< takes all arrays, else only the first
  /// Hands the file's bytes on one after the other; holds no second copy of the arrays. The same arrays and header give
  /// the same bytes anywhere, any time. Tells `progress` at least every 20 ms or so. Throws std::runtime_error with one
  /// line for arrays that the format cannot hold, Cancelled, and what the sink throws. `arrays` is not empty.
  void (*write)(const std::vector<NamedArray>& arrays, const DataHeader& header, const ByteSink& sink,
                const Progress& progress);
};

/// Every format, in their names' order.
std::vector<DataFormat> listed_data_formats();
/// Nothing when there is none of that name.
std::optional<DataFormat> find_data_format(std::string_view id);

/// Writes a file as a whole or not at all: a failure or a cancel leaves what was there. Throws FileError beside what
/// `DataFormat::write` throws.
void write_data(const DataFormat& format, const std::vector<NamedArray>& arrays, const DataHeader& header,
                const std::filesystem::path& path, const Progress& progress = {});
/// The bytes in memory: for the clipboard.
std::string data_bytes(const DataFormat& format, const std::vector<NamedArray>& arrays, const DataHeader& header,
                       const Progress& progress = {});

}  // namespace tconv
