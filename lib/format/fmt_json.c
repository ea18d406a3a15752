/*
 * JSON: one object a line. The keys are the names of the columns; absent values
 * have no key. Addresses, MACs and times are strings, times in UTC as in RFC
 * 3339; all others are numbers. Elements without a column are in "other". Test:
 * test/unit/format/test_json.c.
 */
#include "value.h"

enum {
	KEY_MAX = 32,
	/* Octets of a row: a key and a value for every column. */
	ROW_MAX = COL_COUNT * (KEY_MAX + VALUE_MAX)
};

/*
 * ,"name": and the opening quote of a string. All have one size, so that a copy
 * is two instructions.
 */
struct json_key {
	char text[KEY_MAX];
	uint8_t len;		/* with the quote */
};

/* The text always ends with the quote; len includes it for strings only. */
#define COLUMN(id, name, type, unit, classic, flags, doc) \
	[COL_##name] = { ",\"" #name "\":\"", sizeof(",\"" #name "\":") - 1 },
static const struct json_key keys[COL_COUNT] = {
#include "columns.def"
};
#undef COLUMN

static void
append_other(struct formatter *f, const struct batch *batch, size_t row,
    struct buf *out)
{
	buf_append(out, keys[COL_other].text, keys[COL_other].len);
	other_put(out, batch_bytes(batch, COL_other, row), f);
}

static inline char *
put_column(char *p, const struct value_column *col, size_t row,
    struct clock *clock)
{
	const struct json_key *key = &keys[col->index];

	memcpy(p, key->text, KEY_MAX);
	p = col->put(p + key->len + col->quoted, col->column, row, clock);
	*p = '"';
	return p + col->quoted;
}

/* The columns of one row, separated by commas. */
static void
append_columns(struct formatter *f, const struct batch *batch, size_t row,
    const struct value_column *cols, size_t ncols, struct buf *out)
{
	char *start = (char *)buf_room(out, ROW_MAX), *p = start;

	if (p == NULL)
		return;
	for (size_t i = 0; i < ncols; i++) {
		const struct value_column *col = &cols[i];

		if (!bitmap_test(col->valid, row))
			continue;
		if (col->put != NULL) {
			p = put_column(p, col, row, &f->utc);
			continue;
		}
		out->len += (size_t)(p - start);
		append_other(f, batch, row, out);
		p = start = (char *)buf_room(out, ROW_MAX);
		if (p == NULL)
			return;
	}
	out->len += (size_t)(p - start);
}

static void
append_row(struct formatter *f, const struct batch *batch, size_t row,
    const struct value_column *cols, size_t ncols, struct buf *out)
{
	size_t start = out->len;

	append_columns(f, batch, row, cols, ncols, out);
	if (!buf_ok(out))
		return;
	/* Replaces the first comma by the brace that opens the object. */
	if (out->len == start)
		buf_append_char(out, '{');
	else
		out->ptr[start] = '{';
	buf_append(out, "}\n", 2);
}

static void
json_rows(struct formatter *f, const struct batch *batch, struct buf *out)
{
	struct value_column cols[COL_COUNT];
	size_t ncols = value_columns(f, batch, cols), nused = 0;

	for (size_t i = 0; i < ncols; i++)
		if (colset_has(&batch->used, cols[i].index))
			cols[nused++] = cols[i];
	BITMAP_FOREACH(row, batch->selected, 0, batch->nrows)
		append_row(f, batch, row, cols, nused, out);
}

const struct format format_json = {
	.name = "json",
	.rows = json_rows,
};
