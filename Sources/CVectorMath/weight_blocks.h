// Numbers in blocks, as GGUF files hold them (ggml's formats): integers of a few bits that share a
// scale. A block is widened in groups of 16, which in all of these formats have one scale.
#ifndef FATHOM_WEIGHT_BLOCKS_H
#define FATHOM_WEIGHT_BLOCKS_H

#include <stdint.h>
#include <string.h>

#include "elementary.h"
#include "include/weight_product.h"

enum { group = 16, longest_block = 256 };

// Wider than some processors' registers; the compiler makes several of one.
typedef float group_floats __attribute__((vector_size(4 * group), aligned(4), may_alias));
typedef uint8_t group_bytes __attribute__((vector_size(group), aligned(1), may_alias));
typedef int8_t group_integers __attribute__((vector_size(group), aligned(1), may_alias));
typedef uint16_t group_words __attribute__((vector_size(2 * group)));

// Elements of a block: 1 of types that have none.
kernel size_t elements_of(fathom_element element) {
  switch (element) {
    case fathom_q8_0: case fathom_q5_0: case fathom_q4_0: return 32;
    case fathom_q4_k: case fathom_q5_k: case fathom_q6_k: return 256;
    default: return 1;
  }
}

kernel size_t bytes_of(fathom_element element) {
  switch (element) {
    case fathom_float32: return 4;
    case fathom_q8_0: return 2 + 32;
    case fathom_q5_0: return 2 + 4 + 16;
    case fathom_q4_0: return 2 + 16;
    case fathom_q4_k: return 2 + 2 + 12 + 128;
    case fathom_q5_k: return 2 + 2 + 12 + 32 + 128;
    case fathom_q6_k: return 128 + 64 + 16 + 2;
    default: return 2;
  }
}

kernel int is_in_blocks(fathom_element element) { return elements_of(element) > 1; }

// How far into a row an element is, or the block that it is in.
kernel size_t offset_of(fathom_element element, size_t index) {
  return index / elements_of(element) * bytes_of(element);
}

// A half's bits become a float's without branches, so that the loop is vectorised on any processor.
kernel uint32_t widened_half(uint16_t bits) {
  uint32_t magnitude = (uint32_t)(bits & 0x7FFF) << 13;
  const uint32_t bias = 112u << 23;  // the difference of the exponents' biases
  // Infinity and NaN take it twice. A subnormal has no leading one: it is given that of 2^-14, which
  // is then subtracted as a number.
  uint32_t normal = magnitude + bias + (magnitude >= 0x7C00u << 13 ? bias : 0);
  float leading = from_bits(113u << 23), small = from_bits(magnitude + (113u << 23)) - leading;
  uint32_t subnormal;
  memcpy(&subnormal, &small, sizeof subnormal);
  return (uint32_t)(bits & 0x8000) << 16 | (magnitude < 0x0400u << 13 ? subnormal : normal);
}

kernel float half_at(const uint8_t *from) {
  uint16_t bits;
  memcpy(&bits, from, sizeof bits);
  return from_bits(widened_half(bits));
}

// The lower or the upper four bits of 16 bytes.
kernel group_bytes nibbles(const uint8_t *from, size_t upper) {
  group_bytes bytes = *(const group_bytes *)from;
  return upper ? bytes >> 4 : bytes & 15;
}

kernel void widen_q8_0(const uint8_t *block, size_t g, size_t end, float *out) {
  float scale = half_at(block);
  for (; g < end; ++g, out += group) {
    group_integers q = *(const group_integers *)(block + 2 + group * g);
    *(group_floats *)out = scale * __builtin_convertvector(q, group_floats);
  }
}

kernel void widen_q4_0(const uint8_t *block, size_t g, size_t end, float *out) {
  float scale = half_at(block);
  for (; g < end; ++g, out += group) {
    group_bytes q = nibbles(block + 2, g);
    *(group_floats *)out = scale * (__builtin_convertvector(q, group_floats) - 8);
  }
}

