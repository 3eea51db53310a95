// The product for one instruction set. No include guard: weight_product.c includes it once for each,
// having defined tile_name, tile_target, tile_lanes (floats in a vector), tile_low and tile_high (the
// lower and upper halves of two vectors, interleaved) and tile_rows, so that 2 * tile_rows sums, two
// vectors of the panel and a factor fill the registers.

#define inlined tile_target static inline __attribute__((always_inline))

typedef float tile_name(vector) __attribute__((vector_size(4 * tile_lanes), aligned(4)));
typedef uint32_t tile_name(integers) __attribute__((vector_size(4 * tile_lanes)));
// Of any alignment: what a file holds.
typedef float tile_name(floats)
    __attribute__((vector_size(4 * tile_lanes), aligned(1), may_alias));
typedef _Float16 tile_name(halves)
    __attribute__((vector_size(2 * tile_lanes), aligned(1), may_alias));
typedef uint16_t tile_name(brains)
    __attribute__((vector_size(2 * tile_lanes), aligned(1), may_alias));

// MARK: - Weights into registers

inlined tile_name(vector) tile_name(load)(const char *from, fathom_element element) {
  switch (element) {
    case fathom_float16:
      return __builtin_convertvector(*(const tile_name(halves) *)from, tile_name(vector));
    case fathom_bfloat16:
      return (tile_name(vector))(
          __builtin_convertvector(*(const tile_name(brains) *)from, tile_name(integers)) << 16);
    default: return *(const tile_name(floats) *)from;
  }
}

// The first `count` elements, then zeros; nothing beyond them is read.
inlined tile_name(vector) tile_name(load_some)(
    const char *from, size_t count, fathom_element element) {
  if (count >= tile_lanes) return tile_name(load)(from, element);
  char bytes[4 * tile_lanes] = {0};
  memcpy(bytes, from, count * bytes_of(element));
  return tile_name(load)(bytes, element);
}

// MARK: - A panel

inlined void tile_name(copy_row)(const char *line, fathom_element element, float *to) {
  ((tile_name(vector) *)to)[0] = tile_name(load)(line, element);
  ((tile_name(vector) *)to)[1] =
      tile_name(load)(line + tile_lanes * bytes_of(element), element);
}

inlined void tile_name(pack_plain)(
    const panel_source *from, fathom_element element, float *panel) {
  for (size_t k = 0; k < from->count; ++k, panel += 2 * tile_lanes) {
    const char *line = from->lines[k] + from->offset;
    if (from->used == 2 * tile_lanes) {
      tile_name(copy_row)(line, element, panel);
    } else {
      size_t left = from->used < tile_lanes ? from->used : tile_lanes;
      tile_name(vector) *to = (tile_name(vector) *)panel;
      to[0] = tile_name(load_some)(line, left, element);
      to[1] = tile_name(load_some)(line + left * bytes_of(element), from->used - left, element);
    }
  }
}

// Squares are turned in registers: interleaving row i with row i + half, for all i, as often as two
// goes into their number leaves the columns.
inlined void tile_name(pack_transposed)(
    const panel_source *from, fathom_element element, float *panel) {
  for (size_t side = 0; side < 2; ++side)
    for (size_t k = 0; k < from->inner; k += tile_lanes) {
      tile_name(vector) x[tile_lanes], y[tile_lanes];
#pragma clang loop unroll(full)
      for (size_t i = 0; i < tile_lanes; ++i) {
        size_t line = side * tile_lanes + i;
        x[i] = line < from->count
                   ? tile_name(load_some)(from->lines[line] + from->offset + k * bytes_of(element),
                                          from->inner - k, element)
                   : (tile_name(vector)){0};
      }
#define interleave(x, y)                                                                \
  _Pragma("clang loop unroll(full)") for (size_t i = 0; i < tile_lanes / 2; ++i) {      \
    y[2 * i] = __builtin_shufflevector(x[i], x[i + tile_lanes / 2], tile_low);          \
    y[2 * i + 1] = __builtin_shufflevector(x[i], x[i + tile_lanes / 2], tile_high);     \
  }
      interleave(x, y);
      interleave(y, x);
      interleave(x, y);
      if (tile_lanes == 16) {
        interleave(y, x);
      } else {
        memcpy(x, y, sizeof x);
      }
#undef interleave
#pragma clang loop unroll(full)
      for (size_t i = 0; i < tile_lanes; ++i)
        ((tile_name(vector) *)(panel + (k + i) * 2 * tile_lanes))[side] = x[i];
    }
}

// Does `body` with the element type a constant, if it is one without blocks.
#define for_each_element(element, body)                        \
  switch (element) {                                           \
    case fathom_float32: body(fathom_float32); break;          \
    case fathom_float16: body(fathom_float16); break;          \
    case fathom_bfloat16: body(fathom_bfloat16); break;        \
    default: break;                                            \
  }

