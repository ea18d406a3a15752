/*
 * Watches a directory of segments: which of them have flows that were not read
 * yet, in the order in which segments are created.
 *
 * A segment is named after the time of its creation, but names do not give the
 * order: when the clock of the collector goes back, the next segment has an
 * earlier name than the one before. So the names in the directory are compared
 * with those that are known, and for each segment its read position is kept. A
 * segment that grows after it was read, because it is in use although its name
 * is not the last, or because its writer was late, is read further. If another
 * file replaces a segment and has an index, the segment was sealed: it has the
 * same flows, and reading continues with the first one that is missing. Without
 * an index it is a new segment of the same name.
 *
 * Several segments that are new at one look are ordered by name, unless there
 * is evidence that the clock went back in between. Then their order is guessed,
 * and segment_watch_unordered() reports it.
 *
 * Called by file_list.c and scan_files.c. Test: test/unit/query/
 * test_segment_watch.c, test/program/reader/test_reader_follow.py.
 */
#ifndef FLOWD_SEGMENT_WATCH_H
#define FLOWD_SEGMENT_WATCH_H

#include <sys/stat.h>
#include <time.h>

#include "catalogue.h"
#include "removed.h"
#include "result.h"

enum {
	SEGMENT_WATCH_GONE = 4096, /* removed segments to remember */
	SEGMENT_WATCH_PATH = 4096
};

/* The read position in a file. */
struct segment_progress {
	uint64_t octets; /* up to the end of its last whole block */
	uint64_t seen; /* size of the file at that time */
	uint64_t flows; /* in these blocks */
};

struct watched_segment {
	char name[CATALOGUE_NAME];
	int64_t start_sec;
	uint32_t number;
	uint64_t order; /* order of creation from 1 on; 0: existed before */
	dev_t dev; /* identity of the file */
	ino_t ino;
	uint64_t size; /* size at the last look at the directory */
	struct segment_progress read;
	bool skipped; /* outside the time range, and has not grown since */
	bool open; /* it is read at present */
	bool gone; /* removed from the directory, at this time */
	int64_t gone_ms;
	bool counted; /* its missed flows have been counted */
};

struct segment_watch {
	char *directory; /* NULL: none is watched */
	struct watched_segment *segment; /* by name, then order */
	size_t n, cap;
	uint64_t next_order;
	/* segments that begin at this time or later are not read */
	int64_t limit_sec;
	/* At the last look at the directory: */
	struct timespec changed; /* its modification time */
	int64_t looked_ms; /* monotonic time of the look */
	int64_t clock_ms; /* real time of the look */
	struct removed removed;
	/* Since the last report: */
	uint64_t missed, missed_flows;
	bool missed_more; /* the number of flows is a minimum */
	size_t unordered; /* segments whose order was guessed */
	char path[SEGMENT_WATCH_PATH]; /* the result of segment_watch_next() */
};

void segment_watch_init(struct segment_watch *w);
void segment_watch_fini(struct segment_watch *w);

/*
 * Watch the directory, which has the segments of c. The caller reads n of them,
 * from first on, and others if they grow. Returns 0 or FLOWD_ENOMEM.
 */
int segment_watch_begin(struct segment_watch *w, const char *directory,
    const struct catalogue *c, size_t first, size_t n, int64_t limit_sec);

/*
 * Read the directory, if it has changed or some time has passed. Returns 0, or
 * a negative FLOWD_E* with err set.
 */
int segment_watch_look(struct segment_watch *w, struct flowd_error *err);

/*
 * The path of the first segment with unread flows, except the open one. skip is
 * set to the number of flows at its beginning that have been read. NULL: there
 * is none. The text is valid until the next call.
 */
const char *segment_watch_next(struct segment_watch *w, uint64_t *skip);

/* The file at path was opened; no other one is open. */
void segment_watch_opened(
    struct segment_watch *w, const char *path, const struct stat *st);
/* The segment could not be opened, because it was removed. */
void segment_watch_lost(struct segment_watch *w, const char *path);
/* The open segment was read up to here, and closed. */
void segment_watch_closed(
    struct segment_watch *w, const struct segment_progress *read);

/*
 * Report segments that were removed before they were read, or whose order was
 * guessed, since the last call: true, and text is set to a message. last: this
 * is the last call.
 */
bool segment_watch_missed(
    struct segment_watch *w, bool last, struct flowd_error *text);
bool segment_watch_unordered(
    struct segment_watch *w, struct flowd_error *text);

#endif
