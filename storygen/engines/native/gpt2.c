/* A step of GPT-2 over many lines at once, with weights in whole numbers of eight bits: one call, no Python between.
 *
 * The same function as transformers' GPT2LMHeadModel, up to rounding. A line is one token at one position of one row:
 * the newest token of a row that writes, or one of a prompt that is read. Lines that write come first and get logits.
 * Keys and values are kept in 16 bits. A line's arithmetic is the same whatever other lines there are, and however
 * many threads: sums go along a line's own width and positions, in blocks that begin at nought.
 */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include <sys/mman.h>
#include <unistd.h>

#include "product.h"
#include "team.h"

#define PER_LAYER 4
#define POSITIONS 64 /* by which a row's memory grows */

enum { QUERY_KEY_VALUE, ATTENTION_OUT, FEED_IN, FEED_OUT };

typedef struct {
    product products[PER_LAYER];
    float *norms[4]; /* weight and bias before attention, weight and bias before the feed-forward part */
    float scale;     /* of the attention's products */
    half *keys;      /* [row][head][block of LANES positions][head's width][position of the block] */
    half *values;    /* [row][head][position][head's width] */
} layer;

struct gpt2 {
    shape of;
    int head_width, padded_head, padded_width, padded_inner; /* padded to whole vectors */
    half *tokens, *places; /* embeddings, [entry][padded width] */
    float *last_norm[2];
    layer *layer;
    product head;
    int rows, length; /* that keys and values have room for */
    team *team;
    int room; /* lines that the buffers below hold */
    float *x, *mixed, *attended, *inner, *scores;
    whole_lines whole;
};

typedef struct {
    int lines, writing;
    const int32_t *token, *position, *row;
    float *logits; /* [row][vocabulary], of the rows that write */
} step;

typedef struct { gpt2 *model; step now; } running;

typedef struct { int from, until; } part;

static part part_of(int all, int member, int members) {
    return (part){(int)((long)all * member / members), (int)((long)all * (member + 1) / members)};
}

/* ---- norms and attention, a line each ---- */

static void normalise(const gpt2 *m, const float *x, float *const norm[2], float *to) {
    int width = m->of.width, padded = m->padded_width;
    floats sum = {0}, squares = {0};
    for (int i = 0; i < padded; i += LANES) sum += load(x + i);
    floats mean = all(sum_of(sum) / width);
    for (int i = 0; i < padded; i += LANES) {
        floats away = load(x + i) - mean;
        for (int lane = width - i; lane < LANES; lane++) away[lane] = 0;
        squares = fused(away, away, squares);
        store(to + i, away);
    }
    floats factor = all(1.0f / __builtin_sqrtf(sum_of(squares) / width + m->of.epsilon));
    for (int i = 0; i < padded; i += LANES)
        store(to + i, load(to + i) * factor * load(norm[0] + i) + load(norm[1] + i));
}

static half *keys_of(const gpt2 *m, const layer *l, int row, int head) {
    return l->keys + (((size_t)row * m->of.heads + head) * m->length) * m->padded_head;
}

static half *values_of(const gpt2 *m, const layer *l, int row, int head) {
    return l->values + (((size_t)row * m->of.heads + head) * m->length) * m->padded_head;
}

static void remember(const gpt2 *m, const layer *l, const float *mixed, int row, int position) {
    int width = m->head_width, padded = m->padded_head;
    for (int head = 0; head < m->of.heads; head++) {
        const float *key = mixed + m->of.width + head * width, *value = key + m->of.width;
        half *k = keys_of(m, l, row, head) + (size_t)(position / LANES) * padded * LANES + position % LANES;
        half *v = values_of(m, l, row, head) + (size_t)position * padded;
        for (int i = 0; i < width; i++) k[i * LANES] = short_of(key[i]);
        for (int i = 0; i < width; i++) v[i] = short_of(value[i]);
    }
}

