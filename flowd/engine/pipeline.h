/*
 * The pipeline from datagrams to encoded flows: it checks the flow source,
 * decodes, runs the rules, and encodes for each log. It opens nothing.
 *
 * Called by the engine and replay.c. Tests: test/program/flowd/test_flowd.py,
 * test/program/flowd/test_wire_golden.py.
 */
#ifndef FLOWD_PIPELINE_H
#define FLOWD_PIPELINE_H

#include "batch.h"
#include "conf_logs.h"
#include "decode.h"
#include "encoder.h"
#include "shared_counters.h"

/* Numbers of encoders: one for records, then one for each logdir. */
enum {
	PIPELINE_RECORDS = 0,
	PIPELINE_LOGDIRS = 1,
	PIPELINE_ENCODERS = PIPELINE_LOGDIRS + CONF_LOGDIR_MAX
};

struct pipeline {
	const struct conf *conf; /* borrowed */
	struct decoder *dec;
	struct batch *batch;
	struct encoder_sink sink;
	struct encoder encoders[PIPELINE_ENCODERS];
	bool used[PIPELINE_ENCODERS]; /* which encoders exist */
	uint64_t seed;
	uint64_t taken; /* datagrams; may be set before the first */
	int64_t now_ms; /* the caller's clock */
	/* Called with the rows that rules accepted; NULL: off. */
	void (*watch)(const struct batch *batch, void *arg);
	void *watch_arg;
	struct engine_counters counters;
};

/* The default limit of exporters, as statistics print it. */
enum { PIPELINE_EXPORTERS = 4096 };

/* The number of the encoder whose units a log gets. */
unsigned pipeline_encoder(const struct conf_log *log);

/* Returns false when out of memory. seed as for decoder_new(). */
bool pipeline_init(struct pipeline *p, const struct conf *conf, uint64_t seed,
    const struct encoder_sink *sink);
void pipeline_fini(struct pipeline *p);

/*
 * Deliver everything, then use another configuration with new encoders. Returns
 * false when out of memory: then no log gets anything.
 */
bool pipeline_use(struct pipeline *p, const struct conf *conf);

void pipeline_take(struct pipeline *p, const struct datagram *d);
/* Between datagrams: deliver rows that are due. */
void pipeline_expire(struct pipeline *p);
/* No datagram is waiting: deliver what need not wait for more. */
void pipeline_flush(struct pipeline *p);
/* Deliver everything. */
void pipeline_finish(struct pipeline *p);
/* When to call pipeline_expire(); 0: no row waits. */
int64_t pipeline_due_ms(const struct pipeline *p);

#endif
