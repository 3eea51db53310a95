#include "elementary.h"

vectorised void fathom_exp(const float *x, float *out, size_t count) {
  for (size_t i = 0; i < count; ++i) out[i] = exp_kernel(x[i]);
}

vectorised void fathom_tanh(const float *x, float *out, size_t count) {
  for (size_t i = 0; i < count; ++i) out[i] = tanh_kernel(x[i]);
}

vectorised void fathom_erf(const float *x, float *out, size_t count) {
  for (size_t i = 0; i < count; ++i) out[i] = erf_kernel(x[i]);
}

vectorised void fathom_add(const float *x, float *accumulated, size_t count) {
  for (size_t i = 0; i < count; ++i) accumulated[i] += x[i];
}
