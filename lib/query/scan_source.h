/*
 * Sources: an open file of any kind that a scan can read, as batches of flows.
 *
 * Called by scan_files.c, verify.c and flowd-send. Test: test/unit/query/
 * test_scan.c, test/program/test_reader.py.
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
	bool follow; /* a record or block cut at the end may still grow */
	bool read; /* map nothing */
	bool strict; /* a text is no log that is cut in its first record */
	bool regular; /* it must be a regular file, and is no link */
	uint64_t *left; /* flows to read, in this file and later ones */
	uint64_t skip; /* flows at the beginning that are passed over */
	const struct row_filter *filter;
	const char *program; /* for hints */
	const struct scan_capture *capture; /* NULL: none are read */
	/* Say what was passed over in a damaged log of version 4. */
	void (*warn)(void *arg, const char *text);
	void *arg;
};

/*
 * Open path, "-" for standard input, and find out what it is by its first
 * octets: a log of version 4, a capture, what is to be refused (magic.h), else
 * a log of version 3, or, if legacy is set, of version 2; of one that is empty
 * and followed when it has some. options and path are borrowed.
 * Returns NULL with err set.
 */
struct scan_source *scan_source_open(const char *path,
    const struct scan_source_options *options, struct flowd_error *err);
void scan_source_close(struct scan_source *s);

/*
 * Fill batch, which is empty, with the next flows, and select those that pass
 * the filter; they have at least the columns it wants. Returns how many rows
 * there are, 0 at the end (a log that is cut in its last record or block ends
 * there, silently: a live log always is), or a negative FLOWD_E* with err set;
 * flows before the bad place have been returned before.
 */
int scan_source_next(
    struct scan_source *s, struct batch *batch, struct flowd_error *err);

/*
 * Called at the end of a log. True if it can grow: then scan_source_next()
 * looks for more, and fails if the log became shorter. False for captures, and
 * for pipes, which wait by themselves.
 */
bool scan_source_grown(struct scan_source *s);
/* fstat(2) of the file; false for pipes and captures. */
bool scan_source_stat(const struct scan_source *s, struct stat *st);
/* How much of it was read, in octets and in flows. */
struct segment_progress scan_source_read(const struct scan_source *s);
/* How long its flows waited before they were written, by its blocks. */
int64_t scan_source_flush_ns(const struct scan_source *s);
/* At the end of a log: octets of a record of version 2 or 3 that is cut. */
uint64_t scan_source_cut(const struct scan_source *s);
/* How far in a file it is, of how much; false when that is not known. */
bool scan_source_progress(
    const struct scan_source *s, uint64_t *at, uint64_t *all);
/*
 * The octets of a log of version 4, for a caller that reads them instead of
 * calling scan_source_next(); NULL for other files.
 */
struct mapping *scan_source_mapping(struct scan_source *s);
/* What it is; path is the one that was opened. */
struct scan_file scan_source_file(const struct scan_source *s);

#endif
