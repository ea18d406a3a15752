/*
 * CSV (RFC 4180): a header with the names of the columns, then a line a row.
 * Where values may be estimates, a column behind the others has the names of
 * those that are.
 */
#include "dataset_writer.h"

static void
csv_put_field(const char *text, size_t len, struct buf *out)
{
	bool quoted = false;

	for (size_t i = 0; i < len && !quoted; i++)
		quoted = strchr(",\"\r\n", text[i]) != NULL;
	if (!quoted) {
		buf_append(out, text, len);
		return;
	}
	buf_append_char(out, '"');
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"')
			buf_append_char(out, '"');
		buf_append_char(out, text[i]);
	}
	buf_append_char(out, '"');
}

static bool
csv_may_estimate(const struct dataset *d)
{
	for (unsigned i = 0; i < d->ncolumns; i++)
		if (d->column[i].estimated)
			return true;
	return false;
}

static void
csv_put_head(const struct dataset *d, struct buf *out)
{
	if (d->title != NULL)
		buf_append_text(out, "table,");
	for (unsigned i = 0; i < d->ncolumns; i++) {
		if (i > 0)
			buf_append_char(out, ',');
		csv_put_field(
		    d->column[i].name, strlen(d->column[i].name), out);
	}
	if (d->is_other != NULL)
		buf_append_text(out, ",other");
	if (csv_may_estimate(d))
		buf_append_text(out, ",estimates");
	buf_append_char(out, '\n');
}

/* Names of the columns whose values are, with blanks between. */
static void
csv_put_estimates(const struct dataset *d, size_t row, struct buf *out)
{
	const char *between = "";

	for (unsigned i = 0; i < d->ncolumns; i++) {
		if (!d->column[i].estimated ||
		    !dataset_cell(d, row, i).v.estimate)
			continue;
		buf_printf(out, "%s%s", between, d->column[i].name);
		between = " ";
	}
}

static void
csv_put_row(const struct dataset *d, size_t row, struct style *style,
    struct buf *value, struct buf *out)
{
	if (d->title != NULL) {
		csv_put_field(d->title, strlen(d->title), out);
		buf_append_char(out, ',');
	}
	for (unsigned i = 0; i < d->ncolumns; i++) {
		struct cell cell = dataset_cell(d, row, i);

		if (i > 0)
			buf_append_char(out, ',');
		buf_reset(value);
		cell_write(&cell, d->column[i].form, style, value);
		csv_put_field((const char *)value->ptr, value->len, out);
	}
	if (d->is_other != NULL)
		buf_append_text(out, dataset_is_other(d, row) ? ",1" : ",0");
	if (csv_may_estimate(d)) {
		buf_append_char(out, ',');
		csv_put_estimates(d, row, out);
	}
	buf_append_char(out, '\n');
}

static int
csv_put(const struct dataset *d, struct style *style, struct output *to,
    struct flowd_error *err)
{
	struct buf value;
	int bad = 0;

	buf_init(&value, 4096);
	csv_put_head(d, &to->buf);
	for (size_t row = 0; row < d->nrows && bad == 0; row++) {
		csv_put_row(d, row, style, &value, &to->buf);
		bad = output_push(to, err);
	}
	buf_fini(&value);
	return bad;
}

const struct writer writer_csv = {
	.name = "csv",
	.put = csv_put,
};