// Elements in blocks, as floats.
tile_target static void tile_name(widen)(
    const char *line, fathom_element element, size_t first, size_t count, float *out) {
  switch (element) {
    in_any_blocks
    default: break;
  }
}

tile_target static void tile_name(pack_blocks)(
    const panel_source *from, fathom_element element, float *panel) {
  enum { width = 2 * tile_lanes };
  for (size_t k = 0; k < from->count; ++k, panel += width) {
    tile_name(widen)(from->lines[k], element, from->at, from->used, panel);
    memset(panel + from->used, 0, (width - from->used) * sizeof *panel);
  }
}

// Columns are widened a block's length at a time, beside the panel, and then turned.
tile_target static void tile_name(pack_blocks_transposed)(
    const panel_source *from, fathom_element element, float *panel) {
  enum { width = 2 * tile_lanes, apart = longest_block + 16 };  // not to share cache sets
  float widened[width][apart];
  const char *lines[width];
  for (size_t line = 0; line < from->count; ++line) lines[line] = (const char *)widened[line];
  for (size_t k = 0; k < from->inner; k += longest_block) {
    size_t count = from->inner - k < longest_block ? from->inner - k : longest_block;
    for (size_t line = 0; line < from->count; ++line)
      tile_name(widen)(from->lines[line], element, from->at + k, count, widened[line]);
    panel_source part = {.inner = count, .lines = lines, .count = from->count};
    tile_name(pack_transposed)(&part, fathom_float32, panel + k * width);
  }
}

tile_target static void tile_name(pack)(const product *p, const panel_source *from, float *panel) {
  fathom_element element = p->weight->element;
  if (is_in_blocks(element)) {
    p->transposed ? tile_name(pack_blocks_transposed)(from, element, panel)
                  : tile_name(pack_blocks)(from, element, panel);
    return;
  }
#define body(element)                                   \
  p->transposed ? tile_name(pack_transposed)(from, element, panel) \
                : tile_name(pack_plain)(from, element, panel)
  for_each_element(element, body)
#undef body
}

inlined void tile_name(advance)(arrival *next) {
  if (!next->copies) return ask_for_some(next);
  const panel_source *from = next->from;
  size_t end = next->line + next->rate < from->count ? next->line + next->rate : from->count;
  for (; next->line < end; ++next->line) {
    size_t later = next->line + 3 * next->rate;
    if (later < from->count)
      for (size_t byte = 0; byte < from->bytes; byte += cache_line)
        ask_for(from->lines[later] + from->offset + byte);
    const char *line = from->lines[next->line] + from->offset;
    float *to = next->to + next->line * 2 * tile_lanes;
    if (is_in_blocks(next->element)) {
      tile_name(widen)(from->lines[next->line], next->element, from->at, 2 * tile_lanes, to);
      continue;
    }
#define body(element) tile_name(copy_row)(line, element, to)
    for_each_element(next->element, body)
#undef body
  }
}

// MARK: - Tiles

