/* Sixteen floats at once, and what a transformer needs of them. Every function gives the same bits for the same
 * input wherever it is called: no sum is taken in an order that depends on what stands beside it.
 *
 * Compiled with -ffp-contract=off, so that a multiplication and an addition are joined only where fused() says so.
 */
#ifndef STORYGEN_VECTOR_H
#define STORYGEN_VECTOR_H

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#define LANES 16

typedef float floats __attribute__((vector_size(64)));
typedef int32_t ints __attribute__((vector_size(64)));
typedef uint16_t half; /* IEEE 754 binary16, only stored */

static inline floats load(const float *from) { floats x; memcpy(&x, from, sizeof x); return x; }
static inline void store(float *to, floats x) { memcpy(to, &x, sizeof x); }
static inline floats all(float x) { return x - (floats){0}; }

#ifdef __AVX512F__
static inline floats fused(floats a, floats b, floats c) { return (floats)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c); }
static inline floats larger(floats a, floats b) { return (floats)_mm512_max_ps((__m512)a, (__m512)b); }
static inline floats widened(const half *from) { return (floats)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)from)); }
static inline void shortened(half *to, floats x) {
    _mm256_storeu_si256((__m256i *)to, _mm512_cvtps_ph((__m512)x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}
#else
typedef struct { __m256 low, high; } two;
static inline two halves(floats x) { two t; memcpy(&t, &x, sizeof t); return t; }
static inline floats whole(__m256 low, __m256 high) { two t = {low, high}; floats x; memcpy(&x, &t, sizeof x); return x; }
static inline floats fused(floats a, floats b, floats c) {
    two x = halves(a), y = halves(b), z = halves(c);
    return whole(_mm256_fmadd_ps(x.low, y.low, z.low), _mm256_fmadd_ps(x.high, y.high, z.high));
}
static inline floats larger(floats a, floats b) {
    two x = halves(a), y = halves(b);
    return whole(_mm256_max_ps(x.low, y.low), _mm256_max_ps(x.high, y.high));
}
static inline floats widened(const half *from) {
    return whole(_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)from)),
                 _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)(from + 8))));
}
static inline void shortened(half *to, floats x) {
    two t = halves(x);
    _mm_storeu_si128((__m128i *)to, _mm256_cvtps_ph(t.low, _MM_FROUND_TO_NEAREST_INT));
    _mm_storeu_si128((__m128i *)(to + 8), _mm256_cvtps_ph(t.high, _MM_FROUND_TO_NEAREST_INT));
}
#endif

/* Whether any of the lanes is above, or not below, a bound. */
#ifdef __AVX512F__
static inline int any_above(floats x, float bound) { return _mm512_cmp_ps_mask((__m512)x, _mm512_set1_ps(bound), _CMP_GT_OQ); }
static inline int any_from(floats x, float bound) { return _mm512_cmp_ps_mask((__m512)x, _mm512_set1_ps(bound), _CMP_GE_OQ); }
#else
static inline int any_above(floats x, float bound) {
    two t = halves(x);
    __m256 b = _mm256_set1_ps(bound);
    return _mm256_movemask_ps(_mm256_or_ps(_mm256_cmp_ps(t.low, b, _CMP_GT_OQ), _mm256_cmp_ps(t.high, b, _CMP_GT_OQ)));
}
static inline int any_from(floats x, float bound) {
    two t = halves(x);
    __m256 b = _mm256_set1_ps(bound);
    return _mm256_movemask_ps(_mm256_or_ps(_mm256_cmp_ps(t.low, b, _CMP_GE_OQ), _mm256_cmp_ps(t.high, b, _CMP_GE_OQ)));
}
#endif

static inline half short_of(float x) { return (half)_mm_extract_epi16(_mm_cvtps_ph(_mm_set_ss(x), 0), 0); }

static inline float sum_of(floats x) {
    float part[LANES];
    store(part, x);
    for (int width = LANES / 2; width; width /= 2)
        for (int i = 0; i < width; i++) part[i] += part[i + width];
    return part[0];
}

static inline float largest_of(floats x) {
    float part[LANES], most;
    store(part, x);
    most = part[0];
    for (int i = 1; i < LANES; i++) most = part[i] > most ? part[i] : most;
    return most;
}

static inline floats absolute(floats x) { return (floats)((ints)x & 0x7fffffff); }

/* The nearest whole number, as an int, of |x| < 2^22: what is added leaves no place for the rest. */
static inline ints nearest(floats x) { return (ints)(x + 12582912.0f) - 0x4b400000; }

/* e to the power of x: 2^n times a polynomial of the rest (Cephes' expf, S. Moshier 1992; 2 units in the last place). */
static inline floats exponential(floats x) {
    x = larger(x, all(-87.0f));
    x = -larger(-x, all(-88.0f));
    ints n = nearest(x * 1.44269504f);
    floats whole_part = __builtin_convertvector(n, floats);
    floats r = fused(whole_part, all(-0.693359375f), x);
    r = fused(whole_part, all(2.12194440e-4f), r);
    floats p = all(1.9875691500e-4f);
    p = fused(p, r, all(1.3981999507e-3f));
    p = fused(p, r, all(8.3334519073e-3f));
    p = fused(p, r, all(4.1665795894e-2f));
    p = fused(p, r, all(1.6666665459e-1f));
    p = fused(p, r, all(5.0000001201e-1f));
    p = fused(p, r * r, r + 1.0f);
    return (floats)((ints)p + (n << 23));
}

/* GELU by tanh (Hendrycks and Gimpel 2016), which GPT-2 has: x times a sigmoid. */
static inline floats gelu(floats x) {
    floats u = 1.5957691216f * fused(0.044715f * x * x, x, x);
    return x / (1.0f + exponential(-u));
}

#endif
