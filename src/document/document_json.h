#pragma once
// Scenario files, *.tconv.json. Version 1, keys in this order:
//
//   {
//     "format": "tconv-scenario", "version": 1,
//     "layer": {"dims": 2, "input": [2, 2], "kernel": [3, 3], "stride": [1, 1], "padding": [0, 0], …,
//               "in_channels": 1, "out_channels": 1, "groups": 1, "batch": 1, "bias": false},
//     "input": {"pattern": "counting"}, "kernel": {"pattern": "custom", "shape": […], "values": […]},
//     "bias": {…}, "traversal": "row_major",
//     "presentation": {"color_map": "viridis", "show_hits": false}
//   }
//
// How colours are laid over numbers follows in "presentation" where it is not the usual way: "color_scale": "log" or
// "symlog", "color_center": "on" or "off", "color_clamp": [2, 98] (percentiles), "color_range": [-1, 1].
//
// An axis' number may be one number for all axes; what is left out keeps its usual value; a key that this version does
// not know is refused, so that a slip of the pen does not pass silently. Numbers that JSON lacks are "nan", "inf",
// "-inf".
//
// An array of many numbers lies beside the scenario: {"pattern": "custom", "file": "name.kernel.1f2e3d4c.npy"}. The
// name is relative to the scenario's folder and stays inside it; the shape is the file's. See document_file.h.

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/tensor.h"
#include "document/document.h"
#include "files/file_error.h"

namespace tconv {

inline constexpr int document_version = 1;

/// A scenario of a later version: nothing is wrong with it, and it must not be changed.
class NewerDocument : public FileError {
 public:
  using FileError::FileError;
};

/// The file to name instead of writing an array's numbers, "" to write them. `role` is the array's key: "kernel".
using ArrayNamer = std::function<std::string(std::string_view role, const Tensor& array)>;

/// Human-readable, stable order, a final newline; reading it back gives an equal document, except for axes beyond
/// `dims`, which are not written.
std::string to_json(const Document& document, const ArrayNamer& file_of = {});

/// Throws FileError with one line: `name`, the place, the rule and what was found; NewerDocument for a later version.
/// A layer that breaks a layer rule is no error here: it is shown as it is. Files that it names are looked for in
/// `folder`; without one they are refused.
Document parse_document(std::string_view json, std::string_view name, const std::filesystem::path& folder = {});

/// The files that a scenario names, whatever else is wrong with it.
std::vector<std::string> array_files(std::string_view json);

}  // namespace tconv
