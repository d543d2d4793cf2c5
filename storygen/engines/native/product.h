/* A product in whole numbers of eight bits: weights and lines have a scale for each output and each line, and the sums
 * are exact, so that a line's result depends neither on its neighbours nor on how the work is cut.
 */
#ifndef STORYGEN_PRODUCT_H
#define STORYGEN_PRODUCT_H

#include <stdlib.h>

#include "native.h"
#include "vector.h"

#define GROUP 4   /* inputs that one instruction multiplies and adds up */
#define BLOCK 64  /* outputs that are computed at once */
#define TILE 6    /* lines that are computed at once: 24 sums stay in registers */
#define LARGEST 127
#define NOUGHT 128 /* weights are stored without a sign, this much too large */

struct product {
    int inputs, outputs, groups, blocks;
    uint8_t *weights; /* [block][group of inputs][output of the block][input of the group] */
    float *scales;    /* of each output, times 1/127 for the line's share */
    float *bias;
};

typedef struct { /* lines in whole numbers */
    int8_t *values; /* [line][stride] */
    float *scales;  /* a line's largest value */
    int32_t *sums;  /* of a line's whole numbers, times NOUGHT */
    int stride;
} whole_lines;

typedef enum { PLAIN, WITH_GELU, ADDED } ending;

static inline int rounded_up(int x, int to) { return (x + to - 1) / to * to; }

static inline void *aligned(size_t bytes) {
    void *memory = NULL;
    if (posix_memalign(&memory, 64, bytes ? bytes : 64)) return NULL;
    memset(memory, 0, bytes);
    return memory;
}

static void product_clear(product *p) {
    free(p->weights);
    free(p->scales);
    free(p->bias);
    memset(p, 0, sizeof *p);
}

/* Take float weights, output o's input i at [o * per_output + i * per_input]; 0 where memory is short. */
static int product_fill(product *p, int outputs, int inputs, const float *weight, long per_output, long per_input,
                        const float *bias) {
    p->inputs = inputs, p->outputs = outputs;
    p->groups = rounded_up(inputs, GROUP) / GROUP, p->blocks = rounded_up(outputs, BLOCK) / BLOCK;
    size_t padded = (size_t)p->blocks * BLOCK, bytes = padded * p->groups * GROUP;
    p->weights = aligned(bytes);
    p->scales = aligned(padded * sizeof(float));
    p->bias = aligned(padded * sizeof(float));
    if (!p->weights || !p->scales || !p->bias) return 0;
    memset(p->weights, NOUGHT, bytes);
    for (int o = 0; o < outputs; o++) {
        const float *from = weight + o * per_output;
        float most = 1e-12f;
        for (int i = 0; i < inputs; i++) most = __builtin_fmaxf(most, __builtin_fabsf(from[i * per_input]));
        float scale = most / LARGEST;
        uint8_t *to = p->weights + ((size_t)(o / BLOCK) * p->groups * BLOCK + o % BLOCK) * GROUP;
        for (int i = 0; i < inputs; i++)
            to[(size_t)(i / GROUP) * BLOCK * GROUP + i % GROUP] =
                (uint8_t)(NOUGHT + (int)__builtin_rintf(from[i * per_input] / scale));
        p->scales[o] = scale / LARGEST;
        if (bias) p->bias[o] = bias[o];
    }
    return 1;
}

/* Round a line of floats, whose length is a multiple of LANES with noughts at its end. */
static inline void quantise(const float *line, int length, const whole_lines *to, int number) {
    floats most = all(1e-12f);
    for (int i = 0; i < length; i += LANES) most = larger(most, absolute(load(line + i)));
    float scale = largest_of(most);
    floats factor = all(LARGEST / scale);
    ints sum = {0};
    int8_t *values = to->values + (size_t)number * to->stride;
    for (int i = 0; i < length; i += LANES) {
        ints whole = nearest(load(line + i) * factor);
        typedef int8_t bytes __attribute__((vector_size(LANES)));
        bytes narrow = __builtin_convertvector(whole, bytes);
        memcpy(values + i, &narrow, sizeof narrow);
        sum += whole;
    }
    int32_t total = 0;
    for (int i = 0; i < LANES; i++) total += sum[i];
    to->scales[number] = scale;
    to->sums[number] = NOUGHT * total;
}

