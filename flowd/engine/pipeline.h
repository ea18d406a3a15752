/*
 * The engine: datagrams in, finished records and blocks out. It decides who
 * may send (flow source), decodes, runs the rules, and encodes what is to be
 * stored; it opens nothing.
 *
 * Called by the daemon's loop and by the replay of captures.
 * Tests: test/program/test_flowd.py, test/program/test_wire_golden.py.
 */
#ifndef FLOWD_PIPELINE_H
#define FLOWD_PIPELINE_H

#include "batch.h"
#include "conf_logs.h"
#include "decode.h"
#include "encoder.h"
#include "shared_counters.h"

/* Outlets by their number: one of records, then one for each logdir. */
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
	bool used[PIPELINE_ENCODERS]; /* which of them there are */
	uint64_t seed;
	uint64_t taken; /* datagrams; may be set before the first */
	int64_t now_ms; /* the caller's clock */
	/* Is shown the rows that the rules accepted; NULL: nobody looks. */
	void (*watch)(const struct batch *batch, void *arg);
	void *watch_arg;
	struct engine_counters counters;
};

/* Exporters that are remembered; statistics name it. */
enum { PIPELINE_EXPORTERS = 4096 };

/* The number of the encoder whose units a log gets. */
unsigned pipeline_encoder(const struct conf_log *log);

/* False when out of memory. seed as decoder_new() wants it. */
bool pipeline_init(struct pipeline *p, const struct conf *conf, uint64_t seed,
    const struct encoder_sink *sink);
void pipeline_fini(struct pipeline *p);

/*
 * Go over to another configuration, with encoders of its own, once everything
 * was handed out. False when out of memory: then no log gets anything.
 */
bool pipeline_use(struct pipeline *p, const struct conf *conf);

void pipeline_take(struct pipeline *p, const struct datagram *d);
/* Between datagrams: hand out what has waited long enough. */
void pipeline_expire(struct pipeline *p);
/* Nothing else has come: hand out what is not to wait for more. */
void pipeline_flush(struct pipeline *p);
/* Hand out everything. */
void pipeline_finish(struct pipeline *p);
/* When pipeline_expire() is to be called; 0: nothing waits. */
int64_t pipeline_due_ms(const struct pipeline *p);

#endif
