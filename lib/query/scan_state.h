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
	uint64_t left; /* number of flows left to read of the current path */
	/* The file that is open. */
	size_t next; /* index of the next file in the list */
	const char *listed; /* the path in the list, or of a new segment */
	char segment[SEGMENT_WATCH_PATH]; /* the path of the new segment */
	/* the open file: listed, or a renamed file that had this path */
	const char *path;
	char between[FOLLOW_PATH];
	struct stat ended; /* the last closed file of this path */
	struct scan_source *source; /* NULL: no file is open */
	struct scan_source_options options;
	bool begun; /* a segment of the followed directory has been read */
	/* the directory cannot be read, and a warning has been given */
	bool blind;
	bool follows; /* this file is followed */
	bool waited; /* the scan has waited for more of it */
	enum follow_next turn; /* what comes after its end */
	int64_t flush_ns; /* of the last segment that was read */
};

/*
 * A file that is opened while earlier ones are still being read; or the error
 * of opening it.
 */
struct scan_ahead {
	const char *path;
	struct scan_source *source; /* NULL: see result and why */
	int result;
	struct flowd_error why;
};

/*
 * Open the next file while another one is open, without an event; not for a
 * scan that follows or has a limit. Returns 1, 0 when there is none, or a
 * negative FLOWD_E* with err set.
 */
int scan_file_open_ahead(
    struct scan *s, struct scan_ahead *ahead, struct flowd_error *err);
/*
 * Make the file that was opened ahead the open file of the scan. Returns 1; 0
 * when it is skipped and closed, or a negative FLOWD_E* with err set.
 */
int scan_file_attach(struct scan *s, const struct scan_ahead *ahead,
    struct flowd_error *err);

/*
 * Open the next file. Returns 1, 0 when there is none, or a negative FLOWD_E*
 * with err set.
 */
int scan_file_open(struct scan *s, struct flowd_error *err);
/*
 * Read the next rows of the file into s->batch; of a followed file, also those
 * that are appended, and call idle before waiting. Returns as
 * scan_source_next().
 */
typedef int scan_idle_fn(void *arg, struct flowd_error *err);
int scan_file_read(struct scan *s, scan_idle_fn *idle, void *arg,
    struct flowd_error *err);
/* Calls the event "idle"; arg is the scan. */
int scan_idle(void *arg, struct flowd_error *err);
/*
 * Close the file. result is that of reading it, with err set when it is
 * negative. Returns 0 when the scan continues, else result.
 */
int scan_file_close(struct scan *s, int result, struct flowd_error *err);

/*
 * Create a state and a partial result of the consumer, if it has them: 0, or a
 * negative FLOWD_E* with err set.
 */
int scan_consumer_begin(const struct scan_consumer *c, void *arg,
    void **state, struct flowd_error *err);
int scan_consumer_partial(const struct scan_consumer *c, void *arg,
    void **partial, struct flowd_error *err);
/* Free them; either may be NULL. */
void scan_consumer_end(
    const struct scan_consumer *c, void *state, void *partial);

void scan_warn(const struct scan *s, const char *text);
void scan_progress(const struct scan *s, uint64_t at, uint64_t all);

#endif
