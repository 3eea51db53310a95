#include "elementary.h"

static const float sqrt_2_over_pi = 0.797884561f;
static const float cubic = 0.044715f;

// gelu(x) = x/2 (1 + tanh z) = x sigmoid(2z), z = sqrt(2/pi) (x + 0.044715 x^3).
kernel float gelu_tanh_kernel(float x) {
  float z = sqrt_2_over_pi * (x + cubic * x * x * x);
  return x * sigmoid_kernel(2.0f * z);
}

kernel float gelu_tanh_slope(float x) {
  float z = sqrt_2_over_pi * (x + cubic * x * x * x);
  float s = sigmoid_kernel(2.0f * z);
  float dz = sqrt_2_over_pi * (1.0f + 3.0f * cubic * x * x);
  return s + x * s * (1.0f - s) * 2.0f * dz;
}

kernel float gelu_erf_slope(float x) {
  float density = 0.398942280f * quick_exp_kernel(-0.5f * x * x);
  return 0.5f * (1.0f + erf_kernel(x * 0.707106781f)) + x * density;
}

vectorised void fathom_gelu_tanh(const float *x, float *out, size_t count) {
  for (size_t i = 0; i < count; ++i) out[i] = gelu_tanh_kernel(x[i]);
}

vectorised void fathom_gelu_tanh_backward(const float *x, float *gradient, size_t count) {
  for (size_t i = 0; i < count; ++i) gradient[i] *= gelu_tanh_slope(x[i]);
}

vectorised void fathom_gelu_erf(const float *x, float *out, size_t count) {
  for (size_t i = 0; i < count; ++i)
    out[i] = 0.5f * x[i] * (1.0f + erf_kernel(x[i] * 0.707106781f));
}

vectorised void fathom_gelu_erf_backward(const float *x, float *gradient, size_t count) {
  for (size_t i = 0; i < count; ++i) gradient[i] *= gelu_erf_slope(x[i]);
}

vectorised void fathom_silu(const float *x, float *out, size_t count) {
  for (size_t i = 0; i < count; ++i) out[i] = x[i] * sigmoid_kernel(x[i]);
}

vectorised void fathom_silu_backward(const float *x, float *gradient, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    float s = sigmoid_kernel(x[i]);
    gradient[i] *= s + x[i] * s * (1.0f - s);
  }
}

// Compared this way round, a NaN stays one.
vectorised void fathom_relu(const float *x, float *out, size_t count) {
  for (size_t i = 0; i < count; ++i) out[i] = x[i] < 0 ? 0 : x[i];
}

vectorised void fathom_relu_backward(const float *x, float *gradient, size_t count) {
  for (size_t i = 0; i < count; ++i) gradient[i] = x[i] > 0 ? gradient[i] : 0;
}
