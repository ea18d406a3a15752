/*
 * Flows as text, one a line, as flowd-reader(8) prints them.
 *
 * A formatter is used by one thread at a time. It opens nothing and prints
 * nothing: the text is in its memory, until the next call with it.
 */
#ifndef LIBFLOWD_FORMAT_H
#define LIBFLOWD_FORMAT_H

#include <flowd/batch.h>

#ifdef __cplusplus
extern "C" {
#endif

struct flowd_formatter;

enum flowd_format {
	FLOWD_FORMAT_TEXT = 0,	/* FLOW recv_time ... */
	FLOWD_FORMAT_FLOWTOOLS = 1, /* the classic CSV, of flow-tools */
	FLOWD_FORMAT_JSON = 2,	/* one object a line */
	FLOWD_FORMAT_CSV = 3	/* a head, and the columns */
};

/* Fields of the classic text; those of a log record of version 3. */
enum {
	FLOWD_FIELDS_BRIEF = 0x39ff,	/* what flowd-reader prints unasked */
	FLOWD_FIELDS_ALL = 0x4007ffff	/* flowd-reader -v */
};
#define FLOWD_FIELDS_NONE 0x80000000U	/* no field, as 0 is the default */

struct flowd_format_options {
	int format;		/* enum flowd_format */
	int utc;		/* text: times are in UTC, not in local time */
	uint32_t fields;	/* text: 0 is FLOWD_FIELDS_BRIEF */
	const char *columns;	/* json, csv: which, in this order; NULL: all */
	void *reserved[4];
};

/* Texts are copied; options may be NULL. NULL with err set on failure. */
struct flowd_formatter *flowd_formatter_new(
    const struct flowd_format_options *options, struct flowd_error *err);
void flowd_formatter_free(struct flowd_formatter *f);

/*
 * The columns that are printed, and those that they are worked out of, as a
 * list for the options of a scan. Borrowed.
 */
const char *flowd_formatter_columns(const struct flowd_formatter *f);

/*
 * What stands once before all flows: len may be 0. Functions return 0, or a
 * negative FLOWD_E* with err set. Lines end in a newline; the text is ended by
 * a 0, too.
 */
int flowd_formatter_head(struct flowd_formatter *f, const char **text,
    size_t *len, struct flowd_error *err);
/* n rows of a batch, from first on, as far as there are so many. */
int flowd_formatter_rows(struct flowd_formatter *f,
    const struct flowd_batch *batch, size_t first, size_t n,
    const char **text, size_t *len, struct flowd_error *err);

#ifdef __cplusplus
}
#endif

#endif
