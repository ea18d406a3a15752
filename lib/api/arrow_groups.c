/*
 * Groups of a query as an Arrow array; see include/flowd/arrow.h. The type of a
 * column is that of its key or measure, whatever values there are.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "flowd_arrow.h"
#include "flowd_query.h"
#include "value.h"

enum groups_type {
	GROUPS_UINT,
	GROUPS_REAL,
	GROUPS_TIME,
	GROUPS_NS,
	GROUPS_TEXT, /* addresses, networks and names */
	GROUPS_MAC, /* a text, too */
	GROUPS_OCTETS
};

static const char *const formats[] = {
	[GROUPS_UINT] = "L",
	[GROUPS_REAL] = "g",
	[GROUPS_TIME] = "tsn:UTC",
	[GROUPS_NS] = "tDn",
	[GROUPS_TEXT] = "u",
	[GROUPS_MAC] = "u",
	[GROUPS_OCTETS] = "z",
};

static enum groups_type
key_type_of(const struct key_part *p)
{
	switch ((enum key_function)p->function) {
	case KEY_BIN:
		return GROUPS_TIME;
	case KEY_ENTRY:
	case KEY_INTERFACE:
		return GROUPS_TEXT;
	case KEY_ELEMENT_OCTETS:
		return GROUPS_OCTETS;
	case KEY_COLUMN:
		if (key_part_is_time(p))
			return GROUPS_TIME;
		if (p->type == KEY_ADDR)
			return GROUPS_TEXT;
		return column_info[p->col[0]].type == COLUMN_MAC
		    ? GROUPS_MAC
		    : GROUPS_UINT;
	default:
		return p->type == KEY_ADDR ? GROUPS_TEXT : GROUPS_UINT;
	}
}

static enum groups_type
column_type_of(const struct flowd_groups *g, size_t column)
{
	static const enum groups_type types[] = {
		[MEASURE_UINT] = GROUPS_UINT,
		[MEASURE_REAL] = GROUPS_REAL,
		[MEASURE_TIME] = GROUPS_TIME,
		[MEASURE_NS] = GROUPS_NS,
	};
	const struct aggregate_result *r = g->result;

	if (column < r->key.nparts)
		return key_type_of(&r->key.part[column]);
	return types[r->output->measures.measure[column - r->key.nparts]
			 .type];
}

/* --- Values --- */

/* Numbers and times all have eight octets. */
static void
put_number(
    uint8_t *to, enum groups_type type, const struct flowd_value *v)
{
	double real = v->kind == FLOWD_VALUE_UINT ? (double)v->uint : v->real;

	if (type == GROUPS_REAL)
		memcpy(to, &real, sizeof(real));
	else
		memcpy(to, &v->uint, sizeof(v->uint));
}

static void
put_addr(struct buf *out, const struct flowd_value *v)
{
	char text[FLOWD_ADDR_TEXT + 8];
	size_t len = flowd_addr_format(&v->addr, text);
	unsigned host = v->addr.family == FLOWD_ADDR_V4 ? 32 : 128;

	if (v->prefix < host)
		len += (size_t)snprintf(
		    text + len, sizeof(text) - len, "/%u", v->prefix);
	buf_append(out, text, len);
}

static void
put_text(struct buf *out, enum groups_type type, const struct flowd_value *v)
{
	char text[32];

	if (v->kind == FLOWD_VALUE_ADDR)
		put_addr(out, v);
	else if (v->kind == FLOWD_VALUE_TEXT)
		buf_append(out, v->text, v->length);
	else if (v->kind == FLOWD_VALUE_OCTETS)
		buf_append(out, v->octets, v->length);
	else if (type == GROUPS_MAC)
		buf_append(
		    out, text, (size_t)(text_mac(text, v->uint) - text));
	else
		buf_append(out, text,
		    (size_t)snprintf(
			text, sizeof(text), "%" PRIu64, v->uint));
}

/* --- Columns --- */

/* The next value of a column; its bit is set where there is one. */
static bool
column_value(const struct flowd_groups *g, size_t row, size_t column,
    struct ArrowArray *a, uint8_t *valid, struct flowd_value *v)
{
	(void)flowd_groups_value(g, row, column, v);
	if (v->kind == FLOWD_VALUE_NONE)
		return false;
	valid[row / 8] |= (uint8_t)(1U << row % 8);
	a->null_count--;
	return true;
}

