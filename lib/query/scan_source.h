/*
 * Sources: an open file of any kind that a scan can read, as batches of flows.
 *
 * Called by scan_files.c, verify.c and flowd-send. Test: test/unit/query/
 * test_scan.c, test/program/reader/test_reader.py.
 */
#ifndef FLOWD_SCAN_SOURCE_H
#define FLOWD_SCAN_SOURCE_H

#include <sys/stat.h>

#include "mapping.h"
#include "row_filter.h"
#include "scan.h"
#include "segment_watch.h"

struct scan_source;

struct scan_source_options {
	bool legacy; /* logs are of version 2 */
	bool follow; /* a truncated record or block at the end may still grow */
	bool read; /* read files instead of mapping them */
	bool fds; /* /dev/fd/N is a descriptor, see SCAN_FDS */
	bool strict; /* refuse a short text that could be a truncated log */
	/* the path must be a regular file, and no symbolic link */
	bool regular;
	uint64_t *left; /* number of flows to read in this and later files */
	uint64_t skip; /* number of flows to skip at the beginning */
	const struct row_filter *filter;
	const char *program; /* the name of the program, for hints */
	const struct scan_capture *capture; /* NULL: captures are refused */
	/* Reports damage that was skipped in a log of version 4. */
	void (*warn)(void *arg, const char *text);
	void *arg;
};

/*
 * Open path, "-" for standard input, and identify its format by its first
 * octets: a log of version 4, a capture, a format that is refused (magic.h),
 * else a log of version 3, or, if legacy is set, of version 2. An empty file
 * that is followed is identified when it has data. options and path are
 * borrowed. Returns NULL with err set.
 */
struct scan_source *scan_source_open(const char *path,
    const struct scan_source_options *options, struct flowd_error *err);
void scan_source_close(struct scan_source *s);

/*
 * Fill the empty batch with the next flows, and select those that pass the
 * filter; these have at least the columns it wants. Returns the number of rows;
 * 0 at the end, which a truncated last record or block also is: logs that are
 * being written end so; or a negative FLOWD_E* with err set, after all flows
 * before the damage have been returned.
 */
int scan_source_next(
    struct scan_source *s, struct batch *batch, struct flowd_error *err);

/*
 * Call at the end of a log. True if it can grow: then scan_source_next() looks
 * for more, and fails if the log became shorter. False for captures, and for
 * pipes, where reading blocks.
 */
bool scan_source_grown(struct scan_source *s);
/* fstat(2) of the file; false for pipes and captures. */
bool scan_source_stat(const struct scan_source *s, struct stat *st);
/* The read position, in octets and in flows. */
struct segment_progress scan_source_read(const struct scan_source *s);
/* The flush interval of its writer, estimated from its blocks. */
int64_t scan_source_flush_ns(const struct scan_source *s);
/* At the end of a log: octets of a truncated record of version 2 or 3. */
uint64_t scan_source_cut(const struct scan_source *s);
/* The position in the file and its size; false when that is not known. */
bool scan_source_progress(
    const struct scan_source *s, uint64_t *at, uint64_t *all);
/*
 * The octets of a log of version 4, for a caller that reads blocks itself
 * instead of calling scan_source_next(); NULL for other files.
 */
struct mapping *scan_source_mapping(struct scan_source *s);
/* Its index; NULL: none. */
const struct segment_index *scan_source_index(const struct scan_source *s);
/* The format of the file; path is the path that was opened. */
struct scan_file scan_source_file(const struct scan_source *s);

#endif
