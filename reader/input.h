/*
 * Inputs: files of any kind flowd-reader knows, as batches of flows.
 *
 * Called by reader.c only. Tests: test/program/test_reader.py.
 */
#ifndef FLOWD_INPUT_H
#define FLOWD_INPUT_H

#include <sys/stat.h>

#include "batch.h"
#include "capture.h"
#include "decode.h"
#include "mapped.h"
#include "query.h"
#include "result.h"

struct input;

struct input_options {
	bool legacy; /* logs are of version 2 */
	uint64_t *left; /* flows to read, here and behind: counted down */
	bool follow; /* what is cut at the end may be coming */
	struct decoder *decoder; /* takes the datagrams of captures */
	const struct query *query;
	/* Say what was passed over in a damaged log of version 4. */
	void (*complain)(void *arg, const char *text);
	void *arg;
};

/*
 * Open path, "-" for standard input, and find out what it is by its first
 * octets: a log of version 4, a capture, what is to be refused (magic.h), else
 * a log of version 3, or, if legacy is set, of version 2; of one that is empty
 * and followed when it has some. options are borrowed.
 * Returns NULL with err set.
 */
struct input *input_open(const char *path, const struct input_options *options,
    struct flowd_error *err);
void input_close(struct input *in);

/*
 * Fill batch, which is empty, with the next flows, and select those that pass
 * the query; they have at least the columns it wants. Returns how many rows
 * there are, 0 at the end (a log that is cut in its last record or block ends
 * there, silently: a live log always is), or a negative FLOWD_E* with err set;
 * flows before the bad place have been returned before.
 */
int input_next(struct input *in, struct batch *batch, struct flowd_error *err);

/*
 * At the end of a log that may have grown since: true, and the next call
 * looks again; it fails if the log became shorter. False for what does not
 * grow, and for what waits by itself.
 */
bool input_grown(struct input *in);
/* The file that is read, as it is now; false for what is none, or a capture. */
bool input_stat(const struct input *in, struct stat *st);
/* How much of it was read, or mapped. */
uint64_t input_seen(const struct input *in);
/* How long flows of it may have waited to be written, as far as it shows. */
int64_t input_flush_ns(const struct input *in);
/* At the end of a log: octets of a record of version 2 or 3 that is cut. */
uint64_t input_cut(const struct input *in);
/* How far in a file it is, of how much; false when that is not known. */
bool input_progress(const struct input *in, uint64_t *at, uint64_t *all);
/*
 * The octets of a log of version 4, for who looks at them himself instead of
 * input_next(); NULL for what is something else.
 */
struct mapped *input_octets(struct input *in);
/* What it is, for people: "version 3", "capture", and so on. */
const char *input_kind(const struct input *in);
/* True for a pipe, a terminal: the next call may wait for a long time. */
bool input_waits(const struct input *in);
/* Seconds since 1970 when a version 2 log was begun. */
uint32_t input_started_sec(const struct input *in);
/* What was in a capture; NULL for a log. */
const struct capture_counters *input_counters(const struct input *in);

#endif
