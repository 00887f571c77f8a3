#version 430
// Magnitudes of complex numbers: the largest, or with LEVELS all in decibels below it, DC in the middle.

layout(local_size_x = 64, local_size_y = 2) in;

layout(std430, binding = 0) readonly restrict buffer From { vec2 from[]; };
layout(std430, binding = 1) restrict buffer Largest { uint largest; };  // its bits: in order, of numbers >= 0
layout(std430, binding = 3) writeonly restrict buffer To { float level[]; };

layout(location = 0) uniform ivec2 size;  // cols, rows
layout(location = 1) uniform float lowest;

const float LN_10 = 2.302585092994046;

void main() {
  ivec2 at = ivec2(gl_GlobalInvocationID.xy);
  if (any(greaterThanEqual(at, size))) return;
#if LEVELS
  ivec2 place = (at + size - size / 2) % size;
  float most = uintBitsToFloat(largest);
  float magnitude = length(from[place.y * size.x + place.x]);
  // Of 0 there is no logarithm.
  float value = most > 0 && magnitude > 0 ? 20 / LN_10 * log(magnitude / most) : lowest;
  level[at.y * size.x + at.x] = clamp(value, lowest, 0.0);
#else
  atomicMax(largest, floatBitsToUint(length(from[at.y * size.x + at.x])));
#endif
}