static void attend(const gpt2 *m, const layer *l, const float *mixed, int row, int position, int head, float *scores,
                   float *to) {
    int width = m->head_width, padded = m->padded_head, seen = position + 1, blocks = (seen + LANES - 1) / LANES;
    const float *query = mixed + head * width;
    const half *keys = keys_of(m, l, row, head), *values = values_of(m, l, row, head);
    floats most = all(-1e30f);
    for (int b = 0; b < blocks; b++) {
        floats score = {0}, other = {0};
        const half *block = keys + (size_t)b * padded * LANES;
        int i = 0;
        for (; i + 1 < width; i += 2) {
            score = fused(all(query[i]), widened(block + i * LANES), score);
            other = fused(all(query[i + 1]), widened(block + (i + 1) * LANES), other);
        }
        if (i < width) score = fused(all(query[i]), widened(block + i * LANES), score);
        score = (score + other) * l->scale;
        for (int lane = seen - b * LANES; lane < LANES; lane++) score[lane] = -1e30f;
        store(scores + b * LANES, score);
        most = larger(most, score);
    }
    floats top = all(largest_of(most)), sum = {0};
    for (int b = 0; b < blocks; b++) {
        floats e = exponential(load(scores + b * LANES) - top);
        for (int lane = seen - b * LANES; lane < LANES; lane++) e[lane] = 0;
        store(scores + b * LANES, e);
        sum += e;
    }
    float share = 1.0f / sum_of(sum);
    for (int i = 0; i < padded; i += LANES) {
        floats result[4] = {{0}};
        const half *value = values + i;
        int p = 0;
        for (; p + 3 < seen; p += 4)
            for (int j = 0; j < 4; j++)
                result[j] = fused(all(scores[p + j]), widened(value + (size_t)(p + j) * padded), result[j]);
        for (; p < seen; p++) result[0] = fused(all(scores[p]), widened(value + (size_t)p * padded), result[0]);
        floats line = ((result[0] + result[1]) + (result[2] + result[3])) * share;
        for (int j = 0; j < LANES && i + j < width; j++) to[i + j] = line[j];
    }
}

/* ---- one step ---- */

static void round_lines(gpt2 *m, part lines, const float *from, int width) {
    for (int n = lines.from; n < lines.until; n++) quantise(from + (size_t)n * width, width, &m->whole, n);
}

static void norm_and_round(gpt2 *m, part lines, float *const norm[2], float *aside) {
    for (int n = lines.from; n < lines.until; n++) {
        float *to = aside + (size_t)n * m->padded_width;
        normalise(m, m->x + (size_t)n * m->padded_width, norm, to);
        quantise(to, m->padded_width, &m->whole, n);
    }
}

static void multiply_part(gpt2 *m, const product *p, int lines, int self, target y) {
    part blocks = part_of(p->blocks, self, m->team->members);
    multiply(p, &m->whole, lines, blocks.from, blocks.until, &y);
    team_meet(m->team);
}

static void go_through(gpt2 *m, layer *l, const step *now, int self) {
    int count = now->lines, width = m->padded_width, mixed_width = 3 * m->of.width;
    part lines = part_of(count, self, m->team->members);
    norm_and_round(m, lines, l->norms, m->attended);
    team_meet(m->team);
    multiply_part(m, &l->products[QUERY_KEY_VALUE], count, self, (target){m->mixed, mixed_width, NULL, PLAIN});
    for (int n = lines.from; n < lines.until; n++)
        remember(m, l, m->mixed + (size_t)n * mixed_width, now->row[n], now->position[n]);
    team_meet(m->team);
    part pairs = part_of(count * m->of.heads, self, m->team->members);
    float *scores = m->scores + (size_t)self * (m->of.positions + LANES);
    for (int pair = pairs.from; pair < pairs.until; pair++) {
        int n = pair / m->of.heads, head = pair % m->of.heads;
        attend(m, l, m->mixed + (size_t)n * mixed_width, now->row[n], now->position[n], head, scores,
               m->attended + (size_t)n * width + head * m->head_width);
    }
    team_meet(m->team);
    round_lines(m, lines, m->attended, width);
    team_meet(m->team);
    multiply_part(m, &l->products[ATTENTION_OUT], count, self, (target){m->x, width, NULL, ADDED});
    norm_and_round(m, lines, l->norms + 2, m->attended);
    team_meet(m->team);
    multiply_part(m, &l->products[FEED_IN], count, self, (target){m->inner, m->padded_inner, NULL, WITH_GELU});
    round_lines(m, lines, m->inner, m->padded_inner);
    team_meet(m->team);
    multiply_part(m, &l->products[FEED_OUT], count, self, (target){m->x, width, NULL, ADDED});
}

