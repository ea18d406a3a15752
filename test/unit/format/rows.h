/*
 * What the tests of outputs share: a batch, a formatter and what it printed.
 */
#ifndef FLOWD_TEST_ROWS_H
#define FLOWD_TEST_ROWS_H

#include <stdlib.h>

#include "format.h"

enum {
	ROWS_MAX = 192
};

struct rows {
	struct batch *batch;
	struct formatter formatter;
	struct buf out;
};

/* Elements as a decoder's registry would have them: a type a number. */
static inline void
rows_lookup(uint32_t pen, uint16_t id, struct element_text *text)
{
	static const char *const names[] = { "anOctetArray", "anUnsigned",
		"aSigned", "aFloat", "aBoolean", "aString", "anIPv4Address",
		"anIPv6Address", "aMacAddress", "seconds", "milliseconds",
		"microseconds", "nanoseconds" };

	*text = (struct element_text) { .type = ELEMENT_OCTETS };
	if ((pen != PEN_IANA && pen != PEN_REVERSE) ||
	    id >= sizeof(names) / sizeof(names[0]))
		return;
	text->name = names[id];
	text->type = (uint8_t)id;
	text->reverse = pen == PEN_REVERSE;
}

static inline void
rows_init(struct rows *rows)
{
	rows->batch = batch_new(ROWS_MAX);
	if (rows->batch == NULL)
		abort();
	formatter_init(&rows->formatter, rows_lookup);
	buf_init(&rows->out, (size_t)16 * 1024 * 1024);
}

static inline void
rows_fini(struct rows *rows)
{
	batch_free(rows->batch);
	buf_fini(&rows->out);
}

/* The text of the selected rows, valid until the next call. */
static inline const char *
rows_print(struct rows *rows, const struct format *format)
{
	buf_reset(&rows->out);
	format->rows(&rows->formatter, rows->batch, &rows->out);
	buf_append_char(&rows->out, '\0');
	if (!buf_ok(&rows->out))
		abort();
	return (const char *)rows->out.ptr;
}

/* Begin a list of other elements in the row; entries are added to it. */
static inline void
rows_other(struct rows *rows, size_t row)
{
	struct span *span = &rows->batch->col[COL_other].span[row];

	*span = (struct span) { (uint32_t)rows->batch->heap_len, 0 };
	batch_mark(rows->batch, COL_other, row, 1);
}

static inline void
rows_element(struct rows *rows, size_t row, uint32_t pen, uint16_t id,
    const void *value, size_t len)
{
	uint8_t *p = batch_heap_take(rows->batch, OTHER_HEAD + len);

	if (p == NULL)
		abort();
	other_put_head(p, pen, id, (uint16_t)len);
	memcpy(p + OTHER_HEAD, value, len);
	rows->batch->col[COL_other].span[row].len +=
	    (uint32_t)(OTHER_HEAD + len);
}

#endif
