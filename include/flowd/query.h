/*
 * Queries: flows grouped by keys, and what is told of each group; the engine of
 * flowd-stats(1), which describes keys and measures.
 *
 *	struct flowd_query_options o = { .keys = "src_addr/24",
 *		.measures = "octets,flows", .groups_max = 10 };
 *	struct flowd_query *q = flowd_query_new(&o, &err);
 *	struct flowd_scan *scan = flowd_query_scan(q, &what, &err);
 *
 *	flowd_query_run(q, scan, &err);
 *	groups = flowd_query_groups(q, &err);
 *	for (size_t row = 0; row < flowd_groups_rows(groups); row++)
 *		flowd_groups_value(groups, row, column, &value) ...
 *
 * Objects are used by one thread at a time; a query reads with several. Only
 * flowd_scan_cancel() of its scan may be called by others meanwhile. Groups and
 * their query are used by the same thread at a time.
 */
#ifndef LIBFLOWD_QUERY_H
#define LIBFLOWD_QUERY_H

#include <flowd/scan.h>

#ifdef __cplusplus
extern "C" {
#endif

struct flowd_query;
struct flowd_groups;

/* Which groups there are with bins, keys and groups_max; see flowd-stats(1). */
enum flowd_series {
	FLOWD_SERIES_EACH = 0,	/* the first ones of each bin */
	FLOWD_SERIES_AVERAGE = 1, /* the same in all: first by their average, */
	FLOWD_SERIES_MAX = 2,	/* by their greatest bin, */
	FLOWD_SERIES_LAST = 3	/* by the last bin */
};

/* All that is 0 or NULL has a default. Texts are copied. */
struct flowd_query_options {
	const char *keys;	/* "src_addr/24,dst_port"; NULL: one group */
	const char *measures;	/* "flows,p95(octets)"; NULL:
				 * "flows,packets,octets" */
	/* The measure that orders groups, or "key"; NULL: the first one. */
	const char *order;
	int ascending;		/* the least is first; keys always ascend */
	uint64_t groups_max;	/* first ones, or of each bin; 0: all */
	uint64_t bin_ns;	/* bins of time of this width; 0: none */
	int bin_by_end;		/* a flow is in the bin in which it ends */
	int series;		/* enum flowd_series */
	int scale;		/* octets and packets by the sampling rate */
	int utc;		/* of hours, days and bins; else local time */
	uint64_t memory;	/* octets that groups may take; 0: no limit */
	/*
	 * A folder for a temporary file with the groups that take more. NULL:
	 * none, and flowd_query_run() fails then.
	 */
	const char *temp_directory;
	/*
	 * Only groups for which all of these hold: "octets>1M", "flows>=10".
	 * Ends in NULL; NULL: all groups.
	 */
	const char *const *having;
	/*
	 * A file of rules, as flowd-reader -f has it, of which keys may name
	 * tables. Its rules have no effect here; NULL: none.
	 */
	const char *tables;
	/*
	 * A state file of flowd, see flowd-state(5), for the names of
	 * interfaces that keys such as if_in_name have; those that captures
	 * bring are known anyway. NULL: none.
	 */
	const char *state;
	void *reserved[8];
};

/*
 * options may be NULL. Returns NULL with err set, as for a key that there is
 * not.
 */
struct flowd_query *flowd_query_new(
    const struct flowd_query_options *options, struct flowd_error *err);
/*
 * Its groups and scans live on: they have references to what they use, and may
 * be freed in any order. NULL is none.
 */
void flowd_query_free(struct flowd_query *q);

/*
 * Open a scan that reads what the query needs; columns of the options have no
 * effect. It is the caller's, and of use for flowd_query_run() only. NULL with
 * err set.
 */
struct flowd_scan *flowd_query_scan(struct flowd_query *q,
    const struct flowd_scan_options *options, struct flowd_error *err);
/*
 * Take in all flows of such a scan, which is at its end then. May be called
 * again, with another scan. Returns 0, or a negative FLOWD_E* with err set:
 * FLOWD_ENOMEM when groups take more than they may, FLOWD_EINVAL when the scan
 * is not of this query, FLOWD_ECANCELED when it was canceled. Flows that were
 * taken in before a failure are in the groups.
 */
int flowd_query_run(struct flowd_query *q, struct flowd_scan *s,
    struct flowd_error *err);

/* --- Groups --- */

/* As they are now, and stay; NULL with err set. */
struct flowd_groups *flowd_query_groups(
    struct flowd_query *q, struct flowd_error *err);
/* NULL is none. */
void flowd_groups_free(struct flowd_groups *g);

size_t flowd_groups_rows(const struct flowd_groups *g);
/* Columns: the bin if there is one, the keys, the measures. */
size_t flowd_groups_columns(const struct flowd_groups *g);
/* How many of them, the first ones, are of the key. */
size_t flowd_groups_keys(const struct flowd_groups *g);
/* "bin", or as it was asked for; NULL past the last. Borrowed. */
const char *flowd_groups_name(const struct flowd_groups *g, size_t column);

enum flowd_value_kind {
	FLOWD_VALUE_NONE = 0,	/* none, as of the average of no flow */
	FLOWD_VALUE_UINT = 1,
	FLOWD_VALUE_REAL = 2,
	FLOWD_VALUE_TIME = 3,	/* ns since 1970-01-01 UTC */
	FLOWD_VALUE_NS = 4,	/* a span of time */
	FLOWD_VALUE_ADDR = 5,	/* an address, or a network of prefix bits */
	/* A name, ended by a 0; borrowed until its query runs again. */
	FLOWD_VALUE_TEXT = 6,
	FLOWD_VALUE_OCTETS = 7	/* of an element, as on the wire; borrowed */
};

struct flowd_value {
	int kind;		/* enum flowd_value_kind */
	int estimate;		/* within a known error; see flowd-stats(1) */
	unsigned prefix;	/* ADDR: 32 or 128 is a host */
	union {
		uint64_t uint;
		double real;
		int64_t ns;	/* TIME, NS */
		const char *text; /* TEXT */
		const uint8_t *octets; /* OCTETS */
	};
	size_t length;		/* TEXT, OCTETS */
	struct flowd_addr addr;
};

/* Rows beside the groups: what is not shown, and all together. */
#define FLOWD_ROW_OTHER (SIZE_MAX - 1)
#define FLOWD_ROW_TOTAL SIZE_MAX

/*
 * A value of a row, of FLOWD_ROW_OTHER or of FLOWD_ROW_TOTAL, which have no
 * keys. Returns 0, or FLOWD_EINVAL when there is no such row or column.
 */
int flowd_groups_value(const struct flowd_groups *g, size_t row,
    size_t column, struct flowd_value *value);
/* Is a row what groups of its bin have that are not shown? 1 or 0. */
int flowd_groups_is_other(const struct flowd_groups *g, size_t row);

/* What is to be said beside the groups. */
struct flowd_notes {
	uint64_t flows;		/* that passed */
	uint64_t groups;	/* of which the first ones are shown */
	uint64_t unscaled;	/* flows whose sampling rate is not known */
	uint64_t timeless;	/* flows without any time: in no bin */
	uint64_t too_long;	/* flows that span too many bins */
	int saturated;		/* a sum is greater than 2^64 - 1 */
	uint64_t reserved[4];
};

void flowd_groups_notes(
    const struct flowd_groups *g, struct flowd_notes *notes);

#ifdef __cplusplus
}
#endif

#endif
