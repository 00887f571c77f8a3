// The sizes of the piece of a layer that is computed: no constants, so that pieces and sizes share programs.

layout(location = 0) uniform ivec3 input_size;   // x, y, z
layout(location = 1) uniform ivec3 output_size;
layout(location = 2) uniform ivec3 shift;        // input cells, see axis.glsl
layout(location = 3) uniform ivec3 channels;     // of one group: in, out; groups
layout(location = 4) uniform ivec2 slices;       // of the third axis of the dispatch: the first, how many there are
