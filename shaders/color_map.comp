#version 430
// Numbers to colours without reading them back: a pixel of the picture is the cell, or the mean of the step × step
// cells, that it stands for. Which entry of the table a value has is figure/color_scale's rule.

layout(local_size_x = 16, local_size_y = 8) in;

layout(std430, binding = 0) readonly restrict buffer Values { float value[]; };  // rows × cols from `plane.x` on
layout(std430, binding = 1) readonly restrict buffer Table { uint table[]; };    // RGBA, red lowest: 256, then specials
layout(rgba8, binding = 0) writeonly restrict uniform image2D picture;

layout(location = 0) uniform ivec3 plane;    // its first number, rows, cols
layout(location = 1) uniform ivec2 from;     // the cell (x, y) that the first pixel begins with
layout(location = 2) uniform int cell_step;  // cells a pixel, along both axes
layout(location = 3) uniform ivec2 to;       // the first pixel (x, y)
layout(location = 4) uniform ivec2 pixels;   // how many (x, y)
layout(location = 5) uniform vec2 first;     // transformed low end, as the sum of two numbers
layout(location = 6) uniform float scale;    // entries over the transformed span
layout(location = 7) uniform vec2 ends;      // below the first is under, above the second is over
layout(location = 8) uniform vec2 special;   // of a log scale its low end; of symlog the threshold

const uint NAN = 256;
const uint PLUS_INFINITY = 257;
const uint MINUS_INFINITY = 258;
const uint UNDER = 259;
const uint OVER = 260;

const float LN_10 = 2.302585092994046;

uint entry_of(float v) {
#if KIND == 0
  float place = ((v - first.x) - first.y) * scale;
#elif KIND == 1
  float place = v > special.x ? (log(v) - first.x) * scale : 0;
#else
  float magnitude = log(1 + abs(v) / special.x) / LN_10;
  float place = ((v < 0 ? -magnitude : magnitude) - first.x) * scale;
#endif
  if (v < ends.x) return UNDER;
  if (v > ends.y) return OVER;
  return uint(clamp(place + 0.5, 0.0, 255.0));
}

void main() {
  ivec2 pixel = ivec2(gl_GlobalInvocationID.xy);
  if (any(greaterThanEqual(pixel, pixels))) return;
  ivec2 begin = from + pixel * cell_step;
  ivec2 end = min(begin + cell_step, plane.zy);
#if !MEAN
  begin = min(begin + cell_step / 2, plane.zy - 1);
  end = begin + 1;
#endif
  // By their bits: compilers may take it that there is neither NaN nor infinity.
  bool has_nan = false;
  bool has_plus = false;
  bool has_minus = false;
  float sum = 0;
  for (int y = begin.y; y < end.y; ++y) {
    float row = 0;
    for (int x = begin.x; x < end.x; ++x) {
      float v = value[plane.x + y * plane.z + x];
      uint bits = floatBitsToUint(v);
      uint magnitude = bits & 0x7fffffffu;
      has_nan = has_nan || magnitude > 0x7f800000u;
      has_plus = has_plus || bits == 0x7f800000u;
      has_minus = has_minus || bits == 0xff800000u;
      row += v;
    }
    sum += row;
  }
  ivec2 size = end - begin;
  uint entry;
  if (has_nan || (has_plus && has_minus)) {
    entry = NAN;
  } else if (has_plus || has_minus) {
    entry = has_plus ? PLUS_INFINITY : MINUS_INFINITY;
  } else {
    entry = entry_of(sum / float(size.x * size.y));
  }
  imageStore(picture, to + pixel, unpackUnorm4x8(table[entry]));
}
