/* Row-wise decoding, slow and checked; see rowwise.h. */
#include <string.h>

#include "element.h"
#include "rowwise.h"

enum {
	FIELDS_MAX = 512
};

/* One record, cut into its fields. */
struct row {
	struct bytes value[FIELDS_MAX];
};

static bool
row_cut(const struct field *fields, size_t nfields, struct wire *w,
    struct row *row)
{
	for (size_t i = 0; i < nfields; i++) {
		size_t len = fields[i].len;

		if (len == FIELD_VARIABLE) {
			len = wire_u8(w);
			if (len == 255)
				len = wire_u16(w);
		}
		row->value[i] = wire_bytes(w, len);
	}
	return wire_ok(w);
}

/* Can a field of this length fill the column of its element? */
static bool
usable(const struct field *f, const struct element *e)
{
	if (e == NULL || e->column < 0 || f->len == 0 ||
	    f->len == FIELD_VARIABLE)
		return false;
	if (e->transform == TRANSFORM_ICMP)
		return f->len == 2;
	switch (column_info[e->column].type) {
	case COLUMN_MAC:
		return f->len == 6;
	case COLUMN_ADDR:
		return f->len <= (e->type == ELEMENT_ADDR4 ? 4 : 16);
	case COLUMN_TIME:
		if (e->type == ELEMENT_MICROSECONDS ||
		    e->type == ELEMENT_NANOSECONDS)
			return f->len == 8;
		return f->len <= 8;
	default:
		return f->len <= 8;
	}
}

/* Does field i fill this column, rather than another field? */
static bool
wins(const struct field *fields, size_t nfields, size_t i, int column)
{
	const struct element *mine = element_find(fields[i].pen, fields[i].id);

	for (size_t k = 0; k < nfields; k++) {
		const struct element *e;

		e = element_find(fields[k].pen, fields[k].id);
		if (k == i || !usable(&fields[k], e))
			continue;
		if (e->column != column &&
		    !(e->transform == TRANSFORM_ICMP &&
			column == COL_icmp_code))
			continue;
		if (e->rank < mine->rank || (e->rank == mine->rank && k > i))
			return false;
	}
	return true;
}

static bool
repeated(const struct field *fields, size_t nfields, size_t i)
{
	unsigned n = 0;

	for (size_t k = 0; k < nfields; k++)
		n += fields[k].pen == fields[i].pen &&
		    fields[k].id == fields[i].id &&
		    usable(&fields[k],
			element_find(fields[k].pen, fields[k].id));
	return n > 1;
}

static uint64_t
number(struct bytes v)
{
	uint64_t n = 0;

	for (size_t i = 0; i < v.len; i++)
		n = n * 256 + v.ptr[i];
	return n;
}

static void
put_addr(struct batch *batch, unsigned col, size_t row, struct bytes v,
    bool v6)
{
	uint8_t octets[16] = { 0 };
	struct addr a;

	memcpy(octets, v.ptr, v.len);
	if (v6)
		a = addr_from_v6(addr6_load(octets));
	else
		a = addr_from_v4((uint32_t)number((struct bytes) { octets,
		    4 }));
	batch_set_addr(batch, col, row, &a);
}

static uint64_t
limited(uint64_t v, uint64_t factor)
{
	return v > INT64_MAX / factor ? INT64_MAX / factor * factor
				      : v * factor;
}

static uint64_t
ntp(struct bytes v, uint64_t unit_ns)
{
	uint32_t sec = (uint32_t)number((struct bytes) { v.ptr, 4 });
	uint64_t frac = number((struct bytes) { v.ptr + 4, 4 });
	uint64_t units = (frac * (1000000000 / unit_ns) + 0x80000000) /
	    0x100000000;

	sec -= 2208988800U;
	return sec * UINT64_C(1000000000) + units * unit_ns;
}

