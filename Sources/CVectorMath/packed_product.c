#include <string.h>

#include "include/vector_math.h"

// A tile of the product stays in registers while it runs through the inner dimension; see
// packed_tile.h, which is compiled once for each instruction set. Rows of `a` are read in place.

// So much of the inner dimension at a time, and some 130 rows, that a panel and the rows it meets
// stay in the second level of cache.
enum { block = 1024 };

typedef struct {
  const float *a;
  size_t a_stride;
  const float *panels;
  size_t panel_stride;
  const float *bias;
  int adding;
  float *out;
  size_t out_stride;
  size_t rows, inner, columns;
} product;

#if defined(__x86_64__)

#define tile_name(part) part##_avx512
#define tile_target __attribute__((target("avx512f")))
#define tile_lanes 16
#define tile_rows 13
#include "packed_tile.h"

#define tile_name(part) part##_avx2
#define tile_target __attribute__((target("avx2,fma")))
#define tile_lanes 8
#define tile_rows 6
#include "packed_tile.h"

size_t fathom_panel_columns(void) {
  if (__builtin_cpu_supports("avx512f")) return 2 * 16;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return 2 * 8;
  return 0;
}

static void multiply(const product *p) {
  if (fathom_panel_columns() == 2 * 16)
    multiply_avx512(p);
  else
    multiply_avx2(p);
}

#else

size_t fathom_panel_columns(void) { return 0; }
static void multiply(const product *p) { (void)p; }

#endif

void fathom_pack(const float *matrix, size_t inner_stride, size_t column_stride, size_t inner,
                 size_t columns, float *panels) {
  size_t width = fathom_panel_columns();
  for (size_t first = 0; width > 0 && first < columns; first += width, panels += inner * width) {
    size_t used = columns - first < width ? columns - first : width;
    const float *start = matrix + first * column_stride;
    if (used < width) memset(panels, 0, inner * width * sizeof *panels);
    if (column_stride == 1) {
      for (size_t k = 0; k < inner; ++k)
        memcpy(panels + k * width, start + k * inner_stride, used * sizeof *panels);
    } else {
      // In squares, so that both sides stay in the first level of cache.
      for (size_t from = 0; from < inner; from += 16) {
        size_t to = from + 16 < inner ? from + 16 : inner;
        for (size_t j = 0; j < used; ++j)
          for (size_t k = from; k < to; ++k)
            panels[k * width + j] = start[k * inner_stride + j * column_stride];
      }
    }
  }
}

void fathom_packed_multiply(const float *a, size_t a_stride, const float *panels,
                            size_t panel_stride, const float *bias, int adding, float *out,
                            size_t out_stride, size_t rows, size_t inner, size_t columns) {
  product p = {a,   a_stride,   panels, panel_stride, bias,   adding,
               out, out_stride, rows,   inner,        columns};
  multiply(&p);
}