static int
numbers_make(const struct flowd_groups *g, size_t column,
    enum groups_type type, uint8_t *valid, struct ArrowArray *a)
{
	const size_t n = (size_t)a->length;
	uint8_t *out = arrow_array_alloc(a, n * sizeof(uint64_t));
	struct flowd_value v;

	if (out == NULL)
		return FLOWD_ENOMEM;
	memset(out, 0, n * sizeof(uint64_t));
	a->buffers[1] = out;
	for (size_t row = 0; row < n; row++)
		if (column_value(g, row, column, a, valid, &v))
			put_number(out + row * sizeof(uint64_t), type, &v);
	return 0;
}

static int
texts_make(const struct flowd_groups *g, size_t column, enum groups_type type,
    uint8_t *valid, struct ArrowArray *a)
{
	const size_t n = (size_t)a->length;
	int32_t *offsets = arrow_array_alloc(a, (n + 1) * sizeof(*offsets));
	struct flowd_value v;
	struct buf out;

	if (offsets == NULL)
		return FLOWD_ENOMEM;
	offsets[0] = 0;
	buf_init(&out, INT32_MAX);
	for (size_t row = 0; row < n; row++) {
		if (column_value(g, row, column, a, valid, &v))
			put_text(&out, type, &v);
		offsets[row + 1] = (int32_t)out.len;
	}
	/* The array has the memory of the buffer from now on. */
	arrow_array_own(a, out.ptr);
	a->buffers[1] = offsets;
	a->buffers[2] = out.ptr;
	return buf_ok(&out) ? 0 : FLOWD_ENOMEM;
}

static int
column_make(
    const struct flowd_groups *g, size_t column, struct ArrowArray *a)
{
	enum groups_type type = column_type_of(g, column);
	const size_t n = flowd_groups_rows(g);
	bool text = type >= GROUPS_TEXT;
	uint8_t *valid;

	if (arrow_array_begin(a, NULL, n, text ? 3 : 2) != 0 ||
	    (valid = arrow_array_alloc(a, n / 8 + 1)) == NULL)
		return FLOWD_ENOMEM;
	memset(valid, 0, n / 8 + 1);
	a->buffers[0] = valid;
	a->null_count = a->length;
	return text ? texts_make(g, column, type, valid, a)
		    : numbers_make(g, column, type, valid, a);
}

static int
groups_array(const struct flowd_groups *g, struct ArrowArray *out)
{
	const size_t n = flowd_groups_columns(g);
	int bad = arrow_array_begin(out, NULL, flowd_groups_rows(g), 1);

	if (bad != 0)
		return bad;
	for (size_t i = 0; bad == 0 && i < n; i++) {
		struct ArrowArray *child = arrow_array_child(out, n);

		bad = child != NULL ? column_make(g, i, child) : FLOWD_ENOMEM;
	}
	if (bad != 0)
		out->release(out);
	return bad;
}

static int
groups_schema(const struct flowd_groups *g, struct ArrowSchema *out)
{
	const size_t n = flowd_groups_columns(g);
	int bad = 0;

	*out = arrow_field("", "+s", 0);
	for (size_t i = 0; bad == 0 && i < n; i++)
		bad = arrow_schema_add(out, n, flowd_groups_name(g, i),
		    formats[column_type_of(g, i)]);
	if (bad != 0)
		out->release(out);
	return bad;
}

int
flowd_groups_to_arrow(const struct flowd_groups *g,
    const struct flowd_arrow_options *options, struct ArrowArray *array,
    struct ArrowSchema *schema, struct flowd_error *err)
{
	int bad = arrow_options_check(options, err);

	if (bad != 0)
		return bad;
	if (arrow_addresses(options) != FLOWD_ARROW_TEXT)
		return flowd_fail(err, FLOWD_EINVAL,
		    "addresses of groups are texts only");
	if (array != NULL && (bad = groups_array(g, array)) != 0)
		return flowd_fail(err, bad, "out of memory");
	if (schema != NULL && (bad = groups_schema(g, schema)) != 0) {
		if (array != NULL)
			array->release(array);
		return flowd_fail(err, bad, "out of memory");
	}
	return 0;
}
