#version 430
// What the memory gives when nothing is computed.

layout(local_size_x = LOCAL_X) in;

layout(std430, binding = 0) readonly restrict buffer From { vec4 from[]; };
layout(std430, binding = 1) writeonly restrict buffer To { vec4 to[]; };
layout(location = 0) uniform int count;

void main() {
  int i = int((gl_WorkGroupID.y * gl_NumWorkGroups.x + gl_WorkGroupID.x) * gl_WorkGroupSize.x + gl_LocalInvocationID.x);
  if (i < count) to[i] = from[i];
}
