#version 430
// The smallest and largest finite number, and how many are not finite: what a colour scale must know of its numbers.

layout(local_size_x = 256) in;

layout(std430, binding = 0) readonly restrict buffer Values { uint bits[]; };
layout(std430, binding = 3) restrict buffer Found {
  uint least;  // as below
  uint most;
  uint nans;
  uint plus_infinities;
  uint minus_infinities;
};

layout(location = 0) uniform ivec2 part;  // the first number, how many

shared uint group_least;
shared uint group_most;

// Numbers that are in order as unsigned ones: negative floats count downwards.
uint ordered(uint b) { return (b & 0x80000000u) != 0 ? ~b : b | 0x80000000u; }

void main() {
  if (gl_LocalInvocationIndex == 0) {
    group_least = 0xffffffffu;
    group_most = 0;
  }
  barrier();
  uint own_least = 0xffffffffu;
  uint own_most = 0;
  int step_by = int(gl_NumWorkGroups.x * gl_WorkGroupSize.x);
  for (int i = int(gl_GlobalInvocationID.x); i < part.y; i += step_by) {
    uint b = bits[part.x + i];
    uint magnitude = b & 0x7fffffffu;
    if (magnitude > 0x7f800000u) {
      atomicAdd(nans, 1);
    } else if (b == 0x7f800000u) {
      atomicAdd(plus_infinities, 1);
    } else if (b == 0xff800000u) {
      atomicAdd(minus_infinities, 1);
    } else {
      own_least = min(own_least, ordered(b));
      own_most = max(own_most, ordered(b));
    }
  }
  atomicMin(group_least, own_least);
  atomicMax(group_most, own_most);
  barrier();
  if (gl_LocalInvocationIndex == 0) {
    atomicMin(least, group_least);
    atomicMax(most, group_most);
  }
}
