/*
 * Reports: the state of a running flowd, as rows of typed cells.
 *
 * All reports and their fields are in one table, reports.def. A process appends
 * rows (report_row(), report_set_*()) and encodes them (report_encode()). The
 * receiver decodes the rows of several processes (report_decode()), which are
 * untrusted, and report_settle() joins rows with the same keys. show.h prints
 * them.
 *
 * Called by the processes of the daemon (flowd/ipc/responder.h,
 * flowd/control/control.h) and by flowctl.
 * Tests: test/unit/report/; fuzz: fuzz/fuzz_report.c.
 */
#ifndef FLOWD_REPORT_H
#define FLOWD_REPORT_H

#include "buf.h"
#include "result.h"
#include "wire.h"

enum report_kind {
#define REPORT(kind, word, layout, text) REPORT_OF_##kind,
#define FIELD(kind, name, type, join, show, title, metric, mname, text)
#include "reports.def"
#undef REPORT
#undef FIELD
	REPORT_KINDS
};

/* Fields are numbered through; those of a kind begin at its FIRST. */
enum report_field {
#define REPORT(kind, word, layout, text) \
	FIELD_##kind##_FIRST, FIELD_##kind##_BEFORE = FIELD_##kind##_FIRST - 1,
#define FIELD(kind, name, type, join, show, title, metric, mname, text) \
	FIELD_##kind##_##name,
#include "reports.def"
#undef REPORT
#undef FIELD
	REPORT_FIELDS
};

enum report_layout { REPORT_TABLE, REPORT_LIST, REPORT_ROWS };

enum report_type {
	REPORT_TEXT,
	REPORT_NUMBER,
	REPORT_COUNT,
	REPORT_OCTETS,
	REPORT_TIME, /* ns since 1970 */
	REPORT_DURATION, /* ns */
	REPORT_FLAG
};

enum report_join {
	JOIN_KEY,
	JOIN_SAME,
	JOIN_LABEL,
	JOIN_SUM,
	JOIN_MAX,
	JOIN_MIN
};

enum report_show {
	SHOW_ALWAYS,
	SHOW_NONZERO,
	SHOW_ROW,
	SHOW_BELOW,
	SHOW_DETAIL,
	SHOW_NEVER,
	SHOW_HIDDEN
};
enum report_metric { METRIC_NONE, METRIC_COUNTER, METRIC_GAUGE };

struct report_field_info {
	const char *name;
	enum report_type type;
	enum report_join join;
	enum report_show show;
	const char *title;
	enum report_metric metric;
	const char *metric_name;
	const char *text;
};

struct report_info {
	const char *word;
	enum report_layout layout;
	const char *text;
	unsigned first, nfields;
};

extern const struct report_field_info report_field_info[REPORT_FIELDS];
extern const struct report_info report_info[REPORT_KINDS];

enum {
	REPORT_FIELDS_MAX = 48, /* of a kind */
	REPORT_TEXT_MAX = 16 * 1024, /* octets of one text */
	REPORT_ROWS_MAX = 1024 * 1024
};

struct report_cell {
	bool there;
	uint32_t off, len; /* of a text, in texts */
	uint64_t number; /* of the others; times as their two's complement */
};

struct report {
	enum report_kind kind;
	size_t nrows;
	struct buf cells; /* struct report_cell, all fields of each row */
	struct buf texts; /* each with a 0 behind it */
};

/* max: octets of memory, twice. */
void report_init(struct report *r, enum report_kind kind, size_t max);
void report_fini(struct report *r);
/* Forget the rows; it may become of another kind. */
void report_reset(struct report *r, enum report_kind kind);
/* False when something did not fit: then rows are missing. */
bool report_ok(const struct report *r);

/* Begin a row, in which nothing is there yet; the calls below fill it. */
void report_row(struct report *r);
void report_set(struct report *r, enum report_field f, uint64_t number);
void report_set_ns(struct report *r, enum report_field f, int64_t ns);
/* A text is cut at its first 0 and past REPORT_TEXT_MAX. */
void report_set_text(struct report *r, enum report_field f, const char *text);
void report_set_bytes(struct report *r, enum report_field f, struct bytes b);

/* The cells of a row, from the kind's first field on. */
const struct report_cell *report_cells(const struct report *r, size_t row);
/* One cell, which is of the kind. */
const struct report_cell *report_at(const struct report *r, size_t row,
    enum report_field f);
/* The text of a cell, which ends with 0; "" when it is not there. */
const char *report_text(const struct report *r, const struct report_cell *c);

/*
 * Put rows in the order of their keys, numbers in texts by their value, and
 * join those whose keys are the same. False when out of memory.
 */
bool report_settle(struct report *r);

/*
 * Append the rows from row on to out, as many as fit into max octets, at
 * least one; with no rows an empty report. Returns the row to go on with. A
 * failure is in out: buf_ok().
 */
size_t report_encode(const struct report *r, size_t row, size_t max,
    struct buf *out);
/*
 * Append rows that were encoded; in is untrusted. Returns 0, FLOWD_EFORMAT,
 * FLOWD_EVERSION for one of another build, whose fields are others,
 * FLOWD_ENOMEM when it does not fit.
 */
int report_decode(struct report *r, struct bytes in);
/* The kind of encoded rows, or FLOWD_EFORMAT. */
int report_peek(struct bytes in);

#endif
