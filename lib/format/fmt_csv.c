/*
 * CSV (RFC 4180, but with lines that end in a newline only): a header with
 * the names of the columns, then every column of every flow, empty where the
 * flow has no value. Values are as in JSON; "other" is its JSON object.
 * Test: test/unit/format/test_csv.c.
 */
#include "value.h"

enum {
	/* Octets of a row: a value and a comma for every column. */
	ROW_MAX = COL_COUNT * (VALUE_MAX + 1)
};

static void
csv_head(struct formatter *f, struct buf *out)
{
	uint8_t cols[COL_COUNT];
	size_t ncols = formatter_columns(f, cols);

	for (size_t i = 0; i < ncols; i++) {
		if (i > 0)
			buf_append_char(out, ',');
		buf_append_text(out, column_info[cols[i]].name);
	}
	buf_append_char(out, '\n');
}

/* Quotes the text from start on, and doubles the quotes in it. */
static void
csv_quote(struct buf *out, size_t start)
{
	size_t len = out->len - start, quotes = 2;
	uint8_t *from, *to;

	for (size_t i = start; i < out->len; i++)
		quotes += out->ptr[i] == '"';
	if (buf_room(out, quotes) == NULL)
		return;
	from = out->ptr + out->len;
	out->len += quotes;
	to = out->ptr + out->len;
	*--to = '"';
	while (len-- > 0) {
		*--to = *--from;
		if (*from == '"')
			*--to = '"';
	}
	*--to = '"';
}

static void
append_other(struct formatter *f, const struct batch *batch, size_t row,
    struct buf *out)
{
	size_t start = out->len;

	other_put(out, batch_bytes(batch, COL_other, row), f);
	if (buf_ok(out))
		csv_quote(out, start);
}

static void
append_row(struct formatter *f, const struct batch *batch, size_t row,
    const struct value_column *cols, size_t ncols, struct buf *out)
{
	char *start = (char *)buf_room(out, ROW_MAX), *p = start;

	if (p == NULL)
		return;
	for (size_t i = 0; i < ncols; i++) {
		const struct value_column *col = &cols[i];

		if (i > 0)
			*p++ = ',';
		if (!bitmap_test(col->valid, row))
			continue;
		if (col->put != NULL) {
			p = col->put(p, col->column, row, &f->utc);
			continue;
		}
		out->len += (size_t)(p - start);
		append_other(f, batch, row, out);
		p = start = (char *)buf_room(out, ROW_MAX);
		if (p == NULL)
			return;
	}
	*p++ = '\n';
	out->len += (size_t)(p - start);
}

static void
csv_rows(struct formatter *f, const struct batch *batch, struct buf *out)
{
	struct value_column cols[COL_COUNT];
	size_t ncols = value_columns(f, batch, cols);

	BITMAP_FOREACH(row, batch->selected, 0, batch->nrows)
		append_row(f, batch, row, cols, ncols, out);
}

const struct format format_csv = {
	.name = "csv",
	.head = csv_head,
	.rows = csv_rows,
};
