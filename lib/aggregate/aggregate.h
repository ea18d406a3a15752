/*
 * Aggregation: groups the flows of a scan by keys and computes measures of each
 * group. One scan may feed several outputs: a total, a series and top lists.
 *
 *	struct aggregate *a = aggregate_new(&plan, &err);
 *
 *	aggregate_want(a, &scan_plan);
 *	scan = scan_open(&scan_plan, &err);
 *	aggregate_run(a, scan, &err);
 *	result = aggregate_result(a, 0, &err);
 *	for (size_t row = 0; row < result->nrows; row++)
 *		aggregate_key(result, row, part, &value) ...
 *
 * The stages, in their order:
 *
 *	scan	threads, a block each; rows that pass the predicate
 *	group	groups of a thread, few enough for its cache
 *		(local_groups.h): indexed by code where one part of the key
 *		varies (code_groups.h), else found by a hash of the key
 *	merge	these go through buffers (group_buffers.h) to partitions,
 *		which threads share, each with a lock (partition.h)
 *	result	groups that pass having, in order, up to a limit; of many
 *		each thread collects those of some partitions
 *
 * Results depend neither on the number of threads nor on the order of flows.
 * Several threads may use an aggregate each.
 *
 * Called by flowd-stats. Test: test/unit/aggregate/test_aggregate*.c,
 * test/program/stats/test_stats_reference.py, which compares with SQLite.
 */
#ifndef FLOWD_AGGREGATE_H
#define FLOWD_AGGREGATE_H

#include "addr.h"
#include "civil.h"
#include "key.h"
#include "measure.h"
#include "scan.h"

enum {
	AGGREGATE_OUTPUTS = 64,
	AGGREGATE_HAVING = 8
};

/* Groups pass whose measure compares so with a value. */
enum having_test {
	HAVING_LESS,
	HAVING_AT_MOST,
	HAVING_EQUAL,
	HAVING_NOT,
	HAVING_AT_LEAST,
	HAVING_MORE
};

/* The value is of the type of the measure. */
struct aggregate_having {
	uint8_t measure; /* index among those of the output */
	uint8_t test; /* enum having_test */
	bool fraction; /* MEASURE_UINT: the value is more than uint, and less
			* than uint + 1 */
	union {
		uint64_t uint; /* MEASURE_UINT */
		double real; /* MEASURE_REAL */
		int64_t ns; /* MEASURE_TIME, MEASURE_NS */
	};
	int64_t last_ns; /* of a time that is an interval, as a day, its end */
};

enum { ORDER_BY_KEY = -1 };

/*
 * The groups of a result with time bins and a key, if there is a limit: the
 * first ones of each bin; or, in all bins, those whose keys are first by their
 * average over all bins, by their greatest bin, or by the last bin. Each bin
 * has a row for the sum of the others.
 */
enum series {
	SERIES_EACH,
	SERIES_AVERAGE,
	SERIES_MAX,
	SERIES_LAST
};

struct aggregate_output {
	struct key key; /* without parts: all flows are one group */
	struct measures measures;
	/*
	 * Time bins: 0 for none. A bin is the first part of the key of a
	 * result. Flows are spread over the bins that they span in proportion;
	 * with bin_by_end they are in the bin in which they end. Bins of whole
	 * days begin at midnight in the zone of the plan, others at multiples
	 * of their width from its midnight.
	 */
	uint64_t bin_ns;
	bool bin_by_end;
	int order; /* the measure by which groups are ordered */
	bool ascending; /* else the greatest is first; keys always ascend */
	uint64_t limit; /* groups of the result; 0: all */
	uint8_t series; /* enum series: which groups these are, with bins */
	struct aggregate_having having[AGGREGATE_HAVING];
	unsigned nhaving;
};

/* Outputs are copied. */
struct aggregate_plan {
	const struct aggregate_output *outputs;
	unsigned noutputs;
	struct zone zone; /* of days, hours and bins */
	int64_t now_ns; /* for the present offset of the zone from UTC */
	size_t memory; /* octets that groups may take; 0: no limit */
	/*
	 * Octets that the rows of a result may take, which are copies of
	 * groups; 0: no limit.
	 */
	size_t result_memory;
	/*
	 * A file that nobody else uses, open for reading and writing, for
	 * groups that take more; borrowed. 0 or less: none, and it is an error.
	 */
	int spill_fd;
	uint64_t seed; /* of hashes: what senders of flows cannot know */
	/*
	 * Octets and packets times the sampling rate of each flow. Flows whose
	 * rate is not known are counted in notes, and as they are.
	 */
	bool scale;
	unsigned threads; /* of a result, at most; 0: as many as pay off */
};

