#version 430
// How many finite numbers lie in each of BINS equal parts of a range; those beyond its ends count with the nearest.

layout(local_size_x = 256) in;

layout(std430, binding = 0) readonly restrict buffer Values { float value[]; };
layout(std430, binding = 3) restrict buffer Bins { uint bin[BINS]; };

layout(location = 0) uniform int count;   // of numbers
layout(location = 1) uniform float low;   // the range's lower end
layout(location = 2) uniform vec2 each;  // bins a unit, as a product

shared uint group_bin[BINS];

void main() {
  int own = int(gl_LocalInvocationIndex);
  int group = int(gl_WorkGroupSize.x);
  for (int i = own; i < BINS; i += group) group_bin[i] = 0;
  barrier();
  int step_by = int(gl_NumWorkGroups.x) * group;
  for (int i = int(gl_GlobalInvocationID.x); i < count; i += step_by) {
    float v = value[i];
    if ((floatBitsToUint(v) & 0x7f800000u) == 0x7f800000u) continue;
    atomicAdd(group_bin[int(clamp((v - low) * each.x * each.y, 0.0, float(BINS - 1)))], 1);
  }
  barrier();
  for (int i = own; i < BINS; i += group) {
    if (group_bin[i] > 0) atomicAdd(bin[i], group_bin[i]);
  }
}
