#version 430
// Transposed convolution of any kind: an invocation gathers one output cell of CHANNELS output channels of a group.

#include "axis.glsl"
#include "piece.glsl"

layout(local_size_x = LOCAL_X, local_size_y = LOCAL_Y, local_size_z = LOCAL_Z) in;

layout(std430, binding = 0) readonly restrict buffer Input { float x[]; };    // (N, C_in, z, y, x)
layout(std430, binding = 1) readonly restrict buffer Weight { float w[]; };   // (C_in, C_out/G, z, y, x)
layout(std430, binding = 2) readonly restrict buffer Bias { float bias[]; };  // (C_out)
layout(std430, binding = 3) writeonly restrict buffer Output { float y[]; };  // (N, C_out, z, y, x)

const int TAPS = KERNEL_X * KERNEL_Y * KERNEL_Z;

void main() {
  int ox = int(gl_GlobalInvocationID.x);
  int oy = int(gl_GlobalInvocationID.y);
  int slice = slices.x + int(gl_GlobalInvocationID.z);
  if (ox >= output_size.x || oy >= output_size.y || slice >= slices.y) return;
  int oz = slice % output_size.z;
  int rest = slice / output_size.z;
  int per_group = (channels.y + CHANNELS - 1) / CHANNELS;
  int first = rest % per_group * CHANNELS;  // output channel of the group
  rest /= per_group;
  int group = rest % channels.z;
  int n = rest / channels.z;

  Reach rx = reach_x(ox + REMAINDER_X, shift.x, input_size.x);
  Reach ry = reach_y(oy + REMAINDER_Y, shift.y, input_size.y);
  Reach rz = reach_z(oz + REMAINDER_Z, shift.z, input_size.z);

  int in_plane = input_size.x * input_size.y * input_size.z;
  int in_base = (n * channels.z + group) * channels.x * in_plane;
  int row_of_taps = channels.y * TAPS;  // of one input channel
  int w_base = group * channels.x * row_of_taps + first * TAPS;
  // The last invocation of a group may have fewer channels: it computes its last one several times.
  int last = channels.y - 1 - first;

  float sum[CHANNELS];
#unroll c CHANNELS
  sum[c] = bias[group * channels.y + first + min(c, last)];
#end
  for (int kz = rz.tap, iz = rz.cell; kz < rz.end; kz += PERIOD_Z, iz -= BACK_Z) {
    for (int ky = ry.tap, iy = ry.cell; ky < ry.end; ky += PERIOD_Y, iy -= BACK_Y) {
      for (int kx = rx.tap, ix = rx.cell; kx < rx.end; kx += PERIOD_X, ix -= BACK_X) {
        int at = in_base + (iz * input_size.y + iy) * input_size.x + ix;
        int tap = w_base + (kz * KERNEL_Y + ky) * KERNEL_X + kx;
        // Sums of their own for each tap: long chains of float32 additions lose digits.
        float part[CHANNELS];
#unroll c CHANNELS
        part[c] = 0;
#end
        for (int i = 0; i < channels.x; ++i) {
          float value = x[at];
#unroll c CHANNELS
          part[c] += value * w[tap + min(c, last) * TAPS];
#end
          at += in_plane;
          tap += row_of_taps;
        }
#unroll c CHANNELS
        sum[c] += part[c];
#end
      }
    }
  }
  int out_plane = output_size.x * output_size.y;
  int to = (((n * channels.z + group) * channels.y + first) * output_size.z + oz) * out_plane + oy * output_size.x + ox;
#unroll c CHANNELS
  if (c <= last) y[to + c * output_size.z * out_plane] = sum[c];
#end
}