/* What users should know about a result. */
struct aggregate_notes {
	uint64_t flows; /* that passed */
	uint64_t unscaled; /* flows whose sampling rate is not known */
	uint64_t timeless; /* flows without any time: in no bin */
	uint64_t too_long; /* flows that span too many bins: in the last */
	bool saturated; /* a sum is greater than 2^64 - 1 */
	const char *missing; /* an element in the key that no flow has; or
			      * NULL; borrowed from the aggregate */
};

struct aggregate;

/* NULL with err set. */
struct aggregate *aggregate_new(
    const struct aggregate_plan *plan, struct flowd_error *err);
void aggregate_free(struct aggregate *a);

/* Add the columns that are used to the plan of a scan. */
void aggregate_want(const struct aggregate *a, struct scan_plan *plan);

/*
 * Take in all flows of a scan. May be called again, with another scan. Returns
 * 0, or a negative FLOWD_E* with err set: FLOWD_ENOMEM when groups take more
 * than the memory of the plan.
 */
int aggregate_run(
    struct aggregate *a, struct scan *scan, struct flowd_error *err);

/* As a consumer for scan_run(), which an aggregate is the arg of. */
extern const struct scan_consumer aggregate_consumer;

/* --- Results --- */

enum aggregate_kind {
	VALUE_NONE, /* there is none, as of the average of no flow */
	VALUE_UINT,
	VALUE_REAL,
	VALUE_TIME, /* ns */
	VALUE_NS, /* ns */
	VALUE_ADDR, /* with the length of the prefix */
	VALUE_TEXT, /* borrowed from what the key names */
	VALUE_OCTETS /* of an element, borrowed from the aggregate */
};

struct aggregate_value {
	uint8_t kind; /* enum aggregate_kind */
	bool estimate; /* it is within a known error; see flowd-stats(1) */
	uint8_t prefix; /* of ADDR */
	uint8_t element; /* of OCTETS: enum element_type */
	/*
	 * It stands for a number, which is the value of the key and orders it:
	 * that of an entry of a table, or of an interface.
	 */
	bool named;
	uint64_t number;
	union {
		uint64_t uint;
		double real;
		int64_t ns;
		struct addr addr;
		const char *text;
		struct bytes octets;
	};
};

/*
 * The groups of an output, as they are at this moment: more flows do not change
 * a result. It is freed before the aggregate.
 */
struct aggregate_result {
	const struct aggregate_output *output;
	struct key key; /* of output, behind the bin if there are bins */
	size_t nrows; /* up to the limit */
	uint64_t ngroups; /* that pass having */
	struct aggregate_notes notes;
	/* For aggregate_key() and aggregate_measure(). */
	struct aggregate_group *group;
	struct aggregate_row *rows, *other, *total;
};

/* Rows for the sum of all groups that are not rows, and of all groups. */
#define AGGREGATE_OTHER (SIZE_MAX - 1)
#define AGGREGATE_TOTAL SIZE_MAX

/* NULL with err set: FLOWD_ENOMEM when rows take more than they may. */
struct aggregate_result *aggregate_result(
    struct aggregate *a, unsigned output, struct flowd_error *err);
/* The same groups in another order, the greatest first, and another limit. */
struct aggregate_result *aggregate_result_by(struct aggregate *a,
    unsigned output, int order, uint64_t limit, struct flowd_error *err);
void aggregate_result_free(struct aggregate_result *r);

/* Is a row the sum of the other groups of its bin? With bins and keys only. */
bool aggregate_is_other(const struct aggregate_result *r, size_t row);
/* A part of the key of a row; the sum of others has only a bin. */
void aggregate_key(const struct aggregate_result *r, size_t row,
    unsigned part, struct aggregate_value *v);
/* A measure of a row, or of AGGREGATE_OTHER or AGGREGATE_TOTAL. */
void aggregate_measure(const struct aggregate_result *r, size_t row,
    unsigned measure, struct aggregate_value *v);

#endif
