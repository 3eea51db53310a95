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

vectorised void fathom_multiply(const float *x, float *product, size_t count) {
  for (size_t i = 0; i < count; ++i) product[i] *= x[i];
}

vectorised void fathom_rotate(float *x, const float *cosines, const float *sines, size_t pairs,
                              int interleaved, float direction) {
  if (interleaved) {
    for (size_t i = 0; i < pairs; ++i) {
      float a = x[2 * i], b = x[2 * i + 1], s = direction * sines[i];
      x[2 * i] = a * cosines[i] - b * s;
      x[2 * i + 1] = b * cosines[i] + a * s;
    }
    return;
  }
  for (size_t i = 0; i < pairs; ++i) {
    float a = x[i], b = x[i + pairs], s = direction * sines[i];
    x[i] = a * cosines[i] - b * s;
    x[i + pairs] = b * cosines[i] + a * s;
  }
}
