/*
 * Scans: the flows of files, directories and captures that pass a predicate,
 * as batches with the columns that are wanted.
 *
 * A plan says what is read. Its flows are had in one of two ways:
 *
 *	scan_next()	a batch after the other, by the thread that asks
 *	scan_run()	all of them go to a consumer, by several threads where
 *			that is faster; see struct scan_consumer
 *
 *	struct scan_plan plan = { .paths = paths, .predicate = predicate };
 *	struct scan *scan = scan_open(&plan, &err);
 *
 *	colset_add(&plan.columns, COL_octets) ... before scan_open()
 *	while ((got = scan_next(scan, &batch, &err)) > 0)
 *		...
 *	scan_close(scan);
 *
 * A scan has no state but its own: several threads may use one each. Nothing
 * is printed and nothing exits here.
 *
 * Regular files of version 4 are mapped. When such a file is made shorter while
 * it is read, or the disk fails, the system sends SIGBUS; what then happens is
 * for the program to say, as signal handlers belong to it (tool/sigbus.h). Who
 * can have no handler sets SCAN_READ.
 *
 * Called by flowd-reader and flowd-send. Test: test/unit/query/test_scan.c.
 */
#ifndef FLOWD_SCAN_H
#define FLOWD_SCAN_H

#include "batch.h"
#include "predicate.h"
#include "result.h"
#include "timerange.h"

enum scan_kind {
	SCAN_V2,
	SCAN_V3, /* also what is empty */
	SCAN_V4,
	SCAN_CAPTURE
};

/* A file that is read. */
struct scan_file {
	const char *path;
	enum scan_kind kind;
	uint32_t started_sec; /* of version 2: when it was begun, since 1970 */
	bool waits; /* a pipe, a terminal: more may take a long time */
};

/*
 * Captures join a scan by this table, as nothing is known of export datagrams
 * here. Its functions make batches of a capture.
 */
struct scan_capture {
	/* May a file that begins with this octet be a capture? */
	bool (*sniff)(uint8_t first_octet);
	/*
	 * Takes over the descriptor of a file of which the octets seen were
	 * read, also on failure. name is for error texts, and borrowed. NULL
	 * with err set.
	 */
	void *(*open)(void *arg, int fd, struct bytes seen, const char *name,
	    struct flowd_error *err);
	/*
	 * Fill an empty batch; if the file waits, only with what is there.
	 * Returns how many rows there are, 0 at the end, or a negative FLOWD_E*
	 * with err set.
	 */
	int (*next)(void *capture, struct batch *batch, bool waits,
	    struct flowd_error *err);
	void (*close)(void *capture);
	void *arg;
};

/*
 * What happens while a scan goes on; any of these may be NULL. All are called
 * by the thread that called scan_next() or scan_run().
 */
struct scan_events {
	/* The next file is open. 0, or a negative FLOWD_E* ends the scan. */
	int (*file_begin)(
	    void *arg, const struct scan_file *file, struct flowd_error *err);
	/* It is read, or result, negative, says that it cannot be read on. */
	void (*file_end)(void *arg, const struct scan_file *file, int result);
	/* Something was passed over or missed; the scan goes on. */
	void (*warn)(void *arg, const char *text);
	/* Now and then: at of all octets of the file are read. */
	void (*progress)(
	    void *arg, const char *path, uint64_t at, uint64_t all);
	/* It may wait now. 0, or a negative FLOWD_E* ends the scan. */
	int (*idle)(void *arg, struct flowd_error *err);
};

enum scan_flags {
	SCAN_LEGACY = 1 << 0, /* logs are of version 2 */
	SCAN_FOLLOW = 1 << 1, /* go on with what is appended to the last one */
	SCAN_STRICT = 1 << 3, /* a short text is no log that is cut */
	SCAN_READ = 1 << 4, /* read regular files instead of mapping them: by
			     * one thread, without their indexes, and not when
			     * they begin damaged, but there is no SIGBUS; not
			     * with SCAN_FOLLOW */
	SCAN_SALVAGE = 1 << 2 /* what is damaged ends a log of rows, and is
			       * warned of; the next one begins */
};

