// The product for one instruction set. No include guard: packed_product.c includes it once for each,
// having defined tile_name, tile_target, tile_lanes (floats in a vector) and tile_rows, so that
// 2 * tile_rows sums, two vectors of the panel and a factor fill the registers.

typedef float tile_name(vector) __attribute__((vector_size(4 * tile_lanes), aligned(4)));

// out[i] (+)= a[i] . panel for `rows` rows, which the caller gives as a constant.
tile_target static inline __attribute__((always_inline)) void tile_name(tile)(
    size_t rows, size_t inner, const float *a, size_t a_stride, const float *panel,
    const float *start, size_t start_stride, float *out, size_t out_stride) {
  tile_name(vector) sums[tile_rows][2];
#pragma clang loop unroll(full)
  for (size_t i = 0; i < rows; ++i) {
    const tile_name(vector) *from = (const tile_name(vector) *)(start + i * start_stride);
    sums[i][0] = from[0];
    sums[i][1] = from[1];
  }
  for (size_t k = 0; k < inner; ++k) {
    const tile_name(vector) *row = (const tile_name(vector) *)(panel + k * 2 * tile_lanes);
    tile_name(vector) left = row[0], right = row[1];
#pragma clang loop unroll(full)
    for (size_t i = 0; i < rows; ++i) {
      float factor = a[i * a_stride + k];
      sums[i][0] += factor * left;
      sums[i][1] += factor * right;
    }
  }
#pragma clang loop unroll(full)
  for (size_t i = 0; i < rows; ++i) {
    tile_name(vector) *to = (tile_name(vector) *)(out + i * out_stride);
    to[0] = sums[i][0];
    to[1] = sums[i][1];
  }
}

tile_target static void tile_name(rows_of_tile)(
    size_t rows, size_t inner, const float *a, size_t a_stride, const float *panel,
    const float *start, size_t start_stride, float *out, size_t out_stride) {
#define height(n)                                                                             \
  case n:                                                                                     \
    tile_name(tile)(n, inner, a, a_stride, panel, start, start_stride, out, out_stride);      \
    break
  switch (rows) {
    height(1); height(2); height(3); height(4); height(5); height(6);
#if tile_rows > 6
    height(7); height(8); height(9); height(10); height(11); height(12); height(13);
#endif
  }
#undef height
}

// One panel, `used` of whose columns exist, against `rows` rows, over `inner` from `first` on.
tile_target static void tile_name(panel)(const product *p, size_t first, size_t inner,
                                         size_t column, size_t row, size_t rows) {
  enum { width = 2 * tile_lanes };
  const float *a = p->a + row * p->a_stride + first;
  const float *panel = p->panels + column / width * p->panel_stride + first * width;
  float *out = p->out + row * p->out_stride + column;
  size_t used = p->columns - column < width ? p->columns - column : width;
  int continues = first > 0 || p->adding;
  const float *bias = first == 0 && p->bias ? p->bias + column : 0;
  if (used == width && !(continues && bias)) {
    static const float zeros[width];
    const float *start = continues ? out : bias ? bias : zeros;
    tile_name(rows_of_tile)(rows, inner, a, p->a_stride, panel, start,
                            continues ? p->out_stride : 0, out, p->out_stride);
    return;
  }
  // What the sums start from is put together beside the output.
  float start[tile_rows * width] = {0};
  for (size_t i = 0; i < rows; ++i) {
    if (continues) memcpy(start + i * width, out + i * p->out_stride, used * sizeof *start);
    if (bias)
      for (size_t j = 0; j < used; ++j) start[i * width + j] += bias[j];
  }
  if (used == width) {
    tile_name(rows_of_tile)(rows, inner, a, p->a_stride, panel, start, width, out, p->out_stride);
    return;
  }
  tile_name(rows_of_tile)(rows, inner, a, p->a_stride, panel, start, width, start, width);
  for (size_t i = 0; i < rows; ++i)
    memcpy(out + i * p->out_stride, start + i * width, used * sizeof *start);
}

tile_target static void tile_name(multiply)(const product *p) {
  // Tiles of nearly equal height: a last one of a row or two would waste the registers.
  enum { tiles_at_a_time = 130 / tile_rows };
  size_t tiles = (p->rows + tile_rows - 1) / tile_rows;
  size_t first = 0;
  do {  // Once even for an empty inner dimension: the product is zero, not nothing.
    size_t inner = p->inner - first < block ? p->inner - first : block;
    for (size_t top = 0; top < tiles; top += tiles_at_a_time) {
      size_t end = tiles - top < tiles_at_a_time ? tiles : top + tiles_at_a_time;
      for (size_t column = 0; column < p->columns; column += 2 * tile_lanes)
        for (size_t tile = top; tile < end; ++tile) {
          size_t row = p->rows * tile / tiles;
          tile_name(panel)(p, first, inner, column, row, p->rows * (tile + 1) / tiles - row);
        }
    }
  } while ((first += block) < p->inner);
}

#undef tile_name
#undef tile_target
#undef tile_lanes
#undef tile_rows
