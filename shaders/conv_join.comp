#version 430
// Adds the parts of sums that were split, and the bias.

layout(local_size_x = LOCAL_X) in;

layout(std430, binding = 0) readonly restrict buffer Parts { float part[]; };  // (splits, N, C_out, cells)
layout(std430, binding = 2) readonly restrict buffer Bias { float bias[]; };   // (C_out)
layout(std430, binding = 3) writeonly restrict buffer Output { float y[]; };   // (N, C_out, cells)

layout(location = 0) uniform ivec3 sizes;   // floats of the output, output channels, cells of one
layout(location = 1) uniform int splits;

void main() {
  int i = int((gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * LOCAL_X + gl_LocalInvocationID.x);
  if (i >= sizes.x) return;
  float sum = bias[i / sizes.z % sizes.y];
  for (int s = 0; s < splits; ++s) sum += part[s * sizes.x + i];
  y[i] = sum;
}
