#version 430
// How many taps reach each output cell.

#include "axes.glsl"
#include "piece.glsl"

layout(local_size_x = 64, local_size_y = 2) in;

layout(std430, binding = 3) writeonly restrict buffer Output { float y[]; };  // (z, y, x)

uint count_at(int axis, int cell) {
  ivec3 taps = taps_at(axis, cell + remainder[axis], shift[axis]);
  // Of those, some read before the first input cell and some behind the last.
  int behind = max(0, (taps[2] - input_size[axis] + back[axis]) / back[axis]);
  int within = taps[2] < 0 ? 0 : min(taps[0], taps[2] / back[axis] + 1);
  return uint(max(0, within - behind));
}

void main() {
  int x = int(gl_GlobalInvocationID.x);
  int row = int(gl_GlobalInvocationID.y);
  int z = slices.x + int(gl_WorkGroupID.z);
  if (x >= output_size.x || row >= output_size.y) return;
  y[(z * output_size.y + row) * output_size.x + x] = float(count_at(0, x) * count_at(1, row) * count_at(2, z));
}
