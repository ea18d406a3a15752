/*
 * The engine: datagrams in, finished log records out. It decides who may send
 * (flow source), decodes, and encodes what is to be stored; it opens nothing.
 *
 * Called by the daemon's loop and by the replay of captures.
 * Tests: test/program/test_flowd.py, test/program/test_wire_golden.py.
 */
#ifndef FLOWD_ENGINE_H
#define FLOWD_ENGINE_H

#include "batch.h"
#include "buf.h"
#include "conf.h"
#include "decode.h"

struct engine_counters {
	uint64_t datagrams; /* received */
	uint64_t refused; /* exporter is no flow source */
	uint64_t discarded; /* flows, by rules */
	uint64_t records; /* handed out */
	uint64_t unstorable; /* flows a version 3 log cannot hold */
	uint64_t lost; /* flows: out of memory */
	uint64_t buried; /* datagrams that engines took with them as they died */
	uint64_t unforwarded; /* datagrams the forwarder did not take */
};

struct engine {
	const struct conf *conf; /* borrowed; may be changed any time */
	struct decoder *dec;
	struct batch *batch;
	struct buf out;
	struct engine_counters counters;
	/* Takes whole records; they are borrowed during the call. */
	void (*deliver)(struct bytes records, void *arg);
	void *arg;
};

/* Exporters that are remembered; statistics name it. */
enum { ENGINE_EXPORTERS = 4096 };

/* False when out of memory. seed as decoder_new() wants it. */
bool engine_init(struct engine *e, const struct conf *conf, uint64_t seed,
    void (*deliver)(struct bytes records, void *arg), void *arg);
void engine_fini(struct engine *e);

void engine_take(struct engine *e, const struct datagram *d);
/* Deliver everything that was taken. */
void engine_flush(struct engine *e);

#endif
