#version 430
// Moves every number to its place between an array of many channels and a larger one of few: see core/pixel_shuffle.h.
// An invocation writes one number; with INVERSE to the array of many channels.

layout(local_size_x = 64, local_size_y = 2) in;

layout(std430, binding = 0) readonly restrict buffer From { float from[]; };
layout(std430, binding = 3) writeonly restrict buffer To { float to[]; };

layout(location = 0) uniform ivec3 low;       // cells of a channel of the smaller maps: x, y, z
layout(location = 1) uniform ivec3 factor;    // 1 along axes that the array lacks
layout(location = 2) uniform int channels;    // of the larger maps
layout(location = 4) uniform ivec2 slices;    // of samples × channels × z: the first, how many there are

void main() {
  int slice = slices.x + int(gl_WorkGroupID.z);
  int group = factor.x * factor.y * factor.z;
  ivec3 high = low * factor;
#if INVERSE
  ivec3 size = low;
  int own_channels = channels * group;
#else
  ivec3 size = high;
  int own_channels = channels;
#endif
  ivec3 at = ivec3(gl_GlobalInvocationID.xy, slice % size.z);
  if (at.x >= size.x || at.y >= size.y) return;
  int n = slice / size.z / own_channels;
  int own = slice / size.z % own_channels;
  int written = (slice * size.y + at.y) * size.x + at.x;
#if INVERSE
#if DCR
  int inside = own / channels;
  int channel = own % channels;
#else
  int inside = own % group;
  int channel = own / group;
#endif
  ivec3 source = at * factor + ivec3(inside % factor.x, inside / factor.x % factor.y, inside / (factor.x * factor.y));
  int map = n * channels + channel;
  to[written] = from[((map * high.z + source.z) * high.y + source.y) * high.x + source.x];
#else
  ivec3 part = at % factor;
  ivec3 source = at / factor;
  int inside = (part.z * factor.y + part.y) * factor.x + part.x;
#if DCR
  int channel = inside * channels + own;
#else
  int channel = own * group + inside;
#endif
  int map = n * channels * group + channel;
  to[written] = from[((map * low.z + source.z) * low.y + source.y) * low.x + source.x];
#endif
}
