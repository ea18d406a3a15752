/* Values of columns as text; see value.h. Test: test_json.c, test_csv.c. */
#include "value.h"

static char *
put_u8(char *p, const struct column *c, size_t row, struct clock *clock)
{
	(void)clock;
	return text_u8(p, c->u8[row]);
}

static char *
put_u16(char *p, const struct column *c, size_t row, struct clock *clock)
{
	(void)clock;
	return text_u64(p, c->u16[row]);
}

static char *
put_u32(char *p, const struct column *c, size_t row, struct clock *clock)
{
	(void)clock;
	return text_u64(p, c->u32[row]);
}

static char *
put_u64(char *p, const struct column *c, size_t row, struct clock *clock)
{
	(void)clock;
	return text_u64(p, c->u64[row]);
}

static char *
put_time(char *p, const struct column *c, size_t row, struct clock *clock)
{
	return text_rfc3339(p, clock, c->ns[row]);
}

static char *
put_mac(char *p, const struct column *c, size_t row, struct clock *clock)
{
	(void)clock;
	return text_mac(p, c->u64[row]);
}

static char *
put_addr(char *p, const struct column *c, size_t row, struct clock *clock)
{
	(void)clock;
	if (bitmap_test(c->is6, row))
		return p + addr6_format(c->v6[row], p);
	return p + addr4_format(c->u32[row], p);
}

/* How to print each column type. */
static const struct {
	value_put *put;
	bool quoted;
} types[] = {
	[COLUMN_U8] = { put_u8, false },
	[COLUMN_U16] = { put_u16, false },
	[COLUMN_U32] = { put_u32, false },
	[COLUMN_U64] = { put_u64, false },
	[COLUMN_TIME] = { put_time, true },
	[COLUMN_MAC] = { put_mac, true },
	[COLUMN_ADDR] = { put_addr, true },
	[COLUMN_BYTES] = { NULL, false },
};

size_t
formatter_columns(const struct formatter *f, uint8_t cols[COL_COUNT])
{
	size_t n = 0, count = f->order != NULL ? f->norder : COL_COUNT;

	for (size_t i = 0; i < count && n < COL_COUNT; i++) {
		unsigned col = f->order != NULL ? f->order[i] : (unsigned)i;

		if (colset_has(&f->cols, col))
			cols[n++] = (uint8_t)col;
	}
	return n;
}

size_t
value_columns(const struct formatter *f, const struct batch *batch,
    struct value_column cols[COL_COUNT])
{
	uint8_t index[COL_COUNT];
	size_t n = formatter_columns(f, index);

	for (size_t i = 0; i < n; i++) {
		const struct column *c = &batch->col[index[i]];
		unsigned type = column_info[index[i]].type;

		cols[i] = (struct value_column) { .valid = c->valid,
			.column = c,
			.put = types[type].put,
			.index = index[i],
			.quoted = types[type].quoted };
	}
	return n;
}
