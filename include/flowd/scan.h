/*
 * Scans: the flows of files, directories and captures, those that pass, with
 * the columns that are asked for; in batches, or one flow after the other.
 *
 *	struct flowd_scan_options o = { .paths = paths,
 *		.where = "proto tcp dst port 443",
 *		.columns = "src_addr,octets" };
 *	struct flowd_scan *scan = flowd_scan_open(&o, &err);
 *
 *	while ((got = flowd_scan_next(scan, &batch, &err)) > 0)
 *		...
 *	flowd_scan_close(scan);
 *
 * A file may be a log of version 2, 3 or 4, or a capture (pcap, pcapng) of
 * NetFlow and IPFIX datagrams; what it is shows in its first octets. A
 * directory is one that flowd writes segments to.
 *
 * A scan is used by one thread at a time; several threads may use a scan each.
 * Only flowd_scan_cancel() may be called by any of them at any time.
 *
 * Files are read, unless FLOWD_SCAN_MMAP is set. When a file that is mapped is
 * made shorter by somebody, or the disk fails, the system sends SIGBUS, which
 * ends a program unless it has a handler: that is for a program to choose, not
 * for a library.
 */
#ifndef LIBFLOWD_SCAN_H
#define LIBFLOWD_SCAN_H

#include <flowd/batch.h>

#ifdef __cplusplus
extern "C" {
#endif

struct flowd_scan;

enum flowd_scan_flags {
	/* Logs are of version 2, which cannot be told from version 3. */
	FLOWD_SCAN_LEGACY = 1 << 0,
	/* Go on with what is appended to the last path, for ever. */
	FLOWD_SCAN_FOLLOW = 1 << 1,
	/* A damaged log of version 2 or 3 is warned of, and the next one read;
	 * else it is an error. Of version 4 only the damage is left out. */
	FLOWD_SCAN_SALVAGE = 1 << 2,
	/*
	 * Map logs of version 4: with several threads, and with the indexes of
	 * segments, which find a host in hundredths of the time. FOLLOW needs
	 * it.
	 */
	FLOWD_SCAN_MMAP = 1 << 3,
	/* Times without a zone, in where and time, are in UTC. */
	FLOWD_SCAN_UTC = 1 << 4
};

/*
 * What is read. All that is 0 or NULL has a default; a program sets the others
 * by their names. Texts are copied.
 */
struct flowd_scan_options {
	const char *const *paths; /* ends in NULL; "-" is standard input */
	/*
	 * Descriptors that are open for reading, and stay the caller's; they
	 * are read behind the paths, which may be NULL then. A file is read
	 * from its beginning, and its offset changes: one scan at a time.
	 */
	const int *fds;
	size_t nfds;
	/* An expression, see flowd.conf(5), "Expressions"; NULL: all flows. */
	const char *where;
	/* A file of rules, as flowd-reader -f has it; NULL: none. */
	const char *rules;
	/* START, START,END or ,END, as flowd-reader -t has it; NULL: any. */
	const char *time;
	/* The same in ns since 1970: from start, and before end. Both 0: any;
	 * not together with time. */
	int64_t start_ns, end_ns;
	/* Names of columns, "src_addr,octets"; NULL: all. */
	const char *columns;
	unsigned flags; /* enum flowd_scan_flags */
	/* Threads that read, at most. 0: as many as is fast. */
	unsigned threads;
	/* Flows to read of each path, whether they pass or not; 0: all. */
	uint64_t flows_max;
	size_t rows; /* of a batch, at most; 0: FLOWD_BATCH_ROWS */
	/*
	 * Something was passed over or missed, and the scan goes on. NULL: see
	 * flowd_scan_warnings(). Called by the thread that uses the scan, as
	 * are the others.
	 */
	void (*warn)(void *arg, const char *text);
	/*
	 * The scan is about to wait for more, and 0 lets it; otherwise it ends
	 * with that result, a negative FLOWD_E*, and err set.
	 */
	int (*idle)(void *arg, struct flowd_error *err);
	/*
	 * From time to time: so many octets of all files that are known have
	 * been read. Other than 0 cancels the scan. What is not a file has no
	 * octets, and a capture has them when it is read.
	 */
	int (*progress)(void *arg, uint64_t done, uint64_t total);
	void *arg; /* of all */
	void *reserved[8];
};

/*
 * Find the files of the paths, and read the expression. NULL with err set on
 * failure: a path that is not there, or an expression that is none. A file that
 * cannot be read is an error when it is its turn.
 */
struct flowd_scan *flowd_scan_open(
    const struct flowd_scan_options *options, struct flowd_error *err);
/* Batches that were given out and have a reference live on. NULL is none. */
void flowd_scan_close(struct flowd_scan *s);

/*
 * The next flows that pass, all of which are in the batch, in the order of the
 * files. It is borrowed until the next call; a reference keeps it, and the scan
 * makes another one. Returns how many rows there are; 0 at the end, and batch
 * is NULL; or a negative FLOWD_E* with err set: flows before the bad place were
 * returned before, and all later calls fail in the same way. Of a scan that was
 * canceled that is FLOWD_ECANCELED, or 0 if it follows, as it has no other end.
 */
int flowd_scan_next(struct flowd_scan *s, const struct flowd_batch **batch,
    struct flowd_error *err);

/* A flow: a row of a batch, borrowed until the next call. */
struct flowd_flow {
	const struct flowd_batch *batch;
	size_t row;
};

/* The next flow. Returns 1, 0 at the end, or a negative FLOWD_E*, as above. */
int flowd_scan_next_flow(
    struct flowd_scan *s, struct flowd_flow *flow, struct flowd_error *err);

/*
 * End the scan soon: calls that read it return FLOWD_ECANCELED, unless it was
 * at its end before. One that follows reads what is there, and ends as a scan
 * that is done. May be called by any thread, and in a signal handler.
 */
void flowd_scan_cancel(struct flowd_scan *s);

/*
 * How many warnings there were, damage that was left out and flows that were
 * missed; last, unless it is NULL, is set to the last one.
 */
uint64_t flowd_scan_warnings(
    const struct flowd_scan *s, struct flowd_error *last);

/*
 * How many flows pass, without looking at more of them than must be; the scan
 * is at its end then. Returns 0, or a negative FLOWD_E* with err set, and flows
 * is how many were found before.
 */
int flowd_scan_count(
    struct flowd_scan *s, uint64_t *flows, struct flowd_error *err);

#ifdef __cplusplus
}
#endif

#endif
