// Products with a matrix of weights that stays where it lies, such as in a mapped file, as floats of 32
// or 16 bits or in blocks of integers with a scale. A panel of its columns at a time is widened to
// float32 and laid out as the processor multiplies, into memory of the calling thread that fits the
// second level of cache.
#ifndef FATHOM_WEIGHT_PRODUCT_H
#define FATHOM_WEIGHT_PRODUCT_H

#include <stddef.h>

typedef enum {
  fathom_float32,
  fathom_float16,
  fathom_bfloat16,
  // ggml's blocks: of 32 elements the first three, of 256 the others.
  fathom_q8_0,
  fathom_q5_0,
  fathom_q4_0,
  fathom_q4_k,
  fathom_q5_k,
  fathom_q6_k,
} fathom_element;

// A row-major matrix, aligned or not. Its rows lie in groups, as those of query, key and value do
// where they are stored head by head; where they do not, all are one group. A row in blocks is made of
// whole ones.
typedef struct {
  const void *base;
  fathom_element element;
  size_t stride;        // elements from one row to the next of its group
  size_t group;         // rows of a group, at least 1
  size_t group_stride;  // elements from one group to the next
  size_t first;         // the row of the groups that is row 0 of this matrix
  size_t column;        // the element of a row that is column 0
  // Rows of a band, an even number, of which the second half lies between the rows of the first; 0 if
  // rows lie in their order.
  size_t interleaved;
} fathom_weight;

// What a block takes, and how many elements it has: 1 of types without blocks.
size_t fathom_block_bytes(fathom_element element);
size_t fathom_block_elements(fathom_element element);

// Columns of a panel on this processor; 0 where there is no kernel for it and BLAS must do.
size_t fathom_panel_columns(void);

// out = a . W + bias, (rows, columns), where W is some columns of `weight` or, if `transposed`, of its
// transpose, from column `first` on; `adding` keeps what is in `out` and adds to it; bias may be null.
// An entry does not depend on which columns are computed with it; nor on which rows, but that a single
// row is summed in another order than several.
void fathom_weight_multiply(const float *a, size_t a_stride, const fathom_weight *weight,
                            int transposed, size_t first, const float *bias, int adding, float *out,
                            size_t out_stride, size_t rows, size_t inner, size_t columns);

// Some elements of one row, as float32. Works on every processor.
void fathom_weight_row(const fathom_weight *weight, size_t row, size_t first, size_t count,
                       float *out);

#endif
