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

// The exponent is rebiased by a multiplication, which also makes subnormals come out right.
vectorised void fathom_widen_half(const uint16_t *x, float *out, size_t count) {
  const float rebias = 0x1p+112f;
  for (size_t i = 0; i < count; ++i) {
    uint32_t bits = x[i];
    uint32_t magnitude = (bits & 0x7FFFu) << 13;
    float value = from_bits(magnitude) * rebias;
    uint32_t wide;
    memcpy(&wide, &value, sizeof wide);
    wide = (bits & 0x7C00u) == 0x7C00u ? (magnitude | 0x7F800000u) : wide;
    out[i] = from_bits(wide | (bits & 0x8000u) << 16);
  }
}
