/* A few threads that go through the same function together and wait for one another at every barrier. */
#ifndef STORYGEN_TEAM_H
#define STORYGEN_TEAM_H

#include <pthread.h>
#include <stdatomic.h>

#include "native.h"

typedef void (*work)(void *what, int member);

struct team {
    int members; /* whoever calls team_run is one of them */
    pthread_t *threads;
    pthread_mutex_t lock;
    pthread_cond_t news;
    atomic_int arrived, round, called, leaving;
    work what;
    void *with;
};

/* Let every member do the work, and return when all have. */
void team_run(team *t, work what, void *with);

/* Inside the work: wait until all members are here. */
void team_meet(team *t);

#endif