static void one_step(void *argument, int self) {
    gpt2 *m = ((running *)argument)->model;
    const step *now = &((running *)argument)->now;
    part lines = part_of(now->lines, self, m->team->members);
    for (int n = lines.from; n < lines.until; n++)
        for (int i = 0; i < m->padded_width; i += LANES) {
            const half *token = m->tokens + (size_t)now->token[n] * m->padded_width + i;
            const half *place = m->places + (size_t)now->position[n] * m->padded_width + i;
            store(m->x + (size_t)n * m->padded_width + i, widened(token) + widened(place));
        }
    for (int l = 0; l < m->of.layers; l++) go_through(m, &m->layer[l], now, self);
    if (!now->writing) return;
    norm_and_round(m, part_of(now->writing, self, m->team->members), m->last_norm, m->attended);
    team_meet(m->team);
    multiply_part(m, &m->head, now->writing, self, (target){now->logits, m->of.vocabulary, now->row, PLAIN});
}

/* ---- memory ---- */

static void clear_lines(gpt2 *m) {
    float **buffers[] = {&m->x, &m->mixed, &m->attended, &m->inner};
    for (int i = 0; i < 4; i++) free(*buffers[i]), *buffers[i] = NULL;
    free(m->whole.values), free(m->whole.scales), free(m->whole.sums);
    memset(&m->whole, 0, sizeof m->whole);
    m->room = 0;
}

static int make_room(gpt2 *m, int lines) {
    if (lines <= m->room) return 1;
    clear_lines(m);
    int widest = m->padded_inner > m->padded_width ? m->padded_inner : m->padded_width;
    m->x = aligned(sizeof(float) * lines * m->padded_width);
    m->mixed = aligned(sizeof(float) * lines * 3 * m->of.width);
    m->attended = aligned(sizeof(float) * lines * m->padded_width);
    m->inner = aligned(sizeof(float) * lines * m->padded_inner);
    m->whole.stride = widest;
    m->whole.values = aligned((size_t)lines * widest);
    m->whole.scales = aligned(sizeof(float) * lines);
    m->whole.sums = aligned(sizeof(int32_t) * lines);
    if (!m->x || !m->mixed || !m->attended || !m->inner || !m->whole.values || !m->whole.scales || !m->whole.sums) {
        clear_lines(m);
        return 0;
    }
    m->room = lines;
    return 1;
}

static size_t cache_bytes(const gpt2 *m, int rows, int length) {
    return sizeof(half) * rows * m->of.heads * length * m->padded_head;
}

/* Whole pages from the system, noughts and not yet in memory; they go back at once, which malloc does not promise. */
static half *pages(size_t bytes) {
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED ? NULL : memory;
}

static void give_back(half *memory, size_t bytes) {
    if (memory) munmap(memory, bytes);
}

static half *grown(const gpt2 *m, half *old, int rows, int length) {
    size_t per_head = (size_t)length * m->padded_head, before = (size_t)m->length * m->padded_head;
    half *fresh = pages(cache_bytes(m, rows, length));
    for (size_t each = 0; fresh && each < (size_t)m->rows * m->of.heads; each++)
        memcpy(fresh + each * per_head, old + each * before, before * sizeof(half));
    return fresh;
}

void gpt2_release(gpt2 *m) {
    size_t bytes = cache_bytes(m, m->rows, m->length);
    for (int l = 0; l < m->of.layers; l++) {
        give_back(m->layer[l].keys, bytes), give_back(m->layer[l].values, bytes);
        m->layer[l].keys = m->layer[l].values = NULL;
    }
    m->rows = m->length = 0;
    clear_lines(m);
}

