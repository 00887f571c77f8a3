// Which taps reach a cell of one axis, in closed form (see src/gpu/conv_geometry.h).

/// The taps that reach a cell: `tap`, `tap` + PERIOD, … below `end`, from the input cells `cell`, `cell` − BACK, …
struct Reach {
  int tap;
  int cell;
  int end;
};

/// `place`: the output cell + REMAINDER. All taps that it gives read cells of the input, 0 … input_size − 1.
#define DEFINE_REACH(NAME, KERNEL, STRIDE, DILATION, COMMON, PERIOD, INVERSE, BACK)         \
  Reach NAME(int place, int shift, int input_size) {                                        \
    int r = place % STRIDE;                                                                 \
    int tap = COMMON == 1 || r % COMMON == 0 ? (r / COMMON * INVERSE) % PERIOD : KERNEL;     \
    int cell = place / STRIDE + shift - (tap * DILATION - r) / STRIDE;                      \
    int beyond = max(0, (cell - input_size + BACK) / BACK);                                 \
    tap += beyond * PERIOD;                                                                 \
    cell -= beyond * BACK;                                                                  \
    int within = cell < 0 ? 0 : cell / BACK + 1;                                            \
    return Reach(tap, cell, min(KERNEL, tap + within * PERIOD));                            \
  }

DEFINE_REACH(reach_x, KERNEL_X, STRIDE_X, DILATION_X, COMMON_X, PERIOD_X, INVERSE_X, BACK_X)
DEFINE_REACH(reach_y, KERNEL_Y, STRIDE_Y, DILATION_Y, COMMON_Y, PERIOD_Y, INVERSE_Y, BACK_Y)
DEFINE_REACH(reach_z, KERNEL_Z, STRIDE_Z, DILATION_Z, COMMON_Z, PERIOD_Z, INVERSE_Z, BACK_Z)
