/*
 * Reports between processes; see report.h. All numbers in network order:
 *
 *	kind 1, number of fields 1, number of rows 4
 *	of each row:
 *		which cells are there 8: bit i for the i-th field
 *		of each of them: a text as length 2 and octets, a flag as 1,
 *		anything else as 8
 *
 * The form is one build's; another one is told by its number of fields.
 * Test: test/unit/report/test_report_wire.c.
 */
#include "report.h"

enum { HEAD = 6, ROWS_AT = 2 };

_Static_assert((int)REPORT_FIELDS_MAX < 64, "a bit for each field, and one");

static void
put_u32(struct buf *out, uint32_t v)
{
	uint8_t octets[4];

	store_be32(octets, v);
	buf_append(out, octets, sizeof(octets));
}

static void
put_u64(struct buf *out, uint64_t v)
{
	uint8_t octets[8];

	store_be64(octets, v);
	buf_append(out, octets, sizeof(octets));
}

static void
put_text(struct buf *out, struct bytes text)
{
	uint8_t len[2];

	store_be16(len, (uint16_t)text.len);
	buf_append(out, len, sizeof(len));
	buf_append(out, text.ptr, text.len);
}

static void
put_cell(const struct report *r, enum report_type type,
    const struct report_cell *c, struct buf *out)
{
	if (type == REPORT_TEXT)
		put_text(out, (struct bytes){ r->texts.ptr + c->off, c->len });
	else if (type == REPORT_FLAG)
		buf_append_char(out, c->number != 0);
	else
		put_u64(out, c->number);
}

static void
put_row(const struct report *r, size_t row, struct buf *out)
{
	const struct report_info *info = &report_info[r->kind];
	const struct report_cell *cells = report_cells(r, row);
	uint64_t there = 0;

	for (unsigned i = 0; i < info->nfields; i++)
		there |= (uint64_t)cells[i].there << i;
	put_u64(out, there);
	for (unsigned i = 0; i < info->nfields; i++)
		if (cells[i].there)
			put_cell(r, report_field_info[info->first + i].type,
			    &cells[i], out);
}

size_t
report_encode(
    const struct report *r, size_t row, size_t max, struct buf *out)
{
	size_t begin = out->len, end, first = row;
	uint8_t head[ROWS_AT] = { (uint8_t)r->kind,
		(uint8_t)report_info[r->kind].nfields };

	buf_append(out, head, sizeof(head));
	put_u32(out, 0);
	for (; row < r->nrows && buf_ok(out); row++) {
		end = out->len;
		put_row(r, row, out);
		if (out->len - begin <= max || row == first)
			continue;
		out->len = end;
		break;
	}
	if (buf_ok(out))
		store_be32(out->ptr + begin + ROWS_AT,
		    (uint32_t)(row - first));
	return row;
}

/* A text that fits and has no 0 in it. */
static bool
take_text(struct report *r, enum report_field f, struct wire *w)
{
	size_t len = wire_u16(w);
	struct bytes b = wire_bytes(w, len);

	if (!wire_ok(w) || len > REPORT_TEXT_MAX ||
	    (len > 0 && memchr(b.ptr, 0, len) != NULL))
		return false;
	report_set_bytes(r, f, b);
	return true;
}

static bool
take_flag(struct report *r, enum report_field f, struct wire *w)
{
	uint8_t flag = wire_u8(w);

	report_set(r, f, flag);
	return flag <= 1;
}

static bool
take_row(struct report *r, struct wire *w)
{
	const struct report_info *info = &report_info[r->kind];
	uint64_t there = wire_u64(w);
	bool good = there < UINT64_C(1) << info->nfields;

	report_row(r);
	for (unsigned i = 0; i < info->nfields && good; i++) {
		enum report_field f = (enum report_field)(info->first + i);

		if ((there >> i & 1) == 0)
			continue;
		if (report_field_info[f].type == REPORT_TEXT)
			good = take_text(r, f, w);
		else if (report_field_info[f].type == REPORT_FLAG)
			good = take_flag(r, f, w);
		else
			report_set(r, f, wire_u64(w));
	}
	return good && wire_ok(w);
}

int
report_peek(struct bytes in)
{
	return in.len >= HEAD && in.ptr[0] < REPORT_KINDS ? in.ptr[0]
							   : FLOWD_EFORMAT;
}

int
report_decode(struct report *r, struct bytes in)
{
	struct wire w;
	uint32_t nrows;

	wire_init(&w, in);
	if (wire_u8(&w) != r->kind)
		return FLOWD_EFORMAT;
	if (wire_u8(&w) != report_info[r->kind].nfields)
		return FLOWD_EVERSION;
	nrows = wire_u32(&w);
	/* Each row takes octets, so a number that is made up ends soon. */
	for (uint32_t i = 0; i < nrows; i++) {
		if (!take_row(r, &w))
			return FLOWD_EFORMAT;
		if (!report_ok(r))
			return FLOWD_ENOMEM;
	}
	return wire_ok(&w) && wire_left(&w) == 0 ? 0 : FLOWD_EFORMAT;
}
