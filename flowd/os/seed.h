/*
 * A random seed for keyed hashing, from /dev/urandom. Call it before the
 * process loses access to files.
 *
 * Called by engine.c, logdir_seal.c, memory_posix.c and replay.c.
 */
#ifndef FLOWD_SEED_H
#define FLOWD_SEED_H

#include <stdint.h>

/* Returns an unpredictable number. */
uint64_t seed_draw(void);

#endif
