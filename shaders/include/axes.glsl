// The geometry of the axes as numbers that are told, for shaders that gain nothing from knowing it when they are
// compiled: see src/gpu/conv_geometry.h. Of x, y and z.

layout(location = 6) uniform ivec3 kernel;
layout(location = 7) uniform ivec3 stride;
layout(location = 8) uniform ivec3 dilation;
layout(location = 9) uniform ivec3 remainder;
layout(location = 10) uniform ivec3 common_factor;
layout(location = 11) uniform ivec3 period;
layout(location = 12) uniform ivec3 inverse_step;
layout(location = 13) uniform ivec3 back;

/// The taps that reach the cells at `place` (the output cell + remainder) of an axis if all input cells were there: how
/// many, the first, and the cell that it reads; each next one is `period` further on and reads `back` cells before.
ivec3 taps_at(int axis, int place, int shift) {
  int r = place % stride[axis];
  if (r % common_factor[axis] != 0) return ivec3(0);
  int tap = r / common_factor[axis] * inverse_step[axis] % period[axis];
  int cell = place / stride[axis] + shift - (tap * dilation[axis] - r) / stride[axis];
  return ivec3(tap < kernel[axis] ? (kernel[axis] - tap + period[axis] - 1) / period[axis] : 0, tap, cell);
}
