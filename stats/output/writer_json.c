/*
 * JSON: an object a line, whose keys are the names of the columns; null where
 * there is no value. "estimates" has the names of those that are estimates, and
 * "table" tells several data sets apart; "other" is true for what the groups of
 * a bin have that are not shown.
 */
#include "dataset_writer.h"
#include "utf8.h"

static void
json_put_string(const char *text, size_t len, struct buf *out)
{
	const uint8_t *p = (const uint8_t *)text;

	buf_append_char(out, '"');
	while (len > 0) {
		size_t n = utf8_len(p, len);

		if (n == 0)
			buf_append_text(out, "\\ufffd");
		else if (*p == '"' || *p == '\\')
			buf_printf(out, "\\%c", *p);
		else if (*p < ' ')
			buf_printf(out, "\\u%04x", *p);
		else
			buf_append(out, p, n);
		n = n > 0 ? n : 1;
		p += n;
		len -= n;
	}
	buf_append_char(out, '"');
}

static void
json_put_key(const char *name, const char **between, struct buf *out)
{
	buf_append_text(out, *between);
	json_put_string(name, strlen(name), out);
	buf_append_char(out, ':');
	*between = ",";
}

static void
json_put_value(const struct cell *cell, enum form form, struct style *style,
    struct buf *value, struct buf *out)
{
	buf_reset(value);
	cell_write(cell, form, style, value);
	if (cell->text == NULL && cell->v.kind == VALUE_NONE)
		buf_append_text(out, "null");
	else if (cell->text != NULL || form_is_text(form))
		json_put_string((const char *)value->ptr, value->len, out);
	else
		buf_append(out, value->ptr, value->len);
}

static void
json_put_estimates(const struct dataset *d, size_t row, struct buf *out)
{
	bool any = false;

	for (unsigned i = 0; i < d->ncolumns; i++) {
		if (!d->column[i].estimated ||
		    !dataset_cell(d, row, i).v.estimate)
			continue;
		buf_append_text(out, any ? "," : ",\"estimates\":[");
		json_put_string(
		    d->column[i].name, strlen(d->column[i].name), out);
		any = true;
	}
	if (any)
		buf_append_char(out, ']');
}

static void
json_put_row(const struct dataset *d, size_t row, struct style *style,
    struct buf *value, struct buf *out)
{
	const char *between = "{";

	if (d->title != NULL) {
		json_put_key("table", &between, out);
		json_put_string(d->title, strlen(d->title), out);
	}
	for (unsigned i = 0; i < d->ncolumns; i++) {
		struct cell cell = dataset_cell(d, row, i);

		json_put_key(d->column[i].name, &between, out);
		json_put_value(&cell, d->column[i].form, style, value, out);
	}
	if (dataset_is_other(d, row))
		buf_append_text(out, ",\"other\":true");
	json_put_estimates(d, row, out);
	buf_append_text(out, "}\n");
}

static int
json_put(const struct dataset *d, struct style *style, struct output *to,
    struct flowd_error *err)
{
	struct buf value;
	int bad = 0;

	buf_init(&value, 4096);
	for (size_t row = 0; row < d->nrows && bad == 0; row++) {
		json_put_row(d, row, style, &value, &to->buf);
		bad = output_push(to, err);
	}
	buf_fini(&value);
	return bad;
}

const struct writer writer_json = {
	.name = "json",
	.put = json_put,
};
