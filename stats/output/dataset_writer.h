/*
 * Writers: data sets as text, CSV and JSON, one const descriptor each.
 *
 * Called by the reports. Test: test/program/stats/test_stats.py.
 */
#ifndef STATS_DATASET_WRITER_H
#define STATS_DATASET_WRITER_H

#include "cell.h"
#include "output.h"

struct writer {
	const char *name;
	bool people; /* read it, else programs do */
	/* Append a data set. 0, or a negative FLOWD_E* with err set. */
	int (*put)(const struct dataset *d, struct style *style,
	    struct output *to, struct flowd_error *err);
};

extern const struct writer writer_text; /* an aligned table */
extern const struct writer writer_csv; /* RFC 4180, with a header */
extern const struct writer writer_json; /* an object a line */

/* The one of this name, or NULL. */
const struct writer *writer_by_name(const char *name);

#endif
