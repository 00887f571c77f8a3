#version 430
// Transposed convolution of many channels. Each phase is a product of two matrices: output channels × (taps of the
// phase, input channels) times those × output cells. A group computes TILE_CHANNELS × TILE_CELLS of it through shared
// memory, DEPTH products of each sum at a time; an invocation OWN_CHANNELS × OWN_CELLS in registers. The inner loop
// knows nothing of the layer, so that all layers share the programs: one for each size of tile.

#include "axes.glsl"
#include "piece.glsl"

const int CELL_THREADS = TILE_CELLS / OWN_CELLS;
const int CHANNEL_THREADS = TILE_CHANNELS / OWN_CHANNELS;
layout(local_size_x = THREADS) in;

layout(std430, binding = 0) readonly restrict buffer Input { float x[]; };    // (N, C_in, z, y, x)
layout(std430, binding = 1) readonly restrict buffer Weight { vec4 w[]; };  // (G, taps, C_in/G, C_out/G to whole tiles)
layout(std430, binding = 2) readonly restrict buffer Bias { float bias[]; };  // (C_out)
layout(std430, binding = 3) writeonly restrict buffer Output { float y[]; };  // (splits, N, C_out, z, y, x)

const int ROW_STEP = THREADS / TILE_CELLS;  // rows of the cells' tile that are read at a time
const int VECTORS = TILE_CHANNELS / 4;      // of a row of the channels' tile

shared vec4 tile_w[DEPTH * VECTORS];
shared float tile_x[DEPTH * TILE_CELLS];

layout(location = 5) uniform ivec2 batch_and_splits;

/// The sample and the quotients (x, y, z) of a column of the matrix of cells; sample −1 beyond its end.
ivec4 place_of(int column, ivec3 quotients) {
  int rest = column / quotients.x;
  ivec4 place;
  place.x = column - rest * quotients.x;
  place.y = rest % quotients.y;
  rest /= quotients.y;
  place.z = rest % quotients.z;
  place.w = rest / quotients.z;
  if (place.w >= batch_and_splits.x) place.w = -1;
  return place;
}

