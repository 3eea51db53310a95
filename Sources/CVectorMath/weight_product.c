#include "include/weight_product.h"

#include <stdint.h>
#include <string.h>

#include "elementary.h"
#include "weight_blocks.h"

size_t fathom_block_bytes(fathom_element element) { return bytes_of(element); }
size_t fathom_block_elements(fathom_element element) { return elements_of(element); }

// Where a row begins.
kernel const char *line_of(const fathom_weight *weight, size_t row) {
  size_t index = weight->first + row;
  if (weight->interleaved > 0) {
    size_t place = index % weight->interleaved, half = weight->interleaved / 2;
    index += (place < half ? 2 * place : 2 * (place - half) + 1) - place;
  }
  size_t group = index / weight->group;
  size_t offset = group * weight->group_stride + (index - group * weight->group) * weight->stride;
  return (const char *)weight->base + offset_of(weight->element, offset);
}

// MARK: - Rows, widened

// The cases of elements in blocks, each compiled for its type.
#define in_blocks(element) \
  case element: widen_blocks(line, element, first, count, out); break;
#define in_any_blocks                                                         \
  in_blocks(fathom_q8_0) in_blocks(fathom_q5_0) in_blocks(fathom_q4_0)        \
  in_blocks(fathom_q4_k) in_blocks(fathom_q5_k) in_blocks(fathom_q6_k)

vectorised static void widen(const char *line, fathom_element element, size_t first, size_t count,
                             float *out) {
  const char *from = line + first * bytes_of(element);
  switch (element) {
    case fathom_float32: memcpy(out, from, count * sizeof *out); break;
    case fathom_float16:
    case fathom_bfloat16:
      for (size_t i = 0; i < count; ++i) {
        uint16_t bits;
        memcpy(&bits, from + 2 * i, sizeof bits);
        out[i] = from_bits(element == fathom_float16 ? widened_half(bits) : (uint32_t)bits << 16);
      }
      break;
    in_any_blocks
  }
}

void fathom_weight_row(const fathom_weight *weight, size_t row, size_t first, size_t count,
                       float *out) {
  widen(line_of(weight, row), weight->element, weight->column + first, count, out);
}

// MARK: - Products

// A tile of the product stays in registers while it runs through the inner dimension; see
// weight_tile.h, which is compiled once for each instruction set. Rows of `a` are read in place.

typedef struct {
  const float *a;
  size_t a_stride;
  const fathom_weight *weight;
  int transposed;
  size_t first;
  const float *bias;
  int adding;
  float *out;
  size_t out_stride;
  size_t rows, inner, columns;
} product;

#if defined(__x86_64__)

// So much of the inner dimension at a time that a panel takes an eighth of a mebibyte.
enum { block = 1024, widest = 32, cache_line = 64, tile_step = 16 };

// The panel that is being multiplied, and the next one.
static _Thread_local float panel_memory[2][block * widest] __attribute__((aligned(64)));

// What a panel is made of: some bytes of each of some lines of memory. Each line holds a row of the
// panel or, if the weight is transposed, a column.
typedef struct {
  size_t first, inner;    // which of the inner dimension
  size_t column, used;    // which columns of the product
  const char *const *lines;
  size_t count;           // lines
  size_t at;              // the first element of each line
  size_t offset, bytes;   // of each line, where that element, or its block, begins
} panel_source;

// The next panel, on its way while the present one is multiplied, a little at every step: the
// processor cannot wait for much at once. Rows are copied, and asked for some steps before. Columns,
// which it takes many registers to turn into rows, are only asked for.
typedef struct {
  const panel_source *from;
  fathom_element element;
  int copies;
  size_t line, byte;
  size_t rate;  // lines of memory or, if they are only asked for, cache lines; each step
  float *to;
} arrival;

// `steps` is how often there will be an opportunity.
kernel arrival arrival_of(const panel_source *from, fathom_element element, int copies,
                          size_t steps, float *to) {
  size_t pieces = copies ? 1 : (from->bytes + cache_line - 1) / cache_line;
  size_t rate = steps > 0 ? (from->count * pieces + steps - 1) / steps : 0;
  return (arrival){from, element, copies, 0, 0, rate, to};
}

// The end of 64 bytes, not the beginning, which the panel before has touched if lines of memory are
// not aligned.
kernel void ask_for(const char *bytes) { __builtin_prefetch(bytes + cache_line - 1, 0, 2); }

kernel void ask_for_some(arrival *next) {
  const panel_source *from = next->from;
  for (size_t n = next->rate; n > 0 && next->line < from->count; --n) {
    ask_for(from->lines[next->line] + from->offset + next->byte);
    if ((next->byte += cache_line) >= from->bytes) {
      next->byte = 0;
      ++next->line;
    }
  }
}

#define tile_name(part) part##_avx512
#define tile_target __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))
#define tile_lanes 16
#define tile_rows 13
#define tile_low 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define tile_high 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#include "weight_tile.h"

#define tile_name(part) part##_avx2
#define tile_target __attribute__((target("avx2,fma,f16c")))
#define tile_lanes 8
#define tile_rows 6
#define tile_low 0, 8, 1, 9, 2, 10, 3, 11
#define tile_high 4, 12, 5, 13, 6, 14, 7, 15
#include "weight_tile.h"

size_t fathom_panel_columns(void) {
  if (__builtin_cpu_supports("x86-64-v4")) return 2 * 16;
  if (__builtin_cpu_supports("x86-64-v3")) return 2 * 8;
  return 0;
}

static void multiply(const product *p) {
  if (fathom_panel_columns() == 2 * 16)
    multiply_avx512(p);
  else if (fathom_panel_columns() == 2 * 8)
    multiply_avx2(p);
}

#else

size_t fathom_panel_columns(void) { return 0; }
static void multiply(const product *p) { (void)p; }

#endif

void fathom_weight_multiply(const float *a, size_t a_stride, const fathom_weight *weight,
                            int transposed, size_t first, const float *bias, int adding, float *out,
                            size_t out_stride, size_t rows, size_t inner, size_t columns) {
  product p = {a,   a_stride,   weight, transposed, first, bias, adding,
               out, out_stride, rows,   inner,      columns};
  multiply(&p);
}
