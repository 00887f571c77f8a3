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
// An axis' number may be one number for all axes; what is left out keeps its usual value; a key that this version does
// not know is refused, so that a slip of the pen does not pass silently. Numbers that JSON lacks are "nan", "inf",
// "-inf".

#include <filesystem>
#include <string>
#include <string_view>

#include "document/document.h"

namespace tconv {

inline constexpr int document_version = 1;

/// Human-readable, stable order, a final newline; reading it back gives an equal document.
std::string to_json(const Document& document);

/// Throws FileError with one line: `name`, the place, the rule and what was found. A layer that breaks a layer rule is
/// no error here: it is shown as it is.
Document parse_document(std::string_view json, std::string_view name);

Document read_document(const std::filesystem::path& path);

}  // namespace tconv
