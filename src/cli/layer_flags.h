#pragma once
// The numbers of a layer as command-line flags, one per entry of the fields() table.

#include <CLI/CLI.hpp>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "core/layer_spec.h"
#include "document/fields.h"

namespace tconv {

/// "--output-padding" of the field "output_padding".
std::string flag_of(const Field& field);

/// The whole numbers of a comma list, "4,6" or "4"; spaces around a number are allowed. Throws CliError (usage) with
/// one line naming `flag` for anything else, also for numbers beyond 64 bits.
std::vector<std::int64_t> parse_numbers(std::string_view flag, std::string_view text);
/// The same for exactly one number.
std::int64_t parse_number(std::string_view flag, std::string_view text);

/// A layer with the usual value in every field.
LayerSpec usual_layer(int dims);

/// The flags of some fields of one command.
class LayerFlags {
 public:
  /// Adds a flag to `app` that takes one number, or one per axis if the field has several. Not to be called while
  /// options are being parsed: they point into this object, which must not move.
  void add(CLI::App& app, const Field& field, bool required);

  /// Adds those fields of the table that lie along an axis, without the ones in `except`.
  void add_axis_fields(CLI::App& app, const std::vector<std::string_view>& required,
                       const std::vector<std::string_view>& except);

  /// The layer's number of axes by the flags alone: the length of the longest list. Throws CliError (usage) when the
  /// lists do not agree or there are more than 3 numbers; what is no number at all is left to applied_to.
  int dims() const;

  /// `layer` with every flag that was given set, in the order of the table: --padding-begin overrides --padding.
  /// Throws CliError (usage), one line per flag that is not a list of whole numbers or does not fit layer.dims.
  LayerSpec applied_to(LayerSpec layer) const;

 private:
  struct Flag {
    const Field* field;
    CLI::Option* option;
    std::string text;

    bool given() const { return option->count() > 0; }
  };
  std::deque<Flag> flags_;  // keeps its elements in place
};

}  // namespace tconv
