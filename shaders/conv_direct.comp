#version 430
// Transposed convolution of few channels: an invocation computes all phases of ROWS cells below each other, of CHANNELS
// output channels, in registers. Neighbours in x read neighbouring input cells and write neighbouring output cells.

#include "axis.glsl"
#include "piece.glsl"

layout(local_size_x = LOCAL_X, local_size_y = LOCAL_Y) in;

layout(std430, binding = 0) readonly restrict buffer Input { float x[]; };  // (N, C_in, z, y, x)
#if WEIGHTS_UNIFORM
layout(std140, binding = 0) uniform Weight { vec4 w[WEIGHT_VECTORS]; };
#else
layout(std430, binding = 1) readonly restrict buffer Weight { vec4 w[]; };
#endif
layout(std430, binding = 2) readonly restrict buffer Bias { float bias[]; };  // (C_out)
#if VECTOR == 4
layout(std430, binding = 3) writeonly restrict buffer Output { vec4 y[]; };  // (N, C_out, z, y, x)
#elif VECTOR == 2
layout(std430, binding = 3) writeonly restrict buffer Output { vec2 y[]; };
#else
layout(std430, binding = 3) writeonly restrict buffer Output { float y[]; };
#endif

// The weights of a block of output channels, a z tap and an input channel: (y, x, channel of the block), in vectors.
const int ROUND = (KERNEL_Y * KERNEL_X * CHANNELS + 3) / 4;

// The phase of a tap, of the output as it is cropped, and which cell it reads, from the same quotient on.
#define PHASE_X(K) ((K * DILATION_X + STRIDE_X - REMAINDER_X) % STRIDE_X)
#define PHASE_Y(K) ((K * DILATION_Y + STRIDE_Y - REMAINDER_Y) % STRIDE_Y)
#define OFFSET_X(K) ((PHASE_X(K) + REMAINDER_X - K * DILATION_X) / STRIDE_X)
#define OFFSET_Y(K) ((PHASE_Y(K) + REMAINDER_Y - K * DILATION_Y) / STRIDE_Y)
#define SUM(C, ROW, PY, PX) sum[((C * ROWS + ROW) * STRIDE_Y + PY) * STRIDE_X + PX]

void main() {
  int qx = int(gl_GlobalInvocationID.x);
  int qy = int(gl_GlobalInvocationID.y) * ROWS;
  int slice = slices.x + int(gl_WorkGroupID.z);
  if (qx * STRIDE_X >= output_size.x || qy * STRIDE_Y >= output_size.y) return;
  int oz = slice % output_size.z;
  int rest = slice / output_size.z;
  int blocks = (channels.y + CHANNELS - 1) / CHANNELS;
  int block = rest % blocks;
  rest /= blocks;
  int group = rest % channels.z;
  int n = rest / channels.z;

  Reach rz = reach_z(oz + REMAINDER_Z, shift.z, input_size.z);
  int in_slice = input_size.x * input_size.y;
  int in_plane = in_slice * input_size.z;
  int in_base = (n * channels.z + group) * channels.x * in_plane;

  int x0 = qx + shift.x + LEAST_X;
  int y0 = qy + shift.y + LEAST_Y;
  int column[COLUMNS];
  bool inside[COLUMNS];
#unroll j COLUMNS
  inside[j] = x0 + j >= 0 && x0 + j < input_size.x;
  column[j] = clamp(x0 + j, 0, input_size.x - 1);
#end

  float sum[CHANNELS * ROWS * STRIDE_Y * STRIDE_X];
#unroll c CHANNELS
  float start = bias[group * channels.y + min(block * CHANNELS + c, channels.y - 1)];
#unroll i PHASES
  sum[c * PHASES + i] = start;
#end
#end

  // Most invocations read inside the input only and need not ask. Where much is read they have a variant of their own.
  bool interior = x0 >= 0 && x0 + COLUMNS <= input_size.x && y0 >= 0 && y0 + IN_ROWS <= input_size.y;
#unroll variant VARIANTS
  const bool asks = variant + 1 == VARIANTS;
  if (VARIANTS == 1 || asks != interior) {
    for (int kz = rz.tap, iz = rz.cell; kz < rz.end; kz += PERIOD_Z, iz -= BACK_Z) {
      int from = in_base + iz * in_slice;
      int w_at = (((group * blocks + block) * KERNEL_Z + kz) * channels.x) * ROUND;
      for (int i = 0; i < channels.x; ++i) {
#unroll r IN_ROWS
        int iy = asks ? clamp(y0 + r, 0, input_size.y - 1) : y0 + r;
        int row = from + iy * input_size.x;
        float value[COLUMNS];
#unroll j COLUMNS
        float read = x[row + (asks ? column[j] : x0 + j)];
        value[j] = !asks || (iy == y0 + r && inside[j]) ? read : 0.0;
#end
#unroll ky KERNEL_Y
        const int to = r + LEAST_Y - OFFSET_Y(ky);  // the row of output quotients that this tap adds to
        if (to >= 0 && to < ROWS) {
#unroll kx KERNEL_X
#unroll c CHANNELS
          const int k = (ky * KERNEL_X + kx) * CHANNELS + c;
          float weight = w[w_at + k / 4][k % 4];
          SUM(c, clamp(to, 0, ROWS - 1), PHASE_Y(ky), PHASE_X(kx)) += value[OFFSET_X(kx) - LEAST_X] * weight;
#end
#end
        }
#end
#end
        from += in_plane;
        w_at += ROUND;
      }
    }
  }
#end

  int out_slice = output_size.x * output_size.y;
  int out_base = ((n * channels.z + group) * channels.y * output_size.z + oz) * out_slice;
#unroll c CHANNELS
  int channel = block * CHANNELS + c;
  if (channel < channels.y) {
    int plane = out_base + channel * output_size.z * out_slice;
#unroll row ROWS
#unroll py STRIDE_Y
    int oy = (qy + row) * STRIDE_Y + py;
    if (oy < output_size.y) {
      int at = plane + oy * output_size.x + qx * STRIDE_X;
#unroll v STORES
      const int px = v * VECTOR;
      if (qx * STRIDE_X + px < output_size.x) {
#if VECTOR == 4
        y[(at + px) / 4] = vec4(SUM(c, row, py, px), SUM(c, row, py, px + 1), SUM(c, row, py, px + 2),
                                SUM(c, row, py, px + 3));
#elif VECTOR == 2
        y[(at + px) / 2] = vec2(SUM(c, row, py, px), SUM(c, row, py, px + 1));
#else
        y[at + px] = SUM(c, row, py, px);
#endif
      }
#end
    }
#end
#end
  }
#end
}