/* Add to sixteen sums the products of four inputs each: weights without a sign, a line's values with one. */
static inline ints dot(ints sums, const uint8_t *weights, const int8_t *values) {
    int32_t four;
    memcpy(&four, values, sizeof four);
#if defined(__AVX512VNNI__)
    return (ints)_mm512_dpbusd_epi32((__m512i)sums, _mm512_loadu_si512(weights), _mm512_set1_epi32(four));
#elif defined(__AVXVNNI__)
    __m256i s[2], v = _mm256_set1_epi32(four);
    memcpy(s, &sums, sizeof s);
    for (int i = 0; i < 2; i++)
        s[i] = _mm256_dpbusd_avx_epi32(s[i], _mm256_loadu_si256((const __m256i *)(weights + 32 * i)), v);
    memcpy(&sums, s, sizeof s);
    return sums;
#else /* AVX2's own product of bytes cuts large sums off; that of 16 bits does not */
    __m256i v = _mm256_broadcastq_epi64(_mm_cvtepi8_epi16(_mm_cvtsi32_si128(four))), s[2];
    memcpy(s, &sums, sizeof s);
    for (int i = 0; i < 2; i++) {
        __m256i low = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(weights + 32 * i)));
        __m256i high = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(weights + 32 * i + 16)));
        __m256i pairs = _mm256_hadd_epi32(_mm256_madd_epi16(low, v), _mm256_madd_epi16(high, v));
        s[i] = _mm256_add_epi32(s[i], _mm256_permute4x64_epi64(pairs, 0xd8));
    }
    memcpy(&sums, s, sizeof s);
    return sums;
#endif
}

typedef struct { /* where results go: line l to at + (place ? place[l] : l) * per_line */
    float *at;
    long per_line;
    const int32_t *place;
    ending how;
} target;

static inline __attribute__((always_inline)) void tile(const product *p, const whole_lines *x, int first, const int lines,
                                                       int block, const target *y) {
    ints sums[TILE][BLOCK / LANES];
    for (int m = 0; m < lines; m++)
        for (int b = 0; b < BLOCK / LANES; b++) sums[m][b] = (ints){0};
    const uint8_t *weights = p->weights + (size_t)block * p->groups * BLOCK * GROUP;
    const int8_t *values = x->values + (size_t)first * x->stride;
    for (int g = 0; g < p->groups; g++, weights += BLOCK * GROUP)
        for (int m = 0; m < lines; m++)
            for (int b = 0; b < BLOCK / LANES; b++)
                sums[m][b] = dot(sums[m][b], weights + b * LANES * GROUP, values + (size_t)m * x->stride + g * GROUP);
    for (int m = 0; m < lines; m++)
        for (int b = 0; b < BLOCK / LANES; b++) {
            int o = block * BLOCK + b * LANES;
            if (o >= p->outputs) continue;
            floats sum = __builtin_convertvector(sums[m][b] - x->sums[first + m], floats);
            floats result = sum * x->scales[first + m] * load(p->scales + o) + load(p->bias + o);
            float *to = y->at + (y->place ? y->place[first + m] : first + m) * y->per_line + o;
            if (y->how == WITH_GELU) result = gelu(result);
            if (o + LANES <= p->outputs) {
                store(to, y->how == ADDED ? result + load(to) : result);
            } else {
                for (int i = 0; o + i < p->outputs; i++) to[i] = y->how == ADDED ? to[i] + result[i] : result[i];
            }
        }
}

/* Compute some blocks of the outputs for all lines. */
static void multiply(const product *p, const whole_lines *x, int lines, int from, int until, const target *y) {
    int tiles = (lines + TILE - 1) / TILE;
    for (int block = from; block < until; block++)
        for (int t = 0; t < tiles; t++) {
            int first = lines * t / tiles, count = lines * (t + 1) / tiles - first;
            switch (count) {
            case 1: tile(p, x, first, 1, block, y); break;
            case 2: tile(p, x, first, 2, block, y); break;
            case 3: tile(p, x, first, 3, block, y); break;
            case 4: tile(p, x, first, 4, block, y); break;
            case 5: tile(p, x, first, 5, block, y); break;
            case 6: tile(p, x, first, 6, block, y); break;
            }
        }
}

#endif
