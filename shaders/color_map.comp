#version 430
// Numbers to colours without reading them back. Which entry of the table a value has is figure/color_scale's rule.

layout(local_size_x = 16, local_size_y = 8) in;

layout(std430, binding = 0) readonly restrict buffer Values { float value[]; };  // pixels.y × pixels.x
layout(std430, binding = 1) readonly restrict buffer Table { uint table[]; };    // RGBA, red lowest: 256, then specials
layout(rgba8, binding = 0) writeonly restrict uniform image2D picture;

layout(location = 0) uniform ivec2 pixels;
layout(location = 1) uniform vec2 first;    // transformed low end, as the sum of two numbers
layout(location = 2) uniform vec2 scale;    // entries over the transformed span, as a product
layout(location = 3) uniform vec2 ends;     // below the first is under, above the second is over
layout(location = 4) uniform float special;  // of a log scale its low end; of symlog the threshold

const uint NAN = 256;
const uint PLUS_INFINITY = 257;
const uint MINUS_INFINITY = 258;
const uint UNDER = 259;
const uint OVER = 260;

const float LN_10 = 2.302585092994046;

uint entry_of(float v) {
  // By its bits: compilers may take it that there is neither NaN nor infinity.
  uint bits = floatBitsToUint(v);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return NAN;
  if (bits == 0x7f800000u) return PLUS_INFINITY;
  if (bits == 0xff800000u) return MINUS_INFINITY;
#if KIND == 0
  float place = ((v - first.x) - first.y) * scale.x * scale.y;
#elif KIND == 1
  float place = v > special ? (log(v) - first.x) * scale.x * scale.y : 0;
#else
  float magnitude = log(1 + abs(v) / special) / LN_10;
  float place = ((v < 0 ? -magnitude : magnitude) - first.x) * scale.x * scale.y;
#endif
  if (v < ends.x) return UNDER;
  if (v > ends.y) return OVER;
  return uint(clamp(place + 0.5, 0.0, 255.0));
}

void main() {
  ivec2 at = ivec2(gl_GlobalInvocationID.xy);
  if (any(greaterThanEqual(at, pixels))) return;
  imageStore(picture, at, unpackUnorm4x8(table[entry_of(value[at.y * pixels.x + at.x])]));
}