// out[i] (+)= a[i] . panel for `rows` rows, which the caller gives as a constant.
inlined void tile_name(tile)(
    size_t rows, size_t inner, const float *a, size_t a_stride, const float *panel,
    const float *start, size_t start_stride, float *out, size_t out_stride, arrival *next) {
  tile_name(vector) sums[tile_rows][2];
#pragma clang loop unroll(full)
  for (size_t i = 0; i < rows; ++i) {
    const tile_name(vector) *from = (const tile_name(vector) *)(start + i * start_stride);
    sums[i][0] = from[0];
    sums[i][1] = from[1];
  }
  for (size_t first = 0; first < inner; first += tile_step) {
    tile_name(advance)(next);
    size_t end = first + tile_step < inner ? first + tile_step : inner;
#pragma clang loop unroll(disable)
    for (size_t k = first; k < end; ++k) {
      const tile_name(vector) *row = (const tile_name(vector) *)(panel + k * 2 * tile_lanes);
      tile_name(vector) left = row[0], right = row[1];
#pragma clang loop unroll(full)
      for (size_t i = 0; i < rows; ++i) {
        float factor = a[i * a_stride + k];
        sums[i][0] += factor * left;
        sums[i][1] += factor * right;
      }
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
    const float *start, size_t start_stride, float *out, size_t out_stride, arrival *next) {
#define height(n)                                                                               \
  case n:                                                                                       \
    tile_name(tile)(n, inner, a, a_stride, panel, start, start_stride, out, out_stride, next);  \
    break
  switch (rows) {
    height(1); height(2); height(3); height(4); height(5); height(6);
#if tile_rows > 6
    height(7); height(8); height(9); height(10); height(11); height(12); height(13);
#endif
  }
#undef height
}

// One panel against some rows.
tile_target static void tile_name(rows_of_panel)(
    const product *p, const panel_source *at, const float *panel, size_t row, size_t rows,
    arrival *next) {
  enum { width = 2 * tile_lanes };
  const float *a = p->a + row * p->a_stride + at->first;
  float *out = p->out + row * p->out_stride + at->column;
  size_t used = at->used;
  int continues = at->first > 0 || p->adding;
  const float *bias = at->first == 0 && p->bias ? p->bias + at->column : 0;
  if (used == width && !(continues && bias)) {
    static const float zeros[width];
    const float *start = continues ? out : bias ? bias : zeros;
    tile_name(rows_of_tile)(rows, at->inner, a, p->a_stride, panel, start,
                            continues ? p->out_stride : 0, out, p->out_stride, next);
    return;
  }
  // What the sums start from is put together beside the output.
  float start[tile_rows * width] = {0};
  for (size_t i = 0; i < rows; ++i) {
    if (continues) memcpy(start + i * width, out + i * p->out_stride, used * sizeof *start);
    if (bias)
      for (size_t j = 0; j < used; ++j) start[i * width + j] += bias[j];
  }
  tile_name(rows_of_tile)(rows, at->inner, a, p->a_stride, panel, start, width, start, width, next);
  for (size_t i = 0; i < rows; ++i)
    memcpy(out + i * p->out_stride, start + i * width, used * sizeof *start);
}

// The panel at a place of the product. `lines` is room for its lines' addresses; those of `before`
// serve again where they are the same.
tile_target static panel_source tile_name(panel_at)(
    const product *p, size_t first, size_t column, const char **lines,
    const panel_source *before) {
  enum { width = 2 * tile_lanes };
  fathom_element element = p->weight->element;
  size_t inner = p->inner - first < block ? p->inner - first : block;
  size_t used = p->columns - column < width ? p->columns - column : width;
  panel_source panel = {first, inner, column, used, lines};
  size_t length;  // of a line's part
  if (p->transposed) {
    for (size_t j = 0; j < used; ++j) lines[j] = line_of(p->weight, p->first + column + j);
    panel.count = used;
    panel.at = p->weight->column + first;
    length = inner;
  } else {
    if (before && before->first == first)
      panel.lines = before->lines;
    else
      for (size_t k = 0; k < inner; ++k) lines[k] = line_of(p->weight, first + k);
    panel.count = inner;
    panel.at = p->weight->column + p->first + column;
    length = used;
  }
  panel.offset = offset_of(element, panel.at);
  // To the end of the last block.
  panel.bytes =
      offset_of(element, panel.at + length - (length > 0)) + bytes_of(element) - panel.offset;
  return panel;
}

tile_target static void tile_name(multiply_rows)(const product *p) {
  enum { width = 2 * tile_lanes };
  // Tiles of nearly equal height: a last one of a row or two would waste the registers.
  size_t tiles = (p->rows + tile_rows - 1) / tile_rows;
  const char *lines[2][block];
  panel_source here = tile_name(panel_at)(p, 0, 0, lines[0], 0);
  int hasArrived = 0, odd = 0;
  for (;;) {
    float *panel = panel_memory[odd];
    if (!hasArrived) tile_name(pack)(p, &here, panel);
    // All columns of one part of the inner dimension, then the next part.
    int isLastColumn = here.column + width >= p->columns;
    size_t first = isLastColumn ? here.first + block : here.first;
    int isLast = first >= p->inner && isLastColumn;
    panel_source following = {0};
    if (!isLast)
      following = tile_name(panel_at)(p, first, isLastColumn ? 0 : here.column + width,
                                      lines[here.lines == lines[0]], &here);
    int copies = !p->transposed && following.used == width;
    size_t steps = tiles * ((here.inner + tile_step - 1) / tile_step);
    arrival next =
        arrival_of(&following, p->weight->element, copies, steps, panel_memory[!odd]);
    for (size_t tile = 0; tile < tiles; ++tile) {
      size_t row = p->rows * tile / tiles;
      tile_name(rows_of_panel)(p, &here, panel, row, p->rows * (tile + 1) / tiles - row, &next);
    }
    if (isLast) return;
    here = following;
    hasArrived = copies && steps > 0;
    odd = !odd;
  }
}

#include "weight_row.h"

tile_target static void tile_name(multiply)(const product *p) {
  if (p->rows == 0 || p->columns == 0) return;
  p->rows == 1 ? tile_name(multiply_row)(p) : tile_name(multiply_rows)(p);
}

#undef for_each_element
#undef inlined
#undef tile_name
#undef tile_target
#undef tile_lanes
#undef tile_rows
#undef tile_low
#undef tile_high
