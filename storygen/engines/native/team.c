/* They wait busily for some microseconds, since a step has a hundred barriers, and then sleep: where another program
 * has the processor, waiting busily would keep it from whoever is waited for.
 */
#include "team.h"

#include <immintrin.h>
#include <stdlib.h>

#define PATIENCE 3000 /* looks before sleeping: about 50 microseconds */

typedef struct { team *of; int number; } member;

static void wait_until_not(team *t, atomic_int *value, int old) {
    for (int i = 0; i < PATIENCE; i++) {
        if (atomic_load_explicit(value, memory_order_acquire) != old) return;
        _mm_pause();
    }
    pthread_mutex_lock(&t->lock);
    while (atomic_load_explicit(value, memory_order_acquire) == old) pthread_cond_wait(&t->news, &t->lock);
    pthread_mutex_unlock(&t->lock);
}

static void raise_and_tell(team *t, atomic_int *value) {
    pthread_mutex_lock(&t->lock);
    atomic_fetch_add_explicit(value, 1, memory_order_release);
    pthread_cond_broadcast(&t->news);
    pthread_mutex_unlock(&t->lock);
}

void team_meet(team *t) {
    if (t->members == 1) return;
    int round = atomic_load_explicit(&t->round, memory_order_acquire);
    if (atomic_fetch_add_explicit(&t->arrived, 1, memory_order_acq_rel) + 1 < t->members) {
        wait_until_not(t, &t->round, round);
        return;
    }
    atomic_store_explicit(&t->arrived, 0, memory_order_relaxed);
    raise_and_tell(t, &t->round);
}

static void *team_thread(void *argument) {
    member self = *(member *)argument;
    free(argument);
    for (int called = 0;; called++) {
        wait_until_not(self.of, &self.of->called, called);
        if (atomic_load(&self.of->leaving)) return NULL;
        self.of->what(self.of->with, self.number);
        team_meet(self.of);
    }
}

void team_run(team *t, work what, void *with) {
    t->what = what, t->with = with;
    if (t->members > 1) raise_and_tell(t, &t->called);
    what(with, 0);
    team_meet(t);
}

void team_end(team *t) {
    if (!t) return;
    if (t->members > 1) {
        atomic_store(&t->leaving, 1);
        raise_and_tell(t, &t->called);
        for (int i = 1; i < t->members; i++) pthread_join(t->threads[i], NULL);
    }
    pthread_mutex_destroy(&t->lock);
    pthread_cond_destroy(&t->news);
    free(t->threads);
    free(t);
}

/* A team of as many threads as can be had, at least the caller's own; NULL where memory is short. */
team *team_begin(int members) {
    team *t = calloc(1, sizeof *t);
    if (!t) return NULL;
    pthread_mutex_init(&t->lock, NULL);
    pthread_cond_init(&t->news, NULL);
    t->threads = calloc(members, sizeof *t->threads);
    t->members = 1;
    while (t->threads && t->members < members) {
        member *next = malloc(sizeof *next);
        if (!next) break;
        *next = (member){t, t->members};
        if (pthread_create(&t->threads[t->members], NULL, team_thread, next)) {
            free(next);
            break;
        }
        t->members++;
    }
    return t;
}

