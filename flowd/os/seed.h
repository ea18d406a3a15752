/*
 * A seed for keyed hashing, from /dev/urandom: drawn before a process gives up
 * its files.
 */
#ifndef FLOWD_SEED_H
#define FLOWD_SEED_H

#include <stdint.h>

/* A number nobody can guess. */
uint64_t seed_draw(void);

#endif
