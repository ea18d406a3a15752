/*
 * The engine: datagrams in, finished records and blocks out. It decides who
 * may send (flow source), decodes, runs the rules, and encodes what is to be
 * stored; it opens nothing.
 *
 * Called by the daemon's loop and by the replay of captures.
 * Tests: test/program/test_flowd.py, test/program/test_wire_golden.py.
 */
#ifndef FLOWD_ENGINE_H
#define FLOWD_ENGINE_H

#include "batch.h"
#include "conf.h"
#include "decode.h"
#include "ledger.h"
#include "outlet.h"

/* Outlets by their number: one of records, then one for each logdir. */
enum {
	ENGINE_RECORDS = 0,
	ENGINE_LOGDIRS = 1,
	ENGINE_OUTLETS = ENGINE_LOGDIRS + CONF_LOGDIR_MAX
};

struct engine {
	const struct conf *conf; /* borrowed */
	struct decoder *dec;
	struct batch *batch;
	struct outlet_sink sink;
	struct outlet outlets[ENGINE_OUTLETS];
	bool used[ENGINE_OUTLETS]; /* which of them there are */
	uint64_t seed;
	uint64_t taken; /* datagrams; may be set before the first */
	int64_t now_ms; /* the caller's clock */
	/* Is shown the rows that the rules accepted; NULL: nobody looks. */
	void (*watch)(const struct batch *batch, void *arg);
	void *watch_arg;
	struct engine_counters counters;
};

/* Exporters that are remembered; statistics name it. */
enum { ENGINE_EXPORTERS = 4096 };

/* False when out of memory. seed as decoder_new() wants it. */
bool engine_init(struct engine *e, const struct conf *conf, uint64_t seed,
    const struct outlet_sink *sink);
void engine_fini(struct engine *e);

/*
 * Go over to another configuration, with outlets of its own, once everything
 * was handed out. False when out of memory: then no log gets anything.
 */
bool engine_use(struct engine *e, const struct conf *conf);

void engine_take(struct engine *e, const struct datagram *d);
/* Between datagrams: hand out what has waited long enough. */
void engine_expire(struct engine *e);
/* Nothing else has come: hand out what is not to wait for more. */
void engine_flush(struct engine *e);
/* Hand out everything. */
void engine_finish(struct engine *e);
/* When engine_expire() is to be called; 0: nothing waits. */
int64_t engine_due_ms(const struct engine *e);

#endif
