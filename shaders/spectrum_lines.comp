#version 430
// The discrete Fourier transform of lines of complex numbers; a group transforms one line.

layout(local_size_x = THREADS) in;

layout(std430, binding = 0) readonly restrict buffer From { float from[]; };
layout(std430, binding = 1) readonly restrict buffer Turns { vec2 turns[]; };  // e^(−2πi·j/length)
layout(std430, binding = 3) writeonly restrict buffer To { vec2 to[]; };

layout(location = 0) uniform ivec4 source;   // first number, step within a line, step between lines; 1 if real
layout(location = 1) uniform ivec2 target;   // steps within a line and between lines
layout(location = 2) uniform int line_length;  // at most MOST

vec2 times(vec2 a, vec2 b) { return vec2(a.x * b.x - a.y * b.y, a.x * b.y + a.y * b.x); }

#if RADIX2
shared vec2 line[2 * MOST];
#else
shared vec2 line[MOST];
#endif

void main() {
  int own_line = int(gl_WorkGroupID.x);
  int thread = int(gl_LocalInvocationID.x);
  for (int j = thread; j < line_length; j += THREADS) {
    int at = source.x + own_line * source.z + j * source.y;
    line[j] = source.w != 0 ? vec2(from[at], 0) : vec2(from[2 * at], from[2 * at + 1]);
  }
  barrier();
#if RADIX2
  // Stockham's order: from one half of the memory to the other and back, without reversing bits.
  int here = 0;
  for (int step_by = 1; step_by < line_length; step_by *= 2) {
    int there = MOST - here;
    int half_length = line_length / 2 / step_by;
    for (int i = thread; i < line_length / 2; i += THREADS) {
      int p = i / step_by;
      int q = i - p * step_by;
      vec2 a = line[here + q + step_by * p];
      vec2 b = line[here + q + step_by * (p + half_length)];
      line[there + q + step_by * 2 * p] = a + b;
      line[there + q + step_by * (2 * p + 1)] = times(a - b, turns[p * step_by]);
    }
    here = there;
    barrier();
  }
  for (int j = thread; j < line_length; j += THREADS) to[own_line * target.y + j * target.x] = line[here + j];
#else
  for (int k = thread; k < line_length; k += THREADS) {
    vec2 sum = vec2(0);
    int turn = 0;
    for (int j = 0; j < line_length; ++j) {
      sum += times(line[j], turns[turn]);
      turn += k;
      turn -= turn >= line_length ? line_length : 0;
    }
    to[own_line * target.y + k * target.x] = sum;
  }
#endif
}
