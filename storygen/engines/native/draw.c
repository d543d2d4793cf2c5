/* From scores to a token, by temperature, top_k and top_p, without sorting a vocabulary.
 *
 * Of a row's tokens those stay that are at least as likely as the top_k-th, and of these the most likely ones that
 * reach top_p together; the draw goes through them by their number in the vocabulary, so that two that are nearly level
 * do not change places by a rounding.
 */
#include "native.h"
#include "vector.h"

#include <stdlib.h>

#define SHELVES 8192 /* probabilities are sorted into so many by their first bits, sign and exponent among them */
#define SHELF_OF(p) (bits_of(p) >> 18)

typedef struct { float score; int token; } candidate;

typedef struct {
    int count;
    int *tokens;
    float *weights; /* not yet divided by their sum */
    candidate *shelf;
    double *masses;
} choice;

static inline uint32_t bits_of(float x) { uint32_t bits; memcpy(&bits, &x, sizeof bits); return bits; }

static void sink(float *heap, int size, int at) {
    for (int child; (child = 2 * at + 1) < size; at = child) {
        if (child + 1 < size && heap[child + 1] < heap[child]) child++;
        if (heap[at] <= heap[child]) return;
        float x = heap[at];
        heap[at] = heap[child], heap[child] = x;
    }
}

/* The k-th largest of the scores: the least of a heap of k, which few of the later ones get into. */
static float kth_largest(const float *scores, int count, int k, float *heap) {
    memcpy(heap, scores, sizeof(float) * k);
    for (int i = k / 2 - 1; i >= 0; i--) sink(heap, k, i);
    int i = k;
    while (i < count) {
        if (i + LANES <= count && !any_above(load(scores + i), heap[0])) {
            i += LANES;
            continue;
        }
        for (int end = i + LANES < count ? i + LANES : count; i < end; i++)
            if (scores[i] > heap[0]) heap[0] = scores[i], sink(heap, k, 0);
    }
    return heap[0];
}

static void collect(choice *c, const float *scores, int vocabulary, float least) {
    c->count = 0;
    for (int i = 0; i < vocabulary; i += LANES) {
        int end = i + LANES < vocabulary ? i + LANES : vocabulary;
        if (end - i == LANES && !any_from(load(scores + i), least)) continue;
        for (int token = i; token < end; token++)
            if (scores[token] >= least) c->weights[c->count] = scores[token], c->tokens[c->count++] = token;
    }
}

static double weigh(choice *c, float temperature) {
    float top = c->weights[0];
    double sum = 0;
    for (int i = 1; i < c->count; i++) top = c->weights[i] > top ? c->weights[i] : top;
    for (int i = 0; i < c->count; i += LANES) {
        int lanes = c->count - i < LANES ? c->count - i : LANES;
        floats x = all(top);
        memcpy(&x, c->weights + i, sizeof(float) * lanes);
        x = exponential((x - top) / temperature);
        memcpy(c->weights + i, &x, sizeof(float) * lanes);
        for (int lane = 0; lane < lanes; lane++) sum += x[lane];
    }
    return sum;
}

static int likelier(const void *one, const void *other) {
    const candidate *a = one, *b = other;
    return a->score != b->score ? (a->score < b->score) - (a->score > b->score) : a->token - b->token;
}

/* The last candidate that is needed to reach a mass, counted from the most likely; the place of equal ones by token. */
static candidate last_within(choice *c, double mass) {
    memset(c->masses, 0, sizeof(double) * SHELVES);
    for (int i = 0; i < c->count; i++) c->masses[SHELF_OF(c->weights[i])] += c->weights[i];
    int shelf = SHELVES - 1, on_it = 0;
    double before = 0;
    for (; shelf > 0 && before + c->masses[shelf] < mass; shelf--) before += c->masses[shelf];
    for (int i = 0; i < c->count; i++)
        if ((int)SHELF_OF(c->weights[i]) == shelf) c->shelf[on_it++] = (candidate){c->weights[i], c->tokens[i]};
    if (!on_it) return (candidate){0, 0}; /* a rounding: all of them are needed */
    qsort(c->shelf, on_it, sizeof *c->shelf, likelier);
    int last = 0;
    for (; last < on_it - 1 && before + c->shelf[last].score < mass; last++) before += c->shelf[last].score;
    return c->shelf[last];
}

static void keep_within(choice *c, double mass) {
    candidate last = last_within(c, mass);
    int kept = 0;
    for (int i = 0; i < c->count; i++) {
        int goes = c->weights[i] < last.score || (c->weights[i] == last.score && c->tokens[i] > last.token);
        if (!goes) c->weights[kept] = c->weights[i], c->tokens[kept++] = c->tokens[i];
    }
    c->count = kept;
}

static int picked(const choice *c, double uniform) {
    double sum = 0, reached = 0;
    for (int i = 0; i < c->count; i++) sum += c->weights[i];
    for (int i = 0; i < c->count; i++)
        if ((reached += c->weights[i]) > uniform * sum) return c->tokens[i];
    return c->tokens[c->count - 1];
}

static int draw(choice *c, const float *scores, int vocabulary, const sampling *by) {
    float least = -3e38f; /* what may not be written has minus infinity */
    if (by->top_k && by->top_k < vocabulary) {
        float found = kth_largest(scores, vocabulary, by->top_k, c->weights);
        least = found > least ? found : least;
    }
    collect(c, scores, vocabulary, least);
    if (!c->count) return 0;
    double sum = weigh(c, by->temperature);
    if (by->top_p < 1) keep_within(c, by->top_p * sum);
    return picked(c, by->uniform);
}

/* A token for each draw, from scores [row][vocabulary]; 0 where memory is short. */
int draw_tokens(const float *scores, int draws, int vocabulary, const sampling *by, int32_t *tokens) {
    choice c = {0};
    c.tokens = malloc(sizeof(int) * vocabulary);
    c.weights = malloc(sizeof(float) * vocabulary);
    c.shelf = malloc(sizeof(candidate) * vocabulary);
    c.masses = malloc(sizeof(double) * SHELVES);
    int enough = c.tokens && c.weights && c.shelf && c.masses;
    for (int i = 0; enough && i < draws; i++)
        tokens[i] = draw(&c, scores + (size_t)by[i].row * vocabulary, vocabulary, &by[i]);
    free(c.tokens), free(c.weights), free(c.shelf), free(c.masses);
    return enough;
}
