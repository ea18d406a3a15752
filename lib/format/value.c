/* Values of columns as text; see value.h. Test: test_json.c, test_csv.c. */
#include "value.h"

bool
value_is_text(unsigned col)
{
	switch (column_info[col].type) {
	case COLUMN_ADDR:
	case COLUMN_MAC:
	case COLUMN_TIME:
		return true;
	default:
		return false;
	}
}

char *
value_put(char *p, const struct batch *batch, unsigned col, size_t row,
    struct clock *clock)
{
	const struct column *c = &batch->col[col];

	switch (column_info[col].type) {
	case COLUMN_U8:
		return text_u64(p, c->u8[row]);
	case COLUMN_U16:
		return text_u64(p, c->u16[row]);
	case COLUMN_U32:
		return text_u64(p, c->u32[row]);
	case COLUMN_U64:
		return text_u64(p, c->u64[row]);
	case COLUMN_TIME:
		return text_rfc3339(p, clock, c->ns[row]);
	case COLUMN_MAC:
		return text_mac(p, c->u64[row]);
	case COLUMN_ADDR:
		if (bitmap_test(c->is6, row))
			return p + addr6_format(c->v6[row], p);
		return p + addr4_format(c->u32[row], p);
	default:
		return p;
	}
}
