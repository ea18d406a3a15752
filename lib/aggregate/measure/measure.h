/*
 * Measures: values that are computed for each group of flows, such as a sum, a
 * rate or a percentile. A measure is computed from states, words that are
 * updated for each flow (measure_state.h); measures share them.
 *
 * Called by aggregate_run.c, aggregate_result.c, and by programs to read the
 * texts of their options. Test: test/unit/aggregate/test_measure.c.
 */
#ifndef FLOWD_MEASURE_H
#define FLOWD_MEASURE_H

#include "buf.h"
#include "columns.h"
#include "result.h"

enum {
	MEASURES = 24, /* of an output, at most */
	MEASURE_NAME_MAX = 48
};

/* Values of a flow that are computed from columns; numbered after these. */
enum input {
	INPUT_BEGIN = COL_COUNT, /* when the flow began, or its time */
	INPUT_END, /* when it ended, or its time */
	INPUT_DURATION, /* microseconds from flow_start to flow_end */
	INPUT_COUNT
};

enum measure_function {
	MEASURE_FLOWS,
	MEASURE_SUM,
	MEASURE_MIN,
	MEASURE_MAX,
	MEASURE_AVG,
	MEASURE_PERCENTILE,
	MEASURE_DISTINCT, /* how many values */
	MEASURE_RATE, /* sum a second, over the time that the group spans */
	MEASURE_RATIO, /* octets a packet */
	MEASURE_SPAN /* ns from the first to the last */
};

/* The type of a measure. */
enum measure_type {
	MEASURE_UINT,
	MEASURE_REAL,
	MEASURE_TIME, /* ns since 1970 */
	MEASURE_NS /* a time span */
};

struct measure {
	char name[MEASURE_NAME_MAX]; /* as given: "p95(octets)" */
	uint8_t function; /* enum measure_function */
	uint8_t type; /* enum measure_type */
	uint8_t unit; /* enum column_unit of what is summed */
	uint8_t input; /* enum column_index or enum input; of RATIO and SPAN,
			* the first of two */
	uint16_t factor; /* of RATE: 8 for bits */
	uint16_t permille; /* of PERCENTILE: 950 for the 95th */
};

struct measures {
	struct measure measure[MEASURES];
	unsigned n;
};

/*
 * Append a list of measures, "flows,sum(octets),p95(octets)". Returns 0, or
 * FLOWD_EINVAL with err set, which suggests a word.
 */
int measures_parse(
    struct measures *m, const char *text, struct flowd_error *err);
/* The measure of this name, or -1. */
int measures_find(const struct measures *m, const char *name);

/* Columns that an input comes from. */
struct colset input_columns(unsigned input);

/* Append a line for each word of a measure. */
void measures_describe(struct buf *out);

#endif