// The fifth bits of all elements come first.
kernel void widen_q5_0(const uint8_t *block, size_t g, size_t end, float *out) {
  const group_words each = {1,   2,   4,    8,    16,   32,   64,    128,
                            256, 512, 1024, 2048, 4096, 8192, 16384, 32768};
  float scale = half_at(block);
  for (; g < end; ++g, out += group) {
    uint16_t bits;
    memcpy(&bits, block + 2 + 2 * g, sizeof bits);
    group_words is_set = (group_words)((each & bits) != 0) & 16;
    group_bytes q = nibbles(block + 6, g) | __builtin_convertvector(is_set, group_bytes);
    *(group_floats *)out = scale * (__builtin_convertvector(q, group_floats) - 16);
  }
}

// Q4_K and Q5_K. Eight parts of 32 have a scale and a minimum of six bits each, packed into twelve
// bytes; of every 64 elements the first half is in the lower four bits. `fifth` are bytes with a bit for
// each part.
kernel void widen_parts(const uint8_t *block, const uint8_t *fifth, const uint8_t *values, size_t g,
                        size_t end, float *out) {
  float scale = half_at(block), minimum = half_at(block + 2);
  const uint8_t *packed = block + 4;
  for (; g < end; ++g, out += group) {
    size_t part = g / 2, late = part & 3;
    unsigned low = packed[late], high = packed[late + 4], both = packed[late + 8];
    unsigned s = part < 4 ? low & 63 : (both & 15) | low >> 6 << 4;
    unsigned m = part < 4 ? high & 63 : both >> 4 | high >> 6 << 4;
    group_bytes q = nibbles(values + part / 2 * 32 + g % 2 * group, part & 1);
    if (fifth) {
      group_bytes bits = *(const group_bytes *)(fifth + g % 2 * group);
      q |= (bits >> (unsigned char)part & 1) << 4;
    }
    *(group_floats *)out =
        scale * (float)s * __builtin_convertvector(q, group_floats) - minimum * (float)m;
  }
}

// Four bits in one place, two in another; a scale for every group.
kernel void widen_q6_k(const uint8_t *block, size_t g, size_t end, float *out) {
  float scale = half_at(block + 208);
  for (; g < end; ++g, out += group) {
    size_t half = g / 8, quarter = g / 2 % 4, side = g % 2 * group;
    group_bytes low = nibbles(block + 64 * half + 32 * (quarter & 1) + side, quarter >> 1);
    group_bytes high = *(const group_bytes *)(block + 128 + 32 * half + side);
    high = (high >> (unsigned char)(2 * quarter)) & 3;
    group_floats q = __builtin_convertvector(low | high << 4, group_floats) - 32;
    *(group_floats *)out = scale * (float)(int8_t)block[192 + g] * q;
  }
}

kernel void widen_groups(const uint8_t *block, fathom_element element, size_t g, size_t end,
                         float *out) {
  switch (element) {
    case fathom_q8_0: widen_q8_0(block, g, end, out); break;
    case fathom_q5_0: widen_q5_0(block, g, end, out); break;
    case fathom_q4_0: widen_q4_0(block, g, end, out); break;
    case fathom_q4_k: widen_parts(block, 0, block + 16, g, end, out); break;
    case fathom_q5_k: widen_parts(block, block + 16, block + 48, g, end, out); break;
    case fathom_q6_k: widen_q6_k(block, g, end, out); break;
    default: break;
  }
}

// Some elements of a row, which may begin and end within a group.
kernel void widen_blocks(const char *line, fathom_element element, size_t first, size_t count,
                         float *out) {
  size_t elements = elements_of(element), last = first + count;
  while (first < last) {
    const uint8_t *block = (const uint8_t *)line + offset_of(element, first);
    size_t begin = first % elements;
    size_t end = last - first < elements - begin ? begin + last - first : elements;
    size_t g = begin / group, groups = (end + group - 1) / group;
    if (begin % group == 0 && end % group == 0) {
      widen_groups(block, element, g, groups, out);
    } else {
      float whole[longest_block];
      widen_groups(block, element, g, groups, whole);
      memcpy(out, whole + begin % group, (end - begin) * sizeof *out);
    }
    out += end - begin;
    first += end - begin;
  }
}

#endif