/* All that is pointed to stays the caller's until scan_close(). */
struct scan_plan {
	char *const *paths; /* ends in NULL; "-" is standard input */
	struct timerange range; /* all zero: any time */
	struct predicate *predicate; /* NULL: all flows */
	struct colset columns; /* that are used of flows that pass */
	struct colset numbered; /* of these, addresses of which a number will
				 * do where a log has them: batch.h */
	unsigned flags; /* enum scan_flags */
	uint64_t limit; /* flows to read of each path, passing or not; 0: all */
	unsigned threads; /* of scan_run(), at most; 0: what is fast */
	const char *program; /* for hints, "PROGRAM -"; NULL: flowd-reader */
	const struct scan_capture *capture; /* NULL: none are read */
	const struct scan_events *events; /* NULL: none */
	void *arg; /* of events */
};

struct block;
struct scan;

/*
 * Find the files of the paths: segments of directories that may have flows of
 * the range are in order of their time. The plan is copied. NULL with err set.
 */
struct scan *scan_open(const struct scan_plan *plan, struct flowd_error *err);
void scan_close(struct scan *s);

/*
 * Read on: *batch has the next rows, of which those that pass are selected, and
 * is borrowed until the next call. Returns how many rows there are, 0 at the
 * end, or a negative FLOWD_E* with err set: then there are no more.
 */
int scan_next(
    struct scan *s, const struct batch **batch, struct flowd_error *err);

/*
 * End the scan, as if there were no more: at once, but a scan that follows
 * reads what is there. May be called by any thread, and in a signal handler:
 * when the signal interrupts system calls a scan that waits goes on at once.
 */
void scan_cancel(struct scan *s);

/*
 * What is done with flows by scan_run(). Each thread has a state of its own,
 * and adds rows to a partial result, which is no other thread's at that time.
 * emit() takes what is in a partial result, one at a time, and leaves it empty
 * for other rows.
 *
 * With ordered set every piece of the input goes to a partial result, and they
 * are emitted in the order of the flows: for text. Without, each thread has one
 * partial result, which is emitted when all is read, and before the scan waits
 * for more: for sums and tables.
 *
 * batch() is called by the thread of the state, the others by the thread that
 * called scan_run(). An error ends the scan.
 */
struct scan_consumer {
	bool ordered;
	/* A state, or NULL with err set. NULL here: states are NULL. */
	void *(*begin)(void *arg, struct flowd_error *err);
	/* Add rows, of which some are selected. */
	int (*batch)(void *state, void *partial, const struct batch *rows,
	    struct flowd_error *err);
	/*
	 * All rows of a block pass: take them in by what its head says, without
	 * batch(). Returns 1; 0 if that is not enough, and the block is read;
	 * or a negative FLOWD_E* with err set. NULL here: blocks are read. Not
	 * asked by a scan that follows or has a limit.
	 */
	int (*head)(void *state, void *partial, const struct block *block,
	    struct flowd_error *err);
	/*
	 * An empty partial result, or NULL with err set. NULL here: they are
	 * NULL, and nothing is emitted.
	 */
	void *(*partial)(void *arg, struct flowd_error *err);
	int (*emit)(void *arg, void *partial, struct flowd_error *err);
	void (*drop)(void *partial);
	void (*end)(void *state);
};

/* Read all. Returns 0, or a negative FLOWD_E* with err set. */
int scan_run(struct scan *s, const struct scan_consumer *consumer, void *arg,
    struct flowd_error *err);

/* How many flows pass: a scan_run() that counts. */
int scan_count(struct scan *s, uint64_t *flows, struct flowd_error *err);

/* --- Of its files --- */

/* Those that it will read, as far as they are known; ends in NULL. */
char *const *scan_paths(const struct scan *s);
/* That all of them can be opened: 0, or err says which cannot. */
int scan_check_access(const struct scan *s, struct flowd_error *err);
/*
 * Was the file a segment that was removed since it was found in its directory,
 * as collectors do with old ones?
 */
bool scan_is_gone(const struct scan *s, const char *path);
/* "version 3", "capture", ... */
const char *scan_kind_text(enum scan_kind kind);

#endif
