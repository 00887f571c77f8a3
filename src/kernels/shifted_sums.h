#pragma once
// The innermost loops of the gradients by channels: vectors of channels times numbers that lie on shifted lines, sums
// of some vectors × shifts in registers.

#include <cstdint>
#include <span>

namespace tconv {

/// One call: sums[c][v] = or += Σ values[s][v] · lines[columns[c] + steps[s]], s in [0, step_count), c in
/// [0, column_count), v the floats of the shape's vectors. `values` and `sums` are dense and aligned to a vector.
struct ShiftedSums {
  const float* values;
  const float* lines;
  const std::int64_t* columns;
  const std::int64_t* steps;
  std::int64_t step_count;
  float* sums;
  bool add;
};

struct ShiftedShape {
  int vectors;
  int columns;
  void (*run)(const ShiftedSums&, int column_count);  ///< at most the shape's columns, at least 1
};

/// How the channels of a group and the columns of one call after the other are cut.
class ShiftedShapes {
 public:
  /// For so many channels, those of the instruction set in use.
  explicit ShiftedShapes(std::int64_t channels);

  /// Units of neighbouring channels, as equal as vectors can be.
  std::int64_t units() const { return units_; }
  std::int64_t first_vector(std::int64_t unit) const { return vectors_ * unit / units_; }
  int vectors(std::int64_t unit) const { return static_cast<int>(first_vector(unit + 1) - first_vector(unit)); }
  std::int64_t vectors() const { return vectors_; }  ///< of all units

  /// All columns [0, count) of a unit, by calls as equal as can be; sums of the first are at `call.sums`.
  void run(std::int64_t unit, ShiftedSums call, std::int64_t count) const;

  /// What `run` takes for each step, for all units.
  double cycles(std::int64_t count) const;
  int most_vectors() const { return vectors(units_ - 1); }  ///< of a unit
  int most_columns(int vectors) const;

 private:
  const std::span<const ShiftedShape> shapes_;
  std::int64_t vectors_;
  std::int64_t units_;
};

}  // namespace tconv
