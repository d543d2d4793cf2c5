/* What Python calls. Every function is plain C; storygen/engines/native/library.py says the same in ctypes. */
#ifndef STORYGEN_NATIVE_H
#define STORYGEN_NATIVE_H

#include <stddef.h>
#include <stdint.h>

#define EXPORT __attribute__((visibility("default")))

#define OUTSIDE -1 /* a token, row or position that there is not; else calls give 1, and 0 where memory is short */

typedef struct {
    int layers, heads, width, inner, vocabulary, positions;
    float epsilon;
} shape;

typedef struct {
    int row;   /* of the scores */
    int top_k; /* 0: all */
    float top_p, temperature;
    double uniform; /* from 0 to 1: where the draw falls */
} sampling;

typedef struct gpt2 gpt2;
typedef struct product product;
typedef struct team team;

/* Whether this processor has the instructions that the library was compiled for. */
EXPORT int supported(void);

/* Threads that work together; NULL where memory is short. */
EXPORT team *team_begin(int members);
EXPORT void team_end(team *t);

EXPORT gpt2 *gpt2_new(const shape *of, team *helpers);
EXPORT void gpt2_free(gpt2 *m);
EXPORT int gpt2_set_tables(gpt2 *m, const float *tokens, const float *places);
EXPORT int gpt2_set_head(gpt2 *m, const float *norm_weight, const float *norm_bias, const float *weight);
EXPORT int gpt2_set_norms(gpt2 *m, int layer, float scale, const float *const norms[4]);
EXPORT int gpt2_set_product(gpt2 *m, int layer, int which, int inputs, int outputs, const float *weight,
                            const float *bias);
EXPORT int gpt2_reserve(gpt2 *m, int rows, int length);
EXPORT void gpt2_keep_rows(gpt2 *m, int rows);
EXPORT void gpt2_release(gpt2 *m);
EXPORT size_t gpt2_bytes_held(const gpt2 *m);
EXPORT int gpt2_step(gpt2 *m, int lines, int writing, const int32_t *token, const int32_t *position, const int32_t *row,
                     float *logits);

EXPORT product *product_new(int outputs, int inputs, const float *weight, long per_output, long per_input,
                            const float *bias);
EXPORT void product_free(product *p);
EXPORT int product_run(const product *p, team *helpers, int lines, const float *x, float *y, int with_gelu);

EXPORT int draw_tokens(const float *scores, int draws, int vocabulary, const sampling *by, int32_t *tokens);

#endif
