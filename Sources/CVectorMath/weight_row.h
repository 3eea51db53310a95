// The product of a single row, which needs no panel. No include guard: weight_tile.h includes it once for
// each instruction set.

inlined float tile_name(sum)(tile_name(vector) x) {
  float lane[tile_lanes];
  memcpy(lane, &x, sizeof lane);
  for (size_t width = tile_lanes / 2; width > 0; width /= 2)
    for (size_t j = 0; j < width; ++j) lane[j] += lane[j + width];
  return lane[0];
}

// Each entry is the sum of products with one line of memory; `element` is what the line is read as.
inlined void tile_name(dots)(const product *p, fathom_element element) {
  enum { lanes = tile_lanes, wide = 4 * tile_lanes };
  size_t size = bytes_of(element);
  int blocks = is_in_blocks(p->weight->element);
  float widened[longest_block];
  for (size_t column = 0; column < p->columns; ++column) {
    const char *line = line_of(p->weight, p->first + column);
    tile_name(vector) sums[4] = {{0}, {0}, {0}, {0}};
    for (size_t start = 0, end; start < p->inner; start = end) {
      end = blocks && p->inner - start > longest_block ? start + longest_block : p->inner;
      size_t at = p->weight->column + start;
      if (blocks) tile_name(widen)(line, p->weight->element, at, end - start, widened);
      const char *from = blocks ? (const char *)widened : line + at * size;
      const float *a = p->a + start;
      size_t k = 0, count = end - start;
      for (; k + wide <= count; k += wide)
#pragma clang loop unroll(full)
        for (size_t i = 0; i < 4; ++i)
          sums[i] += *(const tile_name(vector) *)(a + k + i * lanes)
                     * tile_name(load)(from + (k + i * lanes) * size, element);
      for (; k < count; k += lanes)
        sums[0] += tile_name(load_some)((const char *)(a + k), count - k, fathom_float32)
                   * tile_name(load_some)(from + k * size, count - k, element);
    }
    float total = tile_name(sum)((sums[0] + sums[1]) + (sums[2] + sums[3]));
    float start = (p->adding ? p->out[column] : 0) + (p->bias ? p->bias[column] : 0);
    p->out[column] = start + total;
  }
}

// Each line of memory, times its factor, is added to the whole row, four lines at a time.
inlined void tile_name(scaled_lines)(const product *p, fathom_element element) {
  enum { together = 4 };
  size_t size = bytes_of(element);
  int blocks = is_in_blocks(p->weight->element);
  float widened[together][longest_block];
  for (size_t j = 0; j < p->columns; ++j)
    p->out[j] = (p->adding ? p->out[j] : 0) + (p->bias ? p->bias[j] : 0);
  for (size_t k = 0; k < p->inner; k += together) {
    // Lines beyond the last are the last again, times zero.
    const char *lines[together], *from[together];
    float factors[together];
    for (size_t i = 0; i < together; ++i) {
      lines[i] = line_of(p->weight, k + i < p->inner ? k + i : p->inner - 1);
      factors[i] = k + i < p->inner ? p->a[k + i] : 0;
    }
    for (size_t start = 0, end; start < p->columns; start = end) {
      end = blocks && p->columns - start > longest_block ? start + longest_block : p->columns;
      size_t at = p->weight->column + p->first + start;
      for (size_t i = 0; i < together; ++i) {
        if (blocks) tile_name(widen)(lines[i], p->weight->element, at, end - start, widened[i]);
        from[i] = blocks ? (const char *)widened[i] : lines[i] + at * size;
      }
      float *out = p->out + start;
      for (size_t j = 0; j < end - start; j += tile_lanes) {
        size_t left = end - start - j;
        tile_name(vector) sum = tile_name(load_some)((const char *)(out + j), left, fathom_float32);
#pragma clang loop unroll(full)
        for (size_t i = 0; i < together; ++i)
          sum += factors[i] * tile_name(load_some)(from[i] + j * size, left, element);
        if (left >= tile_lanes)
          *(tile_name(vector) *)(out + j) = sum;
        else
          memcpy(out + j, &sum, left * sizeof *out);
      }
    }
  }
}

tile_target static void tile_name(multiply_row)(const product *p) {
  fathom_element element = p->weight->element;
#define body(element) \
  p->transposed ? tile_name(dots)(p, element) : tile_name(scaled_lines)(p, element)
  for_each_element(is_in_blocks(element) ? fathom_float32 : element, body)
#undef body
}
