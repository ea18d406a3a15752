/*
 * CSV (RFC 4180, but with lines that end in a newline only): a header with
 * the names of the columns, then every column of every flow, empty where the
 * flow has no value. Values are as in JSON; "other" is its JSON object.
 */
#include "value.h"

enum {
	OTHER_TEXT_MAX = 4 * 1024 * 1024
};

/* The columns to print, in order. */
static size_t
choose_columns(const struct formatter *f, uint8_t cols[COL_COUNT])
{
	size_t n = 0, count = f->order != NULL ? f->norder : COL_COUNT;

	for (size_t i = 0; i < count; i++) {
		unsigned col = f->order != NULL ? f->order[i] : (unsigned)i;

		if (colset_has(&f->cols, col))
			cols[n++] = (uint8_t)col;
	}
	return n;
}

static void
csv_head(struct formatter *f, struct buf *out)
{
	uint8_t cols[COL_COUNT];
	size_t ncols = choose_columns(f, cols);

	for (size_t i = 0; i < ncols; i++) {
		if (i > 0)
			buf_append_char(out, ',');
		buf_append_text(out, column_info[cols[i]].name);
	}
	buf_append_char(out, '\n');
}

/* In quotes, with the quotes inside doubled. */
static void
append_quoted(struct buf *out, const struct buf *text)
{
	uint8_t *p = buf_room(out, 2 * text->len + 2), *from = p;

	if (p == NULL)
		return;
	*p++ = '"';
	for (size_t i = 0; i < text->len; i++) {
		if (text->ptr[i] == '"')
			*p++ = '"';
		*p++ = text->ptr[i];
	}
	*p++ = '"';
	out->len += (size_t)(p - from);
}

static void
append_other(struct formatter *f, const struct batch *batch, size_t row,
    struct buf *out)
{
	struct buf text;

	buf_init(&text, OTHER_TEXT_MAX);
	other_put(&text, batch_bytes(batch, COL_other, row), f);
	if (buf_ok(&text))
		append_quoted(out, &text);
	else
		out->failed = true;
	buf_fini(&text);
}

static void
append_value(struct formatter *f, const struct batch *batch, unsigned col,
    size_t row, struct buf *out)
{
	char *p = (char *)buf_room(out, VALUE_MAX), *from = p;

	if (p == NULL)
		return;
	p = value_put(p, batch, col, row, &f->utc);
	out->len += (size_t)(p - from);
}

static void
csv_row(struct formatter *f, const struct batch *batch, size_t row,
    const uint8_t *cols, size_t ncols, struct buf *out)
{
	for (size_t i = 0; i < ncols; i++) {
		if (i > 0)
			buf_append_char(out, ',');
		if (!batch_has(batch, cols[i], row))
			continue;
		if (cols[i] == COL_other)
			append_other(f, batch, row, out);
		else
			append_value(f, batch, cols[i], row, out);
	}
	buf_append_char(out, '\n');
}

static void
csv_rows(struct formatter *f, const struct batch *batch, struct buf *out)
{
	uint8_t cols[COL_COUNT];
	size_t ncols = choose_columns(f, cols);

	for (size_t row = bitmap_next(batch->selected, 0, batch->nrows);
	    row < batch->nrows;
	    row = bitmap_next(batch->selected, row + 1, batch->nrows))
		csv_row(f, batch, row, cols, ncols, out);
}

const struct format format_csv = {
	.name = "csv",
	.head = csv_head,
	.rows = csv_rows,
};
