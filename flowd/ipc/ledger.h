/*
 * The ledger: what an engine counts, in memory that outlives it. The next
 * engine goes on counting, and knows how many datagrams the last one had
 * received and not finished.
 *
 * Written by worker.c (the engine's process) only.
 * Test: test/unit/flowd/test_mailbox.c.
 */
#ifndef FLOWD_LEDGER_H
#define FLOWD_LEDGER_H

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

enum { LEDGER_COUNTERS = 32 };

struct ledger_shared {
	_Atomic uint64_t counters[LEDGER_COUNTERS]; /* engine_counters */
	_Atomic uint64_t received; /* datagrams, before the call under way */
	_Atomic uint64_t live_from; /* live.datagrams when it began */
	struct recv_counters live; /* counts while it receives */
	struct recv_call call; /* what it receives with */
};

struct ledger {
	struct ledger_shared *shared;
};

size_t ledger_size(void);
/* False and errno. */
bool ledger_map(struct ledger *l, int fd);
void ledger_unmap(struct ledger *l);

/* Keep the counters; and have them back. */
void ledger_put(struct ledger *l, const struct engine_counters *c);
void ledger_get(const struct ledger *l, struct engine_counters *c);

/*
 * Of an engine that is gone: all datagrams that were ever received, those of
 * the call it died in, too. What was under way is over then.
 */
uint64_t ledger_settle(struct ledger *l);

#endif