void main() {
  int thread = int(gl_LocalInvocationID.x);
  int slice = slices.x + int(gl_WorkGroupID.z);
  int all_phases = stride.x * stride.y * stride.z;
  int phase = slice % all_phases;
  int rest = slice / all_phases;
  int group = rest % channels.z;
  int split = rest / channels.z;
  int splits = batch_and_splits.y;
  ivec3 phases = ivec3(phase % stride.x, phase / stride.x % stride.y, phase / (stride.x * stride.y));
  ivec3 taps_x = taps_at(0, phases.x + remainder.x, shift.x);
  ivec3 taps_y = taps_at(1, phases.y + remainder.y, shift.y);
  ivec3 taps_z = taps_at(2, phases.z + remainder.z, shift.z);

  ivec3 quotients = (output_size + stride - 1) / stride;
  int in_plane = input_size.x * input_size.y * input_size.z;

  // What this invocation reads: one cell for some input channels, and vectors of weights.
  int read_cell = thread % TILE_CELLS;
  int read_row = thread / TILE_CELLS;
  ivec4 place = place_of(int(gl_WorkGroupID.x) * TILE_CELLS + read_cell, quotients);
  int in_base = ((max(place.w, 0) * channels.z + group) * channels.x + read_row) * in_plane;
  int row_vectors = int(gl_NumWorkGroups.y) * VECTORS;
  int w_base = group * (kernel.x * kernel.y * kernel.z) * channels.x * row_vectors + int(gl_WorkGroupID.y) * VECTORS;

  // A step: DEPTH input channels of one tap. The splits share them out.
  int chunks = (channels.x + DEPTH - 1) / DEPTH;
  int all_steps = taps_x[0] * taps_y[0] * taps_z[0] * chunks;
  int step = all_steps / splits * split + min(all_steps % splits, split);
  int last_step = step + all_steps / splits + (split < all_steps % splits ? 1 : 0);

  int own_channel = thread / CELL_THREADS;
  int own_cell = thread % CELL_THREADS;
  vec4 sum[OWN_CHANNELS / 4 * OWN_CELLS];
#unroll i SUM_VECTORS
  sum[i] = vec4(0);
#end

  float next_x[ROWS_READ];
  vec4 next_w[VECTORS_READ];
  for (bool first = true; step <= last_step; ++step, first = false) {
    if (!first) {
      barrier();
#unroll i ROWS_READ
      tile_x[(read_row + i * ROW_STEP) * TILE_CELLS + read_cell] = next_x[i];
#end
#unroll i VECTORS_READ
      if (thread + i * THREADS < DEPTH * VECTORS) tile_w[thread + i * THREADS] = next_w[i];
#end
      barrier();
    }
    if (step < last_step) {
      int tap = step / chunks;
      int channel = (step - tap * chunks) * DEPTH;
      ivec3 nth = ivec3(tap % taps_x[0], tap / taps_x[0] % taps_y[0], tap / (taps_x[0] * taps_y[0]));
      ivec3 k = ivec3(taps_x[1], taps_y[1], taps_z[1]) + nth * period;
      ivec3 i = place.xyz + ivec3(taps_x[2], taps_y[2], taps_z[2]) - nth * back;
      bool inside = place.w >= 0 && all(greaterThanEqual(i, ivec3(0))) && all(lessThan(i, input_size));
      int from = in_base + channel * in_plane + (i.z * input_size.y + i.y) * input_size.x + i.x;
#unroll r ROWS_READ
      next_x[r] = inside && channel + read_row + r * ROW_STEP < channels.x ? x[from + r * ROW_STEP * in_plane] : 0.0;
#end
      int tap_at = (k.z * kernel.y + k.y) * kernel.x + k.x;
      int w_from = w_base + (tap_at * channels.x + channel) * row_vectors;
      // Rows beyond the last input channel are other weights, which meet zeros.
#unroll i VECTORS_READ
      const int at = i * THREADS;
      next_w[i] = thread + at < DEPTH * VECTORS
                      ? w[w_from + (thread + at) / VECTORS * row_vectors + (thread + at) % VECTORS]
                      : vec4(0);
#end
    }
    if (!first) {
      for (int k = 0; k < DEPTH; ++k) {
        float value[OWN_CELLS];
#unroll j OWN_CELLS
        value[j] = tile_x[k * TILE_CELLS + own_cell + j * CELL_THREADS];
#end
#unroll i OWN_VECTORS
        vec4 weight = tile_w[k * VECTORS + own_channel + i * CHANNEL_THREADS];
#unroll j OWN_CELLS
        sum[i * OWN_CELLS + j] += weight * value[j];
#end
#end
      }
    }
  }

  int out_plane = output_size.x * output_size.y * output_size.z;
  int first_channel = int(gl_WorkGroupID.y) * TILE_CHANNELS;
#unroll j OWN_CELLS
  ivec4 cell = place_of(int(gl_WorkGroupID.x) * TILE_CELLS + own_cell + j * CELL_THREADS, quotients);
  ivec3 o = cell.xyz * stride + phases;
  if (cell.w >= 0 && all(lessThan(o, output_size))) {
    int image = split * batch_and_splits.x + cell.w;
    int to = (image * channels.z + group) * channels.y * out_plane + (o.z * output_size.y + o.y) * output_size.x + o.x;
#unroll i OWN_VECTORS
#unroll c 4
    int channel = first_channel + (own_channel + i * CHANNEL_THREADS) * 4 + c;
    if (channel < channels.y) {
      float start = splits == 1 ? bias[group * channels.y + channel] : 0.0;  // else added when they are joined
      y[to + channel * out_plane] = sum[i * OWN_CELLS + j][c] + start;
    }
#end
#end
  }
#end
}
