/*
 * Random seeds for keyed hashing: who sends flows or makes a log cannot choose
 * keys that collide.
 *
 * Called by whatever has hash tables over untrusted keys. Test:
 * test/unit/base/test_seed.c.
 */
#ifndef FLOWD_SEED_H
#define FLOWD_SEED_H

#include <stdint.h>

/*
 * Returns an unpredictable number, of getentropy(); of the clock and the
 * process ID where the system has none to give.
 */
uint64_t seed_draw(void);

#endif