void gpt2_free(gpt2 *m) {
    if (!m) return;
    if (m->layer) gpt2_release(m);
    for (int l = 0; m->layer && l < m->of.layers; l++) {
        for (int i = 0; i < PER_LAYER; i++) product_clear(&m->layer[l].products[i]), free(m->layer[l].norms[i]);
    }
    product_clear(&m->head);
    free(m->layer), free(m->tokens), free(m->places), free(m->last_norm[0]), free(m->last_norm[1]), free(m->scores);
    free(m);
}

/* Room for rows and positions; what is there stays. 0 where memory is short: then nothing has changed but room. */
int gpt2_reserve(gpt2 *m, int rows, int length) {
    rows = rows > m->rows ? rows : m->rows;
    length = rounded_up(length, POSITIONS) > m->length ? rounded_up(length, POSITIONS) : m->length;
    if (rows == m->rows && length == m->length) return 1;
    half **fresh = calloc(2 * m->of.layers, sizeof *fresh);
    int enough = fresh != NULL;
    for (int l = 0; enough && l < m->of.layers; l++) {
        fresh[2 * l] = grown(m, m->layer[l].keys, rows, length);
        fresh[2 * l + 1] = grown(m, m->layer[l].values, rows, length);
        enough = fresh[2 * l] && fresh[2 * l + 1];
    }
    size_t unneeded = enough ? cache_bytes(m, m->rows, m->length) : cache_bytes(m, rows, length);
    for (int l = 0; fresh && l < m->of.layers; l++) {
        half **old[] = {&m->layer[l].keys, &m->layer[l].values};
        for (int i = 0; i < 2; i++) {
            give_back(enough ? *old[i] : fresh[2 * l + i], unneeded);
            if (enough) *old[i] = fresh[2 * l + i];
        }
    }
    free(fresh);
    if (enough) m->rows = rows, m->length = length;
    return enough;
}

static void cut_off(half *memory, size_t bytes, size_t kept) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    bytes = (bytes + page - 1) / page * page, kept = (kept + page - 1) / page * page;
    if (memory && bytes > kept) munmap((char *)memory + kept, bytes - kept);
}

/* Give back the memory of all rows but the first ones. */
void gpt2_keep_rows(gpt2 *m, int rows) {
    if (rows <= 0) gpt2_release(m);
    if (rows <= 0 || rows >= m->rows) return;
    size_t before = cache_bytes(m, m->rows, m->length), kept = cache_bytes(m, rows, m->length);
    for (int l = 0; l < m->of.layers; l++) cut_off(m->layer[l].keys, before, kept), cut_off(m->layer[l].values, before, kept);
    m->rows = rows;
}

size_t gpt2_bytes_held(const gpt2 *m) {
    return 2 * m->of.layers * cache_bytes(m, m->rows, m->length);
}

static float *copied(const float *from, int count, int padded) {
    float *to = aligned(sizeof(float) * padded);
    if (to) memcpy(to, from, sizeof(float) * count);
    return to;
}

static half *shortened_table(const float *from, int entries, int width, int padded) {
    half *to = aligned(sizeof(half) * entries * padded);
    for (size_t e = 0; to && e < (size_t)entries; e++)
        for (int i = 0; i < width; i++) to[e * padded + i] = short_of(from[e * width + i]);
    return to;
}

/* A model without weights, for a team of threads, which outlives it; NULL where memory is short. */
gpt2 *gpt2_new(const shape *of, team *helpers) {
    gpt2 *m = calloc(1, sizeof *m);
    if (!m) return NULL;
    m->of = *of;
    m->head_width = of->width / of->heads;
    m->padded_head = rounded_up(m->head_width, LANES);
    m->padded_width = rounded_up(of->width, LANES), m->padded_inner = rounded_up(of->inner, LANES);
    m->layer = calloc(of->layers, sizeof *m->layer);
    m->team = helpers;
    m->scores = aligned(sizeof(float) * m->team->members * (of->positions + LANES));
    if (m->layer && m->scores) return m;
    gpt2_free(m);
    return NULL;
}

