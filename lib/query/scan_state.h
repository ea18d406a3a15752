/*
 * The state of a scan, shared by the files that implement it: scan_files.c
 * goes from file to file, scan_run.c passes batches to a consumer, and
 * parallel.c reads segments with several threads.
 */
#ifndef FLOWD_SCAN_STATE_H
#define FLOWD_SCAN_STATE_H

#include <stdatomic.h>

#include "file_list.h"
#include "follow.h"
#include "scan_source.h"

struct scan {
	struct scan_plan plan;
	struct row_filter filter;
	struct file_list files;
	struct batch *batch;
	atomic_bool cancelled;
	uint64_t left; /* flows to read of the current path */
	/* The file that is open. */
	size_t next; /* index of the next file in the list */
	const char *listed; /* its path there, or of a segment that came */
	char segment[SEGMENT_WATCH_PATH]; /* which is this */
	const char *path; /* or another one that had that path: between */
	char between[FOLLOW_PATH];
	struct stat ended; /* the one that was closed, of that path */
	struct scan_source *source; /* NULL: none is */
	struct scan_source_options options;
	bool begun; /* a segment of the directory that is followed is read */
	bool blind; /* the directory cannot be read, which was said */
	bool follows; /* SCAN_FOLLOW means this one */
	bool waited; /* for more of it */
	enum follow_next turn; /* what follows its end */
	int64_t flush_ns; /* of the segment that was read last */
};

/*
 * A file that was opened before those in front of it are read; or that could
 * not be opened, and why.
 */
struct scan_ahead {
	const char *path;
	struct scan_source *source; /* NULL: result and why */
	int result;
	struct flowd_error why;
};

/*
 * Open the next file, without an event, while the scan has another one open;
 * not for a scan that follows or has a limit. Returns 1, 0 when there is none,
 * or a negative FLOWD_E* with err set.
 */
int scan_file_open_ahead(
    struct scan *s, struct scan_ahead *ahead, struct flowd_error *err);
/*
 * It is its turn: it is the file that is open. Returns 1; 0 when it is passed
 * over and closed, or a negative FLOWD_E* with err set.
 */
int scan_file_attach(struct scan *s, const struct scan_ahead *ahead,
    struct flowd_error *err);

/*
 * Open the next file. Returns 1, 0 when there is none, or a negative FLOWD_E*
 * with err set.
 */
int scan_file_open(struct scan *s, struct flowd_error *err);
/*
 * The next rows of the file in s->batch; when it is followed, of all that is
 * appended, and idle is called before it waits. Returns as scan_source_next().
 */
typedef int scan_idle_fn(void *arg, struct flowd_error *err);
int scan_file_read(struct scan *s, scan_idle_fn *idle, void *arg,
    struct flowd_error *err);
/* The event of that name; arg is the scan. */
int scan_idle(void *arg, struct flowd_error *err);
/*
 * Close the file, of which reading ended with result, and err set when that is
 * negative. Returns 0 when the scan goes on, else result.
 */
int scan_file_close(struct scan *s, int result, struct flowd_error *err);

/*
 * A state and a partial result of a consumer, where it has any: 0, or a
 * negative FLOWD_E* with err set.
 */
int scan_consumer_begin(const struct scan_consumer *c, void *arg,
    void **state, struct flowd_error *err);
int scan_consumer_partial(const struct scan_consumer *c, void *arg,
    void **partial, struct flowd_error *err);
/* Free them; either may be NULL. */
void scan_consumer_end(
    const struct scan_consumer *c, void *state, void *partial);

bool scan_is_cancelled(const struct scan *s);
void scan_warn(const struct scan *s, const char *text);
void scan_progress(const struct scan *s, uint64_t at, uint64_t all);

#endif
