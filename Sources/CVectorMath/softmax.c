#include "elementary.h"

vectorised void fathom_softmax(float *scores, size_t count, float scale) {
  float lane[lanes];
  for (int j = 0; j < lanes; ++j) lane[j] = -INFINITY;
  size_t i = 0;
  for (; i + lanes <= count; i += lanes)
    for (int j = 0; j < lanes; ++j)
      lane[j] = scores[i + j] > lane[j] ? scores[i + j] : lane[j];
  for (int j = 0; i + j < count; ++j)
    lane[j] = scores[i + j] > lane[j] ? scores[i + j] : lane[j];
  float maximum = lane[0];
  for (int j = 1; j < lanes; ++j) maximum = lane[j] > maximum ? lane[j] : maximum;
  if (maximum == -INFINITY) {
    // Nothing but -infinity, and NaN, which no maximum sees and which must not be hidden.
    for (size_t k = 0; k < count; ++k) scores[k] = scores[k] == -INFINITY ? 0 : scores[k];
    return;
  }

  for (int j = 0; j < lanes; ++j) lane[j] = 0;
  for (i = 0; i + lanes <= count; i += lanes)
    for (int j = 0; j < lanes; ++j) {
      float e = quick_exp_kernel((scores[i + j] - maximum) * scale);
      scores[i + j] = e;
      lane[j] += e;
    }
  for (int j = 0; i + j < count; ++j) {
    float e = quick_exp_kernel((scores[i + j] - maximum) * scale);
    scores[i + j] = e;
    lane[j] += e;
  }
  float inverse = 1.0f / sum_of_lanes(lane);
  for (size_t k = 0; k < count; ++k) scores[k] *= inverse;
}

vectorised void fathom_soft_cap(
    float *x, size_t count, float scale, float cap, float *slopes) {
  float inverse = scale / cap;
  for (size_t i = 0; i < count; ++i) {
    float t = tanh_kernel(x[i] * inverse);
    x[i] = cap * t;
    if (slopes) slopes[i] = 1.0f - t * t;
  }
}

vectorised float fathom_weigh_gradient(const float *attention, float *gradient, size_t count) {
  float lane[lanes];
  for (int j = 0; j < lanes; ++j) lane[j] = 0;
  size_t i = 0;
  for (; i + lanes <= count; i += lanes)
    for (int j = 0; j < lanes; ++j) {
      float weighted = attention[i + j] * gradient[i + j];
      gradient[i + j] = weighted;
      lane[j] += weighted;
    }
  for (int j = 0; i + j < count; ++j) {
    float weighted = attention[i + j] * gradient[i + j];
    gradient[i + j] = weighted;
    lane[j] += weighted;
  }
  return sum_of_lanes(lane);
}

vectorised void fathom_softmax_backward(
    const float *attention, float *weighted, size_t count, float sum, float scale) {
  for (size_t i = 0; i < count; ++i) weighted[i] = scale * (weighted[i] - attention[i] * sum);
}
