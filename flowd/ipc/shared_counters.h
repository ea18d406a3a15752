/*
 * The ledger: what an engine counts, in memory that outlives it. The next
 * engine goes on counting, and knows how many datagrams the last one had
 * received and not finished.
 *
 * Written by engine.c (the engine's process) only.
 * Test: test/unit/flowd/test_ring.c.
 */
#ifndef FLOWD_SHARED_COUNTERS_H
#define FLOWD_SHARED_COUNTERS_H

#include <stdatomic.h>
#include <stdbool.h>

#include "recv.h"

/* Of an engine, since the daemon started. */
struct engine_counters {
	uint64_t datagrams; /* received */
	uint64_t refused; /* exporter is no flow source */
	uint64_t flows; /* decoded */
	uint64_t discarded; /* flows, by rules */
	uint64_t unstorable; /* flows a version 3 log cannot hold */
	uint64_t lost; /* flows: out of memory */
	uint64_t unforwarded; /* datagrams the forwarder did not take */
};

enum { SHARED_COUNTERS_MAX = 32 };

struct shared_counters_memory {
	_Atomic uint64_t counters[SHARED_COUNTERS_MAX]; /* engine_counters */
	_Atomic uint64_t received; /* datagrams, before the call under way */
	_Atomic uint64_t live_from; /* live.datagrams when it began */
	struct recv_counters live; /* counts while it receives */
	struct recv_call call; /* what it receives with */
};

struct shared_counters {
	struct shared_counters_memory *shared;
};

size_t shared_counters_size(void);
/* False and errno. */
bool shared_counters_map(struct shared_counters *l, int fd);
void shared_counters_unmap(struct shared_counters *l);

/* Keep the counters; and have them back. */
void shared_counters_store(struct shared_counters *l, const struct engine_counters *c);
void shared_counters_load(const struct shared_counters *l, struct engine_counters *c);

/*
 * Of an engine that is gone: all datagrams that were ever received, those of
 * the call it died in, too. What was under way is over then.
 */
uint64_t shared_counters_recover(struct shared_counters *l);

#endif
