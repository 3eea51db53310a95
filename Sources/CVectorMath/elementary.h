// Branch-free scalar kernels; the loops that call them are vectorised by the compiler.
// Polynomials are our own least-maximum fits (weighted Chebyshev least squares in 50 digits).
#ifndef FATHOM_ELEMENTARY_H
#define FATHOM_ELEMENTARY_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "include/vector_math.h"

// `vectorised` compiles a function once for each instruction set and dispatches at load time.
#if defined(__x86_64__) && defined(__linux__)
#define vectorised __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define vectorised
#endif
#define kernel static inline __attribute__((always_inline))

// Sums and maxima run in this many independent lanes, whatever the vector width, so that the
// order of the additions, and with it the result, is the same on every processor.
enum { lanes = 16 };

kernel float from_bits(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

kernel float select_float(int condition, float yes, float no) { return condition ? yes : no; }

// exp(x) = 2^k * exp(r), |r| <= ln2 / 2: returns exp(r) and, in the low bits of `shifted`, k. Adding
// 1.5 * 2^23 rounds to an integer without a conversion instruction.
kernel float exp_parts(float x, uint32_t *shifted) {
  const float magic = 12582912.0f;
  float sum = x * 1.44269504f + magic;
  float k = sum - magic;
  float r = x - k * 0.693145752f;
  r = r - k * 1.42860677e-6f;
  float p = 1.383684569e-3f;
  p = p * r + 8.374815802e-3f;
  p = p * r + 4.166822557e-2f;
  p = p * r + 1.666642017e-1f;
  p = p * r + 4.999999208e-1f;
  p = p * r + 1.000000036f;
  p = p * r + 1.0f;
  memcpy(shifted, &sum, sizeof sum);
  return p;
}
enum { magic_bits = 0x4B400000 };

// A NaN passes: it compares as neither below nor above.
kernel float clamp(float x, float low, float high) {
  float capped = select_float(x > high, high, x);
  return select_float(capped < low, low, capped);
}

// exp over the whole range. Scaling by 2^k in two steps lets the multiplication itself overflow to
// infinity and underflow gradually to 0, as the clamped ends do.
kernel float exp_kernel(float x) {
  uint32_t shifted;
  float p = exp_parts(clamp(x, -104.0f, 89.0f), &shifted);
  int32_t exponent = (int32_t)(shifted - magic_bits);
  int32_t half = exponent >> 1;
  int32_t rest = exponent - half;
  return p * from_bits((uint32_t)(half + 127) << 23) * from_bits((uint32_t)(rest + 127) << 23);
}

// exp for use inside other functions: 0 already below -87.69 and infinity already above 88.37, for
// there the exponent field of 2^k itself becomes that of 0 or infinity. Two thirds of the
// instructions, and no slow subnormal results in a softmax of widely spread scores.
kernel float quick_exp_kernel(float x) {
  uint32_t shifted;
  float p = exp_parts(clamp(x, -88.0f, 88.7f), &shifted);
  return p * from_bits((shifted - magic_bits + 127) << 23);
}

kernel float sigmoid_kernel(float x) { return 1.0f / (1.0f + quick_exp_kernel(-x)); }

kernel float tanh_kernel(float x) {
  float size = fabsf(x);
  float s = x * x;
  float p = -5.602740143e-3f;
  p = p * s + 2.053993787e-2f;
  p = p * s - 5.370532038e-2f;
  p = p * s + 1.333093216e-1f;
  p = p * s - 3.333325220e-1f;
  float small = size + size * (p * s);
  float large = 1.0f - 2.0f / (quick_exp_kernel(2.0f * size) + 1.0f);
  return copysignf(select_float(size < 0.63f, small, large), x);
}

kernel float erf_kernel(float x) {
  float size = fabsf(x);
  float s = x * x;
  float p = 7.853860980e-5f;
  p = p * s - 8.010193512e-4f;
  p = p * s + 5.188327673e-3f;
  p = p * s - 2.685381193e-2f;
  p = p * s + 1.128358515e-1f;
  p = p * s - 3.761262582e-1f;
  float small = size * 1.128379166f + size * (p * s);
  // erf(t) = 1 - exp(-h(t)), h a polynomial on 1...4; beyond 4 the result rounds to 1.
  float t = select_float(size > 4.0f, 4.0f, size);
  float h = -2.512920725e-7f;
  h = h * t + 2.531432345e-5f;
  h = h * t - 4.637851036e-4f;
  h = h * t + 4.282372817e-3f;
  h = h * t - 2.537353554e-2f;
  h = h * t + 1.086389716e-1f;
  h = h * t + 6.330396333e-1f;
  h = h * t + 1.129661148f;
  h = h * t - 2.043581236e-4f;
  float large = 1.0f - quick_exp_kernel(-h);
  return copysignf(select_float(size < 1.0f, small, large), x);
}

// Adds the lanes pairwise, always in the same order.
kernel float sum_of_lanes(float *lane) {
  for (int width = lanes / 2; width > 0; width /= 2)
    for (int j = 0; j < width; ++j) lane[j] += lane[j + width];
  return lane[0];
}

#endif
