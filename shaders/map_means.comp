#version 430
// What the pixels of a picture show of a map: the cell, or the mean of the cells, that figure/cell_spans gives them.
// One dispatch adds what one piece of the map has to say, so that pixels may lie over several pieces.

layout(local_size_x = 16, local_size_y = 8) in;

struct Span {
  int first;
  int count;  // 0: no cell
  float first_weight;
  float weight;
  float last_weight;
};

layout(std430, binding = 0) readonly restrict buffer Values { float value[]; };  // piece.w × piece.z cells
layout(std430, binding = 1) readonly restrict buffer Columns { Span column[]; };
layout(std430, binding = 2) readonly restrict buffer Rows { Span row[]; };
layout(std430, binding = 3) restrict buffer Pixels { float pixel[]; };  // size.y × size.x, 0 before the first piece

layout(location = 0) uniform ivec4 piece;  // its first cell (x, y) in the map, columns, rows
layout(location = 1) uniform ivec2 size;   // pixels (x, y)

float weight_of(Span span, int i) {
  return i == 0 ? span.first_weight : i == span.count - 1 ? span.last_weight : span.weight;
}

// What is not finite is told by its bits: compilers may take it that there is neither NaN nor infinity.
struct Specials {
  bool nan;
  bool plus;
  bool minus;
};

void look(inout Specials found, float v) {
  uint bits = floatBitsToUint(v);
  found.nan = found.nan || (bits & 0x7fffffffu) > 0x7f800000u;
  found.plus = found.plus || bits == 0x7f800000u;
  found.minus = found.minus || bits == 0xff800000u;
}

void main() {
  ivec2 at = ivec2(gl_GlobalInvocationID.xy);
  if (any(greaterThanEqual(at, size))) return;
  Span columns = column[at.x];
  Span rows = row[at.y];
  ivec2 first = ivec2(columns.first, rows.first);
  ivec2 begin = max(first, piece.xy);
  ivec2 end = min(first + ivec2(columns.count, rows.count), piece.xy + piece.zw);
  if (any(greaterThanEqual(begin, end))) return;
  int place = at.y * size.x + at.x;
  float sum = pixel[place];
  Specials found = Specials(false, false, false);
  look(found, sum);
  for (int y = begin.y; y < end.y; ++y) {
    int line = (y - piece.y) * piece.z - piece.x;
    float line_sum = 0;
    for (int x = begin.x; x < end.x; ++x) {
      float v = value[line + x];
      look(found, v);
      line_sum += weight_of(columns, x - columns.first) * v;
    }
    sum += weight_of(rows, y - rows.first) * line_sum;
  }
  uint bits = floatBitsToUint(sum);
  if (found.nan || (found.plus && found.minus)) {
    bits = 0x7fc00000u;
  } else if (found.plus || found.minus) {
    bits = found.plus ? 0x7f800000u : 0xff800000u;
  }
  pixel[place] = uintBitsToFloat(bits);
}
