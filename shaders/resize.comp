#version 430
// Nearest, linear, bilinear and trilinear resizing: where an output cell reads is told in tables.

layout(local_size_x = 64, local_size_y = 2) in;

/// Between the cells `first` and `second`, `part` of the way.
struct Place {
  int first;
  int second;
  float part;
};

layout(std430, binding = 0) readonly restrict buffer Input { float x[]; };      // (planes, z, y, x)
layout(std430, binding = 1) readonly restrict buffer Places { Place places[]; };  // of the cells in x, then y, then z
layout(std430, binding = 3) writeonly restrict buffer Output { float y[]; };    // (planes, z, y, x)

layout(location = 0) uniform ivec3 input_size;
layout(location = 1) uniform ivec3 output_size;
layout(location = 4) uniform ivec2 slices;  // of planes × z: the first, how many there are

// A cell that has no part is not read: what is not finite there must leave no trace.
float along_row(int row, Place at) {
  float value = x[row + at.first];
  return at.part == 0 ? value : (1 - at.part) * value + at.part * x[row + at.second];
}

float in_slice(int from, Place at_y, Place at_x) {
  float value = along_row(from + at_y.first * input_size.x, at_x);
  if (at_y.part == 0) return value;
  return (1 - at_y.part) * value + at_y.part * along_row(from + at_y.second * input_size.x, at_x);
}

void main() {
  int slice = slices.x + int(gl_WorkGroupID.z);
  ivec3 cell = ivec3(gl_GlobalInvocationID.xy, slice % output_size.z);
  if (cell.x >= output_size.x || cell.y >= output_size.y) return;
  Place at_x = places[cell.x];
  Place at_y = places[output_size.x + cell.y];
  Place at_z = places[output_size.x + output_size.y + cell.z];
  int in_plane = input_size.x * input_size.y;
  int plane = slice / output_size.z * input_size.z;
  float value = in_slice((plane + at_z.first) * in_plane, at_y, at_x);
  if (at_z.part != 0) {
    value = (1 - at_z.part) * value + at_z.part * in_slice((plane + at_z.second) * in_plane, at_y, at_x);
  }
  y[(slice * output_size.y + cell.y) * output_size.x + cell.x] = value;
}
