/*
 * JSON: one object a line. The keys are the names of the columns; what a flow
 * lacks is absent. Addresses, MACs and times are strings, times in UTC as in
 * RFC 3339; all else are numbers. Elements without a column are in "other".
 */
#include "value.h"

/* ,"name": as it stands in front of a value. */
enum {
	KEY_MAX = 32,
	ROW_MAX = COL_COUNT * (KEY_MAX + VALUE_MAX)
};

/* Of one size, so that they are copied by two instructions. */
struct json_key {
	char text[KEY_MAX];
	size_t len;
};

#define COLUMN(id, name, type, unit, classic, flags, doc) \
	[COL_##name] = { ",\"" #name "\":", sizeof(",\"" #name "\":") - 1 },
static const struct json_key keys[COL_COUNT] = {
#include "columns.def"
};
#undef COLUMN

/* The columns to look at in the rows of this batch, in order. */
static size_t
choose_columns(const struct formatter *f, const struct batch *batch,
    uint8_t cols[COL_COUNT])
{
	size_t n = 0, count = f->order != NULL ? f->norder : COL_COUNT;

	for (size_t i = 0; i < count; i++) {
		unsigned col = f->order != NULL ? f->order[i] : (unsigned)i;

		if (colset_has(&f->cols, col) &&
		    colset_has(&batch->used, col))
			cols[n++] = (uint8_t)col;
	}
	return n;
}

static void
put_other(struct formatter *f, const struct batch *batch, size_t row,
    struct buf *out)
{
	buf_append(out, keys[COL_other].text, keys[COL_other].len);
	other_put(out, batch_bytes(batch, COL_other, row), f);
}

/* The columns of one row, each behind a comma. */
static void
put_columns(struct formatter *f, const struct batch *batch, size_t row,
    const uint8_t *cols, size_t ncols, struct buf *out)
{
	char *p = (char *)buf_room(out, ROW_MAX), *from = p;

	if (p == NULL)
		return;
	for (size_t i = 0; i < ncols; i++) {
		unsigned col = cols[i];
		const struct json_key *key = &keys[col];

		if (!batch_has(batch, col, row))
			continue;
		if (col == COL_other) {
			out->len += (size_t)(p - from);
			put_other(f, batch, row, out);
			p = from = (char *)buf_room(out, ROW_MAX);
			if (p == NULL)
				return;
			continue;
		}
		memcpy(p, key->text, KEY_MAX);
		p += key->len;
		if (value_is_text(col)) {
			*p++ = '"';
			p = value_put(p, batch, col, row, &f->utc);
			*p++ = '"';
		} else {
			p = value_put(p, batch, col, row, &f->utc);
		}
	}
	out->len += (size_t)(p - from);
}

static void
json_row(struct formatter *f, const struct batch *batch, size_t row,
    const uint8_t *cols, size_t ncols, struct buf *out)
{
	size_t start = out->len;

	put_columns(f, batch, row, cols, ncols, out);
	if (!buf_ok(out))
		return;
	/* The first comma opens the object. */
	if (out->len == start)
		buf_append_char(out, '{');
	else
		out->ptr[start] = '{';
	buf_append(out, "}\n", 2);
}

static void
json_rows(struct formatter *f, const struct batch *batch, struct buf *out)
{
	uint8_t cols[COL_COUNT];
	size_t ncols = choose_columns(f, batch, cols);

	for (size_t row = bitmap_next(batch->selected, 0, batch->nrows);
	    row < batch->nrows;
	    row = bitmap_next(batch->selected, row + 1, batch->nrows))
		json_row(f, batch, row, cols, ncols, out);
}

const struct format format_json = {
	.name = "json",
	.rows = json_rows,
};
