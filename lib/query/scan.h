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
	SCAN_V3, /* also an empty file */
	SCAN_V4,
	SCAN_CAPTURE
};

/* A file that is read. */
struct scan_file {
	const char *path;
	enum scan_kind kind;
	uint32_t started_sec; /* of version 2: start of the log, since 1970 */
	bool waits; /* a pipe or a terminal, on which reading may block */
};

/*
 * How a scan reads captures: lib/query does not know export datagrams, so the
 * program supplies functions that make batches of a capture.
 */
struct scan_capture {
	/* May a file that begins with this octet be a capture? */
	bool (*sniff)(uint8_t first_octet);
	/*
	 * Open a capture. Takes over the descriptor, also on failure; the
	 * octets seen have been read from it. name is for error texts, and
	 * borrowed. NULL with err set.
	 */
	void *(*open)(void *arg, int fd, struct bytes seen, const char *name,
	    struct flowd_error *err);
	/*
	 * Fill an empty batch; if waits is set, only with the data that is
	 * available. Returns the number of rows, 0 at the end, or a negative
	 * FLOWD_E* with err set.
	 */
	int (*next)(void *capture, struct batch *batch, bool waits,
	    struct flowd_error *err);
	void (*close)(void *capture);
	void *arg;
};

/*
 * Events of a scan; any of these may be NULL. All are called by the thread that
 * called scan_next() or scan_run().
 */
struct scan_events {
	/* The next file is open. 0, or a negative FLOWD_E* ends the scan. */
	int (*file_begin)(
	    void *arg, const struct scan_file *file, struct flowd_error *err);
	/* The file has been read; or, if result is negative, reading failed. */
	void (*file_end)(void *arg, const struct scan_file *file, int result);
	/* Data was skipped or missed; the scan continues. */
	void (*warn)(void *arg, const char *text);
	/* From time to time: at of all octets of the file have been read. */
	void (*progress)(
	    void *arg, const char *path, uint64_t at, uint64_t all);
	/* The scan may wait now. 0, or a negative FLOWD_E* ends the scan. */
	int (*idle)(void *arg, struct flowd_error *err);
};

enum scan_flags {
	SCAN_LEGACY = 1 << 0, /* logs are of version 2 */
	/* continue with data that is appended to the last file */
	SCAN_FOLLOW = 1 << 1,
	/* refuse a short text that could be a truncated log */
	SCAN_STRICT = 1 << 3,
	/*
	 * read regular files instead of mapping them: with one thread, without
	 * their indexes, and not if they begin damaged, but without SIGBUS; not
	 * with SCAN_FOLLOW
	 */
	SCAN_READ = 1 << 4,
	/* "/dev/fd/N" is descriptor N of this process, not opened anew */
	SCAN_FDS = 1 << 5,
	/*
	 * damage ends a log of version 2 or 3 with a warning, and the scan
	 * continues with the next file
	 */
	SCAN_SALVAGE = 1 << 2
};

/* What a scan reads. Everything pointed to is borrowed until scan_close(). */
struct scan_plan {
	char *const *paths; /* ends in NULL; "-" is standard input */
	struct timerange range; /* all zero: any time */
	struct predicate *predicate; /* NULL: all flows */
	struct colset columns; /* columns that the caller uses */
	/* address columns for which a number is enough: batch.h */
	struct colset numbered;
	unsigned flags; /* enum scan_flags */
	/* flows to read of each path, whether they pass or not; 0: all */
	uint64_t limit;
	unsigned threads; /* maximum for scan_run(); 0: as many as pay off */
	/* name for hints, "PROGRAM -"; NULL: flowd-reader */
	const char *program;
	const struct scan_capture *capture; /* NULL: captures are refused */
	const struct scan_events *events; /* NULL: none */
	void *arg; /* argument of events */
};

struct block;
struct scan;

/*
 * Find the files of the paths; of directories, the segments that may have flows
 * of the range, in the order of their times. The plan is copied. NULL with err
 * set.
 */
struct scan *scan_open(const struct scan_plan *plan, struct flowd_error *err);
void scan_close(struct scan *s);

/*
 * Read the next rows: in *batch, which is borrowed until the next call, the
 * rows that pass are selected. Returns the number of rows, 0 at the end, or a
 * negative FLOWD_E* with err set; the scan is over then.
 */
int scan_next(
    struct scan *s, const struct batch **batch, struct flowd_error *err);

/*
 * End the scan as if no more data followed: at once, but a scan that follows
 * first reads the data that is there. May be called by any thread, and by a
 * signal handler: when the signal interrupts system calls, a waiting scan ends
 * at once.
 */
void scan_cancel(struct scan *s);
bool scan_is_cancelled(const struct scan *s);

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
	/*
	 * Returns a new state, or NULL with err set. If the function is NULL,
	 * so are states.
	 */
	void *(*begin)(void *arg, struct flowd_error *err);
	/* Add the selected rows, at least one. */
	int (*batch)(void *state, void *partial, const struct batch *rows,
	    struct flowd_error *err);
	/*
	 * All rows of a block pass: add them by its head, instead of batch().
	 * Returns 1; 0 if the head is not enough, and the block is read; or a
	 * negative FLOWD_E* with err set. If the function is NULL, blocks are
	 * read. Not called by a scan that follows or has a limit.
	 */
	int (*head)(void *state, void *partial, const struct block *block,
	    struct flowd_error *err);
	/*
	 * Returns an empty partial result, or NULL with err set. If the
	 * function is NULL, so are partial results, and none are emitted.
	 */
	void *(*partial)(void *arg, struct flowd_error *err);
	int (*emit)(void *arg, void *partial, struct flowd_error *err);
	void (*drop)(void *partial);
	void (*end)(void *state);
};

/* Read all. Returns 0, or a negative FLOWD_E* with err set. */
int scan_run(struct scan *s, const struct scan_consumer *consumer, void *arg,
    struct flowd_error *err);

/*
 * Count the flows that pass, with scan_run(). Columns that the plan wants are
 * not read for that.
 */
int scan_count(struct scan *s, uint64_t *flows, struct flowd_error *err);

/* --- The files of a scan --- */

/* The files to read, as far as they are known; ends in NULL. */
char *const *scan_paths(const struct scan *s);
/*
 * Check that all files can be opened. Returns 0, or a negative FLOWD_E* and err
 * names the first that cannot.
 */
int scan_check_access(const struct scan *s, struct flowd_error *err);
/*
 * Was the file a segment that has been removed since its directory was read?
 * Collectors remove old segments.
 */
bool scan_is_gone(const struct scan *s, const char *path);
/* "version 3", "capture", ... */
const char *scan_kind_text(enum scan_kind kind);

#endif
