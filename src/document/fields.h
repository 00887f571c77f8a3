#pragma once
// Every number of a layer, described once: sliders, command-line options, file keys, messages and random test cases all
// read this table.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/layer_spec.h"

namespace tconv {

enum class FieldScope { axis, layer };

struct Field {
  std::string_view name;    ///< as in files; the command line has it with '-' for '_'
  std::string_view label;   ///< beside its slider
  std::string_view symbol;  ///< in formulas
  std::string_view help;    ///< one sentence
  FieldScope scope;
  bool on_panel;              ///< has a slider
  std::int64_t slider_first;  ///< the slider's ends; typing may go beyond
  std::int64_t slider_last;
  std::int64_t usual;  ///< what a double-click resets to
  std::int64_t (*get)(const LayerSpec&, int axis);
  void (*set)(LayerSpec&, int axis, std::int64_t value);
  /// Why the slider does not offer a value that is legal ("" if it does); null: it offers all.
  std::string (*withheld)(const LayerSpec&, int axis, std::int64_t value) = nullptr;
};

/// In the order of the panel.
std::span<const Field> fields();
/// Null when no field has that name. "padding" stands for both ends.
const Field* find_field(std::string_view name);

/// Every axis: for `axis` arguments below.
inline constexpr int all_axes = -1;

/// `layer` with the field set on one axis, or on all of them. Nothing else changes, legal or not.
LayerSpec with_field(LayerSpec layer, const Field& field, int axis, std::int64_t value);

/// The field's value on an axis; with `all_axes` that of the first axis.
std::int64_t value_of(const LayerSpec& layer, const Field& field, int axis);
/// Whether all axes have the same value of the field; of "padding", whether both ends have, too.
bool same_on_all_axes(const LayerSpec& layer, const Field& field);

/// The values that are legal while all other fields stay, and why no more.
struct LegalRange {
  std::int64_t first;
  std::int64_t last;
  bool has_holes;   ///< some value between is not legal: with 2 groups every second channel count
  std::string why;  ///< the rule that forbids the first illegal value; empty if all are legal
};
/// Looks within the slider's ends; empty when no value there is legal. For output_padding the slider ends at S − 1,
/// although PyTorch takes more when the dilation is larger: `output_padding_reason` says so.
std::optional<LegalRange> legal_range(const LayerSpec& layer, const Field& field, int axis);

/// The layer with the field of `problem` set to its nearest legal value, on all axes if they are alike in it; empty if
/// there is none.
std::optional<LayerSpec> mended(const LayerSpec& layer, const Problem& problem);

}  // namespace tconv
