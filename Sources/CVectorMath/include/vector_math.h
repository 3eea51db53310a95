// Loops over float arrays that must run at the speed of the machine: exponentials, tanh, erf,
// softmax, activations and layer norm. Each is compiled for AVX-512, AVX2 and plain x86-64 and the
// best one for the processor is chosen when the library is loaded (ELF indirect functions); other
// architectures get the plain loops. No function allocates; arrays may be unaligned.
#ifndef FATHOM_VECTOR_MATH_H
#define FATHOM_VECTOR_MATH_H

#include <stddef.h>

// MARK: - Elementary functions, out[i] = f(x[i]); out may be x.

// Errors in units in the last place, over all floats, subnormal results included. Infinities, NaN
// and the sign of zero come out as IEEE 754 has them.

void fathom_exp(const float *x, float *out, size_t count);   // below 3 ulp
void fathom_tanh(const float *x, float *out, size_t count);  // below 4 ulp
void fathom_erf(const float *x, float *out, size_t count);   // below 4 ulp

// MARK: - Softmax

// Softmax of `count` scores in place, each multiplied by `scale` (above 0) first. A row in which
// every score is -infinity becomes zeros. Weights below 2^-126 of the largest may become 0.
void fathom_softmax(float *scores, size_t count, float scale);

// x[i] becomes cap * tanh(scale * x[i] / cap); slopes[i], unless null, its derivative by scale * x[i].
void fathom_soft_cap(float *x, size_t count, float scale, float cap, float *slopes);

// From attention A and its gradient dA (one row each): weighted[i] = A[i] * dA[i] is written over
// dA, and its sum is returned.
float fathom_weigh_gradient(const float *attention, float *gradient, size_t count);

// The gradient of the unscaled scores, in place of the weighted gradient:
// scale * (weighted[i] - A[i] * sum).
void fathom_softmax_backward(
    const float *attention, float *weighted, size_t count, float sum, float scale);

// MARK: - Activations. `backward` writes gradient[i] *= f'(x[i]).

void fathom_gelu_tanh(const float *x, float *out, size_t count);
void fathom_gelu_tanh_backward(const float *x, float *gradient, size_t count);
void fathom_gelu_erf(const float *x, float *out, size_t count);
void fathom_gelu_erf_backward(const float *x, float *gradient, size_t count);
void fathom_silu(const float *x, float *out, size_t count);
void fathom_silu_backward(const float *x, float *gradient, size_t count);
void fathom_relu(const float *x, float *out, size_t count);
void fathom_relu_backward(const float *x, float *gradient, size_t count);

// MARK: - Layer norm of one row

// out[i] = (x[i] - mean) / sqrt(variance + epsilon) * weight[i] + bias[i]; biased variance.
void fathom_layer_norm(const float *x, const float *weight, const float *bias, float epsilon,
                       float *out, size_t count);

// Adds to `accumulated` the gradient of the row before the norm, given `gradient` after it.
void fathom_layer_norm_backward(const float *x, const float *weight, float epsilon,
                                const float *gradient, float *accumulated, size_t count);

// out[i] = x[i] / sqrt(mean(x^2) + epsilon) * weight[i].
void fathom_rms_norm(const float *x, const float *weight, float epsilon, float *out, size_t count);

// Adds to `accumulated` the gradient of the row before the norm, given `gradient` after it.
void fathom_rms_norm_backward(const float *x, const float *weight, float epsilon,
                              const float *gradient, float *accumulated, size_t count);

// MARK: - Rotary positions

// Turns pairs of values of x by angles with these cosines and sines: pairs are (2i, 2i + 1) if
// `interleaved`, else (i, i + pairs). `direction` -1 turns back.
void fathom_rotate(float *x, const float *cosines, const float *sines, size_t pairs,
                   int interleaved, float direction);

// MARK: - Sums and products, element by element

void fathom_add(const float *x, float *accumulated, size_t count);

// product[i] *= x[i].
void fathom_multiply(const float *x, float *product, size_t count);

#endif
