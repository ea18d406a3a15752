/*
 * The counters of an engine in shared memory that outlives it. The next engine
 * continues counting, and learns how many datagrams its predecessor had
 * received and not finished.
 *
 * Written by the engine only. Test: test/unit/flowd/ipc/test_ring.c.
 */
#ifndef FLOWD_SHARED_COUNTERS_H
#define FLOWD_SHARED_COUNTERS_H

#include <stdatomic.h>
#include <stdbool.h>

#include "recv.h"

/* Counters of an engine, since the daemon started. */
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
	/* datagrams, without those of the current receive call */
	_Atomic uint64_t received;
	/* live.datagrams when the current call began */
	_Atomic uint64_t live_from;
	struct recv_counters live; /* updated during a receive call */
	struct recv_call call; /* the arguments of that call */
};

struct shared_counters {
	struct shared_counters_memory *shared;
};

size_t shared_counters_size(void);
/* Returns false and errno on failure. */
bool shared_counters_map(struct shared_counters *l, int fd);
void shared_counters_unmap(struct shared_counters *l);

/* Store the counters, and load them again. */
void shared_counters_store(struct shared_counters *l,
    const struct engine_counters *c);
void shared_counters_load(const struct shared_counters *l,
    struct engine_counters *c);

/*
 * After a crash: the number of datagrams ever received, including those of the
 * call in which the engine died. Resets the state of that call.
 */
uint64_t shared_counters_recover(struct shared_counters *l);

#endif
