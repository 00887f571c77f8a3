#include "gpu/gl_spectrum.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>
#include <vector>

#include "compute/backend.h"
#include "core/integers.h"
#include "gpu/box.h"
#include "gpu/gl_map.h"

namespace tconv {
namespace {

using std::int64_t;

constexpr int threads = 256;

/// e^(−2πi·j/length) as pairs.
std::vector<float> turns_of(int64_t length) {
  std::vector<float> turns;
  for (int64_t j = 0; j < length; ++j) {
    const double angle = -2 * std::numbers::pi * static_cast<double>(j) / static_cast<double>(length);
    turns.push_back(static_cast<float>(std::cos(angle)));
    turns.push_back(static_cast<float>(std::sin(angle)));
  }
  return turns;
}

/// Along one axis of rows × cols numbers: `length` apart by `step`, in lines apart by `line_step`.
void transform(GlDevice& device, const GlBuffer& from, bool real, const GlBuffer& to, int64_t length, int64_t step,
               int64_t lines, int64_t line_step) {
  const bool radix2 = std::has_single_bit(static_cast<std::uint64_t>(length));
  const auto program = device.shaders().program(
      "spectrum_lines", {{"THREADS", threads}, {"MOST", largest_spectrum_side}, {"RADIX2", radix2 ? 1 : 0}});
  const std::vector<float> turns = turns_of(length);
  const GlBuffer table = device.make_buffer(static_cast<int64_t>(turns.size() * 4), turns.data());
  device.bind_storage(0, from);
  device.bind_storage(1, table);
  device.bind_storage(3, to);
  program->set(0, 0, small(step), small(line_step), real ? 1 : 0);
  program->set(1, small(step), small(line_step));
  program->set(2, small(length));
  device.dispatch(*program, lines, 1, 1);
}

}  // namespace

LogSpectrum log_spectrum_on(GlDevice& device, std::span<const float> plane, int64_t rows, int64_t cols) {
  LogSpectrum spectrum = spectrum_part(rows, cols);
  if (spectrum.cols > largest_spectrum_side) throw BackendError("the GPU transforms at most 1024 cells of a row");
  const int64_t size = spectrum.rows * spectrum.cols;
  std::vector<float> copy;
  const Box part{{0, 1}, {0, 1}, {{{spectrum.first_col, spectrum.cols}, {spectrum.first_row, spectrum.rows}, {0, 1}}}};
  const GlBuffer values = device.make_buffer(size * 4, gathered(part, {1, {cols, rows, 1}}, plane.data(), copy));
  spectrum.levels.assign(static_cast<std::size_t>(size), static_cast<float>(lowest_level));
  const GlValueRange range = value_range_on(device, values, 0, size);
  spectrum.finite = range.nan + range.plus_infinity + range.minus_infinity == 0;
  if (!spectrum.finite) return spectrum;

  const GlBuffer by_rows = device.make_buffer(size * 8);
  const GlBuffer transformed = device.make_buffer(size * 8);
  transform(device, values, true, by_rows, spectrum.cols, 1, spectrum.rows, spectrum.cols);
  transform(device, by_rows, false, transformed, spectrum.rows, spectrum.cols, spectrum.cols, 1);
  std::uint32_t bits = 0;
  const GlBuffer largest = device.make_buffer(4, &bits);
  const GlBuffer levels = device.make_buffer(size * 4);
  for (const int step : {0, 1}) {
    const auto program = device.shaders().program("spectrum_levels", {{"LEVELS", step}});
    device.bind_storage(0, transformed);
    device.bind_storage(1, largest);
    device.bind_storage(3, levels);
    program->set(0, small(spectrum.cols), small(spectrum.rows));
    if (step == 1) program->set(1, static_cast<float>(lowest_level));
    device.dispatch(*program, ceil_div(spectrum.cols, 64), ceil_div(spectrum.rows, 2), 1);
  }
  device.read(largest, 0, 4, &bits);
  spectrum.largest = static_cast<double>(std::bit_cast<float>(bits));
  if (!std::isfinite(spectrum.largest)) throw BackendError("the spectrum is beyond what the GPU's numbers hold");
  device.read(levels, 0, size * 4, spectrum.levels.data());
  return spectrum;
}

}  // namespace tconv
