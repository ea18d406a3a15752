/*
 * Aligned text for people: a row a line, the share of the total behind what
 * adds up, and what is not shown as "other" above the total.
 */
#include "table.h"
#include "writer.h"

struct text_table {
	const struct dataset *dataset;
	struct style *style;
	struct table_column column[TABLE_COLUMNS];
	bool share[DATASET_COLUMNS]; /* behind it stands its share */
	unsigned ncolumns;
	struct buf value;
	struct table table;
};

/* As long as there is room for one more behind it. */
static void
add_columns(struct text_table *t)
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
put_share(struct text_table *t, const struct cell *cell, unsigned column)
{
	struct cell total = dataset_cell(t->dataset, DATASET_TOTAL, column);

	if (total.v.kind != VALUE_UINT || total.v.uint == 0)
		table_cell(&t->table, NULL);
	else
		table_cellf(&t->table, "%.1f",
		    (double)cell->v.uint * 100 / (double)total.v.uint);
}

static void
put_cell(struct text_table *t, size_t row, unsigned column)
{
	struct cell cell = dataset_cell(t->dataset, row, column);

	buf_reset(&t->value);
	cell_show(&cell, t->dataset->column[column].form, t->style, &t->value);
	buf_append_char(&t->value, '\0');
	table_cell(&t->table, (const char *)t->value.ptr);
	if (t->share[column])
		put_share(t, &cell, column);
}

static void
put_row(struct text_table *t, size_t row)
{
	bool other = dataset_is_other(t->dataset, row);

	for (unsigned i = 0; i < t->dataset->ncolumns; i++)
		if (other && i > 0 && t->dataset->column[i].key)
			table_cell(&t->table, i == 1 ? "other" : " ");
		else
			put_cell(t, row, i);
}

/* The name stands in the place of the first key. */
static void
put_rest(struct text_table *t, size_t row, const char *name)
{
	for (unsigned i = 0; i < t->dataset->ncolumns; i++)
		if (!t->dataset->column[i].key)
			put_cell(t, row, i);
		else
			table_cell(&t->table, i == 0 ? name : " ");
}

static int
text_put(const struct dataset *d, struct style *style, struct output *to,
    struct flowd_error *err)
{
	struct text_table t = { .dataset = d, .style = style };
	struct buf *out = &to->buf;

	add_columns(&t);
	buf_init(&t.value, 4096);
	table_init(&t.table, t.column, t.ncolumns);
	for (size_t row = 0; row < d->nrows; row++)
		put_row(&t, row);
	if (d->has_rest) {
		if (d->ngroups > d->nrows)
			put_rest(&t, DATASET_OTHER, "other");
		put_rest(&t, DATASET_TOTAL, "total");
	}
	if (d->title != NULL)
		buf_printf(out, "%s\n", d->title);
	table_put(&t.table, out);
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