static void
put_time(struct batch *batch, unsigned col, size_t row,
    const struct element *e, struct bytes v)
{
	uint64_t ns;

	switch (e->type) {
	case ELEMENT_SECONDS:
		ns = limited(number(v), 1000000000);
		break;
	case ELEMENT_MILLISECONDS:
		ns = limited(number(v), 1000000);
		break;
	case ELEMENT_MICROSECONDS:
		ns = ntp(v, 1000);
		break;
	case ELEMENT_NANOSECONDS:
		ns = ntp(v, 1);
		break;
	default:
		ns = limited(number(v), 1000);
		break;
	}
	batch_set_uint(batch, col, row, ns);
}

static void
put_value(struct batch *batch, unsigned col, size_t row,
    const struct element *e, struct bytes v)
{
	static const uint64_t max[] = {
		[COLUMN_U8] = UINT8_MAX,
		[COLUMN_U16] = UINT16_MAX,
		[COLUMN_U32] = UINT32_MAX,
		[COLUMN_U64] = UINT64_MAX,
		[COLUMN_MAC] = UINT64_MAX,
	};

	if (column_info[col].type == COLUMN_ADDR)
		put_addr(batch, col, row, v, e->type == ELEMENT_ADDR6);
	else if (column_info[col].type == COLUMN_TIME)
		put_time(batch, col, row, e, v);
	else if (number(v) <= max[column_info[col].type])
		batch_set_uint(batch, col, row, number(v));
}

static void
put_other(struct batch *batch, size_t row, const struct field *f,
    struct bytes v)
{
	struct span *span = &batch->col[COL_other].span[row];
	uint8_t *p = batch_heap_take(batch, OTHER_HEAD + v.len);

	if (p == NULL)
		return;
	other_put_head(p, f->pen, f->id, (uint16_t)v.len);
	memcpy(p + OTHER_HEAD, v.ptr, v.len);
	if (!batch_has(batch, COL_other, row))
		*span = (struct span) { (uint32_t)(p - batch->heap), 0 };
	span->len += (uint32_t)(OTHER_HEAD + v.len);
	batch_mark(batch, COL_other, row, 1);
}

static void
put_field(const struct field *fields, size_t nfields, size_t i,
    struct bytes v, struct batch *batch, size_t row)
{
	const struct element *e = element_find(fields[i].pen, fields[i].id);
	bool icmp = e != NULL && e->transform == TRANSFORM_ICMP;
	bool use = usable(&fields[i], e);
	bool first = use && wins(fields, nfields, i, e->column);
	bool second = use && icmp && wins(fields, nfields, i, COL_icmp_code);

	if (v.len == 0 || (e != NULL && e->pen == PEN_IANA &&
			      e->id == ELEMENT_PADDING_OCTETS))
		return;
	if (first && icmp)
		batch_set_uint(batch, COL_icmp_type, row, v.ptr[0]);
	else if (first)
		put_value(batch, (unsigned)e->column, row, e, v);
	if (second)
		batch_set_uint(batch, COL_icmp_code, row, v.ptr[1]);
	if ((!first && !second) || repeated(fields, nfields, i))
		put_other(batch, row, &fields[i], v);
}

static size_t
record_min(const struct field *fields, size_t nfields)
{
	size_t len = 0;

	for (size_t i = 0; i < nfields; i++)
		len += fields[i].len == FIELD_VARIABLE ? 1 : fields[i].len;
	return len;
}

bool
rowwise_decode(const struct field *fields, size_t nfields, struct bytes set,
    struct batch *batch)
{
	struct row row;
	struct wire w;

	wire_init(&w, set);
	while (wire_left(&w) >= record_min(fields, nfields) &&
	    batch_room(batch) > 0) {
		size_t r;

		if (!row_cut(fields, nfields, &w, &row))
			return false;
		r = batch_append(batch, 1);
		for (size_t i = 0; i < nfields; i++)
			put_field(fields, nfields, i, row.value[i], batch, r);
	}
	return true;
}
