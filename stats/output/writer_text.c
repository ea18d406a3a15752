/*
 * Aligned text for people: a row a line, the share of the total behind what
 * adds up, and what is not shown as "other" above the total.
 */
#include "dataset_writer.h"
#include "table.h"

struct text_table {
	const struct dataset *dataset;
	struct style *style;
	struct table_column column[TABLE_COLUMNS];
	bool share[DATASET_COLUMNS]; /* behind it stands its share */
	unsigned ncolumns;
	unsigned bar_width; /* 0: there are no bars */
	double most; /* of what bars are of */
	struct buf value;
	struct table table;
};

enum {
	BAR_LEAST = 10,
	BAR_MOST = 60,
	GAP = 2 /* between columns */
};

/* As long as there is room for one more behind it. */
static void
text_add_columns(struct text_table *t)
{
	const struct dataset *d = t->dataset;

	for (unsigned i = 0; i < d->ncolumns; i++) {
		const struct dataset_column *c = &d->column[i];
		unsigned left = d->ncolumns - i;

		t->column[t->ncolumns++] = (struct table_column) { c->name,
			form_is_number(c->form) ? TABLE_RIGHT : TABLE_LEFT };
		t->share[i] =
		    c->sum && d->has_rest && t->ncolumns + left < TABLE_COLUMNS;
		if (t->share[i])
			t->column[t->ncolumns++] =
			    (struct table_column) { "%", TABLE_RIGHT };
	}
}

static void
text_put_share(struct text_table *t, const struct cell *cell, unsigned column)
{
	struct cell total = dataset_cell(t->dataset, DATASET_TOTAL, column);

	if (total.v.kind != VALUE_UINT || total.v.uint == 0)
		table_cell(&t->table, NULL);
	else
		table_cellf(&t->table, "%.1f",
		    (double)cell->v.uint * 100 / (double)total.v.uint);
}

static void
text_put_cell(struct text_table *t, size_t row, unsigned column)
{
	struct cell cell = dataset_cell(t->dataset, row, column);

	buf_reset(&t->value);
	cell_show(&cell, t->dataset->column[column].form, t->style, &t->value);
	buf_append_char(&t->value, '\0');
	table_cell(&t->table, (const char *)t->value.ptr);
	if (t->share[column])
		text_put_share(t, &cell, column);
}

static double
text_bar_value(const struct dataset *d, size_t row)
{
	struct cell cell = dataset_cell(d, row, d->chart);

	switch ((enum aggregate_kind)cell.v.kind) {
	case VALUE_UINT:
		return (double)cell.v.uint;
	case VALUE_REAL:
		return cell.v.real;
	case VALUE_NS:
		return (double)cell.v.ns;
	default:
		return 0;
	}
}

/* Others are mostly more than any group: they have no bar. */
static void
text_put_bar(struct text_table *t, size_t row)
{
	if (t->bar_width == 0)
		return;
	buf_reset(&t->value);
	if (row < DATASET_OTHER && !dataset_is_other(t->dataset, row) &&
	    t->most > 0)
		bar_put(&t->style->terminal,
		    text_bar_value(t->dataset, row) / t->most, t->bar_width,
		    &t->value);
	if (t->value.len == 0)
		buf_append_char(&t->value, ' ');
	buf_append_char(&t->value, '\0');
	table_cell(&t->table, (const char *)t->value.ptr);
}

static void
text_put_row(struct text_table *t, size_t row)
{
	bool other = dataset_is_other(t->dataset, row);

	for (unsigned i = 0; i < t->dataset->ncolumns; i++)
		if (other && i > 0 && t->dataset->column[i].key)
			table_cell(&t->table, i == 1 ? "other" : " ");
		else
			text_put_cell(t, row, i);
	text_put_bar(t, row);
}

/* The name stands in the place of the first key. */
static void
text_put_rest(struct text_table *t, size_t row, const char *name)
{
	for (unsigned i = 0; i < t->dataset->ncolumns; i++)
		if (!t->dataset->column[i].key)
			text_put_cell(t, row, i);
		else
			table_cell(&t->table, i == 0 ? name : " ");
	text_put_bar(t, row);
}

static void
text_put_rows(struct text_table *t)
{
	const struct dataset *d = t->dataset;

	table_init(&t->table, t->column, t->ncolumns);
	for (size_t row = 0; row < d->nrows; row++)
		text_put_row(t, row);
	if (!d->has_rest)
		return;
	if (d->has_other)
		text_put_rest(t, DATASET_OTHER, "other");
	text_put_rest(t, DATASET_TOTAL, "total");
}

/* The bars have what the other columns leave of the terminal. */
static void
text_add_bars(struct text_table *t)
{
	const struct dataset *d = t->dataset;
	unsigned used = 0, width = t->style->terminal.width;

	if (!t->style->chart || d->chart == 0 || t->ncolumns == TABLE_COLUMNS)
		return;
	for (unsigned i = 0; i < t->ncolumns; i++)
		used += (unsigned)t->table.width[i] + GAP;
	t->bar_width = used + BAR_LEAST > width ? BAR_LEAST
	    : width - used > BAR_MOST           ? BAR_MOST
						: width - used;
	for (size_t row = 0; row < d->nrows; row++)
		if (!dataset_is_other(d, row) &&
		    text_bar_value(d, row) > t->most)
			t->most = text_bar_value(d, row);
	t->column[t->ncolumns++] =
	    (struct table_column) { d->column[d->chart].name, TABLE_LEFT };
	table_fini(&t->table);
	text_put_rows(t);
}

/* Bars that are not there leave blanks at the end of lines. */
static void
text_strip_blanks(struct buf *out, size_t from)
{
	size_t n = from;

	for (size_t i = from; i < out->len; i++) {
		if (out->ptr[i] == '\n')
			while (n > from && out->ptr[n - 1] == ' ')
				n--;
		out->ptr[n++] = out->ptr[i];
	}
	out->len = n;
}

static int
text_put(const struct dataset *d, struct style *style, struct output *to,
    struct flowd_error *err)
{
	struct text_table t = { .dataset = d, .style = style };
	struct buf *out = &to->buf;
	size_t before;

	text_add_columns(&t);
	buf_init(&t.value, 4096);
	text_put_rows(&t);
	text_add_bars(&t);
	if (d->title != NULL)
		buf_printf(out, "%s\n", d->title);
	before = out->len;
	table_put(&t.table, out);
	text_strip_blanks(out, before);
	table_fini(&t.table);
	buf_fini(&t.value);
	if (!buf_ok(out))
		return flowd_fail(err, FLOWD_ENOMEM,
		    "the table is too large for text: -o csv and -o json have "
		    "no limit");
	return output_push(to, err);
}

const struct writer writer_text = {
	.name = "text",
	.people = true,
	.put = text_put,
};
