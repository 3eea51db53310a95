#include "elementary.h"

// Mean and 1 / sqrt(variance + epsilon), by two passes: the mean first, then squared deviations.
kernel void moments(const float *x, size_t count, float epsilon, float *mean, float *scale) {
  float lane[lanes];
  for (int j = 0; j < lanes; ++j) lane[j] = 0;
  size_t i = 0;
  for (; i + lanes <= count; i += lanes)
    for (int j = 0; j < lanes; ++j) lane[j] += x[i + j];
  for (int j = 0; i + j < count; ++j) lane[j] += x[i + j];
  float centre = sum_of_lanes(lane) / (float)count;

  for (int j = 0; j < lanes; ++j) lane[j] = 0;
  for (i = 0; i + lanes <= count; i += lanes)
    for (int j = 0; j < lanes; ++j) {
      float deviation = x[i + j] - centre;
      lane[j] += deviation * deviation;
    }
  for (int j = 0; i + j < count; ++j) {
    float deviation = x[i + j] - centre;
    lane[j] += deviation * deviation;
  }
  *mean = centre;
  *scale = 1.0f / sqrtf(sum_of_lanes(lane) / (float)count + epsilon);
}

vectorised void fathom_layer_norm(const float *x, const float *weight, const float *bias,
                                  float epsilon, float *out, size_t count) {
  float mean, scale;
  moments(x, count, epsilon, &mean, &scale);
  for (size_t i = 0; i < count; ++i) out[i] = (x[i] - mean) * scale * weight[i] + bias[i];
}

// With n = (x - mean) * scale and g = weight * gradient:
// dx = scale * (g - mean(g) - n * mean(g * n)).
vectorised void fathom_layer_norm_backward(const float *x, const float *weight, float epsilon,
                                           const float *gradient, float *accumulated,
                                           size_t count) {
  float mean, scale;
  moments(x, count, epsilon, &mean, &scale);
  float plain[lanes], along[lanes];
  for (int j = 0; j < lanes; ++j) plain[j] = along[j] = 0;
  size_t i = 0;
  for (; i + lanes <= count; i += lanes)
    for (int j = 0; j < lanes; ++j) {
      float g = weight[i + j] * gradient[i + j];
      plain[j] += g;
      along[j] += g * ((x[i + j] - mean) * scale);
    }
  for (int j = 0; i + j < count; ++j) {
    float g = weight[i + j] * gradient[i + j];
    plain[j] += g;
    along[j] += g * ((x[i + j] - mean) * scale);
  }
  float mean_gradient = sum_of_lanes(plain) / (float)count;
  float mean_along = sum_of_lanes(along) / (float)count;
  for (i = 0; i < count; ++i) {
    float g = weight[i] * gradient[i];
    float n = (x[i] - mean) * scale;
    accumulated[i] += scale * (g - mean_gradient - n * mean_along);
  }
}

// 1 / sqrt(mean(x^2) + epsilon).
kernel float inverse_root_mean_square(const float *x, size_t count, float epsilon) {
  float lane[lanes];
  for (int j = 0; j < lanes; ++j) lane[j] = 0;
  size_t i = 0;
  for (; i + lanes <= count; i += lanes)
    for (int j = 0; j < lanes; ++j) lane[j] += x[i + j] * x[i + j];
  for (int j = 0; i + j < count; ++j) lane[j] += x[i + j] * x[i + j];
  return 1.0f / sqrtf(sum_of_lanes(lane) / (float)count + epsilon);
}

vectorised void fathom_rms_norm(const float *x, const float *weight, float epsilon, float *out,
                                size_t count) {
  float scale = inverse_root_mean_square(x, count, epsilon);
  for (size_t i = 0; i < count; ++i) out[i] = x[i] * scale * weight[i];
}

// With n = x * scale and g = weight * gradient: dx = scale * (g - n * mean(g * n)).
vectorised void fathom_rms_norm_backward(const float *x, const float *weight, float epsilon,
                                         const float *gradient, float *accumulated,
                                         size_t count) {
  float scale = inverse_root_mean_square(x, count, epsilon);
  float along[lanes];
  for (int j = 0; j < lanes; ++j) along[j] = 0;
  size_t i = 0;
  for (; i + lanes <= count; i += lanes)
    for (int j = 0; j < lanes; ++j)
      along[j] += weight[i + j] * gradient[i + j] * (x[i + j] * scale);
  for (int j = 0; i + j < count; ++j)
    along[j] += weight[i + j] * gradient[i + j] * (x[i + j] * scale);
  float mean_along = sum_of_lanes(along) / (float)count;
  for (i = 0; i < count; ++i)
    accumulated[i] += scale * (weight[i] * gradient[i] - x[i] * scale * mean_along);
}