int gpt2_set_tables(gpt2 *m, const float *tokens, const float *places) {
    m->tokens = shortened_table(tokens, m->of.vocabulary, m->of.width, m->padded_width);
    m->places = shortened_table(places, m->of.positions, m->of.width, m->padded_width);
    return m->tokens && m->places;
}

int gpt2_set_head(gpt2 *m, const float *norm_weight, const float *norm_bias, const float *weight) {
    m->last_norm[0] = copied(norm_weight, m->of.width, m->padded_width);
    m->last_norm[1] = copied(norm_bias, m->of.width, m->padded_width);
    return m->last_norm[0] && m->last_norm[1] &&
           product_fill(&m->head, m->of.vocabulary, m->of.width, weight, m->of.width, 1, NULL);
}

int gpt2_set_norms(gpt2 *m, int number, float scale, const float *const norms[4]) {
    layer *l = &m->layer[number];
    l->scale = scale;
    int enough = 1;
    for (int i = 0; i < 4; i++) enough &= (l->norms[i] = copied(norms[i], m->of.width, m->padded_width)) != NULL;
    return enough;
}

/* One of a layer's four products; the weight is [inputs][outputs], as transformers' Conv1D keeps it. */
int gpt2_set_product(gpt2 *m, int number, int which, int inputs, int outputs, const float *weight,
                            const float *bias) {
    return product_fill(&m->layer[number].products[which], outputs, inputs, weight, 1, outputs, bias);
}

static int inside(int32_t number, int end) { return number >= 0 && number < end; }

/* Read all lines, and give the logits of the first ones, each at its row's place. */
int gpt2_step(gpt2 *m, int lines, int writing, const int32_t *token, const int32_t *position, const int32_t *row,
                     float *logits) {
    for (int n = 0; n < lines; n++)
        if (!inside(token[n], m->of.vocabulary) || !inside(row[n], m->rows) ||
            !inside(position[n], m->length < m->of.positions ? m->length : m->of.positions))
            return OUTSIDE;
    if (!make_room(m, lines)) return 0;
    running all_of_it = {m, {lines, writing, token, position, row, logits}};
    team_run(m->team, one_step, &all_of_it);
    return 1;
}

/* ---- a product by itself, to be tried and timed ---- */

product *product_new(int outputs, int inputs, const float *weight, long per_output, long per_input,
                            const float *bias) {
    product *p = calloc(1, sizeof *p);
    if (p && product_fill(p, outputs, inputs, weight, per_output, per_input, bias)) return p;
    if (p) product_clear(p);
    free(p);
    return NULL;
}

void product_free(product *p) {
    if (p) product_clear(p);
    free(p);
}

typedef struct {
    const product *p;
    team *helpers;
    int lines;
    const whole_lines *whole;
    target y;
} one_product;

static void run_part(void *argument, int self) {
    const one_product *o = argument;
    part blocks = part_of(o->p->blocks, self, o->helpers->members);
    multiply(o->p, o->whole, o->lines, blocks.from, blocks.until, &o->y);
}

/* y = x @ weight.T + bias for lines of floats without gaps; 0 where memory is short. */
int product_run(const product *p, team *helpers, int lines, const float *x, float *y, int with_gelu) {
    int padded = rounded_up(p->inputs, LANES);
    float *line = aligned(sizeof(float) * padded);
    whole_lines whole = {aligned((size_t)lines * padded), aligned(sizeof(float) * lines), aligned(sizeof(int32_t) * lines),
                         padded};
    int enough = line && whole.values && whole.scales && whole.sums;
    for (int n = 0; enough && n < lines; n++) {
        memcpy(line, x + (size_t)n * p->inputs, sizeof(float) * p->inputs);
        quantise(line, padded, &whole, n);
    }
    one_product all_of_it = {p, helpers, lines, &whole, {y, p->outputs, NULL, with_gelu ? WITH_GELU : PLAIN}};
    if (enough) team_run(helpers, run_part, &all_of_it);
    free(line), free(whole.values), free(whole.scales), free(whole.sums);
    return enough;
}
