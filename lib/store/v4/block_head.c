/* Heads of blocks; see block_head.h. */
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "block_head.h"

const uint8_t block_magic[BLOCK_MAGIC] = { 0x80, 'f', 'l', 'o', 'w', 'v', '4',
	'\n' };

uint64_t
block_checksum(const void *data, size_t len)
{
	return XXH3_64bits(data, len);
}

static uint8_t *
put_uint(uint8_t *p, uint64_t v, size_t width)
{
	for (size_t i = 0; i < width; i++, v >>= 8)
		*p++ = (uint8_t)v;
	return p;
}

/* Writes the range of a column; a constant only once. */
static uint8_t *
put_range(uint8_t *p, const struct block_column *c)
{
	size_t width = entry_width(c->type);
	bool two = !(c->flags & ENTRY_CONSTANT);

	p = put_uint(p, c->min, width);
	if (two)
		p = put_uint(p, c->max, width);
	if (c->flags & ENTRY_V4) {
		p = put_uint(p, c->min4, 4);
		if (two)
			p = put_uint(p, c->max4, 4);
	}
	if (c->flags & ENTRY_V6) {
		addr6_store(p, c->min6);
		p += 16;
		if (two) {
			addr6_store(p, c->max6);
			p += 16;
		}
	}
	if (c->flags & ENTRY_TOTAL)
		p = put_uint(p, c->total, 8);
	return p;
}

size_t
entry_put(uint8_t *p, const struct block_column *c)
{
	uint8_t *at = p + BLOCK_ENTRY_HEAD;

	store_le16(p, c->id);
	p[3] = c->type;
	p[4] = c->flags;
	if (c->flags & ENTRY_DATA) {
		store_le32(at, (uint32_t)c->data.len);
		store_le64(at + 4, c->sum);
		at += 12;
	}
	if (c->id >= BLOCK_TABLE_FIRST) {
		store_le32(at, c->n);
		at += 4;
	} else {
		at = put_range(at, c);
	}
	p[2] = (uint8_t)(at - p);
	return p[2];
}

static struct addr6
take_addr6(struct wire *w)
{
	const uint8_t *p = wire_take(w, 16);

	return p != NULL ? addr6_load(p) : (struct addr6){ 0, 0 };
}

static uint64_t
take_uint(struct wire *w, size_t width)
{
	const uint8_t *p = wire_take(w, width);

	return p != NULL ? load_le(p, width) : 0;
}

static void
take_range(struct wire *w, struct block_column *c)
{
	size_t width = entry_width(c->type);
	bool two = !(c->flags & ENTRY_CONSTANT);

	c->min = c->max = take_uint(w, width);
	if (two)
		c->max = take_uint(w, width);
	if (c->flags & ENTRY_V4) {
		c->min4 = c->max4 = wire_le32(w);
		if (two)
			c->max4 = wire_le32(w);
	}
	if (c->flags & ENTRY_V6) {
		c->min6 = c->max6 = take_addr6(w);
		if (two)
			c->max6 = take_addr6(w);
	}
	if (c->flags & ENTRY_TOTAL)
		c->total = wire_le64(w);
}

/*
 * Checks a known column: it has its type, and data unless it is constant
 * without gaps. A constant address has one family.
 */
static bool
entry_fits(const struct block_column *c)
{
	bool constant = c->flags & ENTRY_CONSTANT;
	bool wants_data = !constant || (c->flags & ENTRY_GAPS);
	unsigned families = c->flags & (ENTRY_V4 | ENTRY_V6);

	if (c->type != column_info[c->col].type ||
	    wants_data != ((c->flags & ENTRY_DATA) != 0))
		return false;
	if (c->type == COLUMN_ADDR)
		return families != 0 &&
		    !(constant && families == (ENTRY_V4 | ENTRY_V6));
	return families == 0 && !(constant && c->type == COLUMN_BYTES);
}

/* Reads one entry; its data are the next octets of data. */
static bool
take_entry(struct wire *w, struct wire *data, struct block_column *c)
{
	struct wire in;
	uint8_t len;

	*c = (struct block_column){ .col = -1 };
	c->id = wire_le16(w);
	len = wire_u8(w);
	if (!wire_ok(w) || len < BLOCK_ENTRY_HEAD)
		return false;
	wire_init(&in, wire_bytes(w, len - 3));
	c->type = wire_u8(&in);
	c->flags = wire_u8(&in);
	if (c->flags & ENTRY_DATA) {
		uint32_t n = wire_le32(&in);

		c->sum = wire_le64(&in);
		c->data = wire_bytes(data, n);
	}
	if (!wire_ok(w) || !wire_ok(&in) || !wire_ok(data))
		return false;
	if (c->id >= BLOCK_TABLE_FIRST)
		c->n = wire_le32(&in);
	else if ((c->col = column_by_id(c->id)) >= 0)
		take_range(&in, c);
	return wire_ok(&in) && (c->col < 0 || entry_fits(c));
}

/* Is there an entry of this id in front of the last? */
static bool
is_double(const struct block *b, uint16_t id)
{
	for (size_t i = 0; i < b->ncolumns; i++)
		if (b->column[i].id == id)
			return true;
	return false;
}

static int
parse_columns(struct wire *w, struct block *b, size_t n,
    struct flowd_error *err)
{
	struct wire data;

	wire_init(&data, b->data);
	if (n > BLOCK_COLUMNS)
		return flowd_fail(err, FLOWD_EFORMAT,
		    "block has %zu columns, more than %d", n, BLOCK_COLUMNS);
	for (b->ncolumns = 0; b->ncolumns < n; b->ncolumns++) {
		struct block_column *c = &b->column[b->ncolumns];

		if (!take_entry(w, &data, c) || is_double(b, c->id))
			return flowd_fail(err, FLOWD_EFORMAT,
			    "entry %zu of the block's head is invalid",
			    b->ncolumns + 1);
	}
	if (wire_left(w) != 0 || wire_left(&data) != 0)
		return flowd_fail(err, FLOWD_EFORMAT,
		    "lengths in the block's head do not add up");
	return 0;
}

/*
 * Reads the fixed part of the head, and checks that the lengths are in bounds.
 */
static int
parse_lengths(struct bytes in, size_t *head_len, size_t *data_len,
    struct flowd_error *err)
{
	size_t seen = in.len < BLOCK_MAGIC ? in.len : BLOCK_MAGIC;

	if (seen == 0 || memcmp(in.ptr, block_magic, seen) != 0)
		return flowd_fail(err, FLOWD_EFORMAT, "no block begins here");
	if (in.len < BLOCK_HEAD)
		return flowd_fail(err, FLOWD_EOF, "the block is truncated");
	*head_len = load_le32(in.ptr + 12);
	*data_len = load_le32(in.ptr + 16);
	if (*head_len < BLOCK_HEAD + BLOCK_SUM || *head_len > BLOCK_HEAD_MAX ||
	    *data_len > BLOCK_DATA_MAX)
		return flowd_fail(err, FLOWD_EFORMAT,
		    "the block's head has impossible lengths");
	if (in.len < *head_len)
		return flowd_fail(err, FLOWD_EOF, "the block is truncated");
	if (block_checksum(in.ptr, *head_len - BLOCK_SUM) !=
	    load_le64(in.ptr + *head_len - BLOCK_SUM))
		return flowd_fail(err, FLOWD_ECHECKSUM,
		    "the block's head does not match its checksum");
	return 0;
}

int
block_parse(struct bytes in, struct block *b, struct flowd_error *err)
{
	size_t head_len = 0, data_len = 0, ncolumns;
	struct wire w;
	int bad;

	b->all = (struct bytes){ in.ptr, 0 };
	b->ncolumns = 0;
	if ((bad = parse_lengths(in, &head_len, &data_len, err)) != 0)
		return bad;
	b->all.len = head_len + data_len;
	wire_init(&w, (struct bytes){ in.ptr, head_len - BLOCK_SUM });
	(void)wire_take(&w, BLOCK_MAGIC);
	b->kind = wire_u8(&w);
	(void)wire_u8(&w); /* minor version */
	b->flags = wire_u8(&w);
	b->compression = wire_u8(&w);
	(void)wire_take(&w, 8); /* lengths */
	b->nrows = wire_le32(&w);
	b->min_ns = (int64_t)wire_le64(&w);
	b->max_ns = (int64_t)wire_le64(&w);
	ncolumns = wire_le16(&w);
	(void)wire_le16(&w);
	if (in.len < b->all.len)
		return flowd_fail(err, FLOWD_EOF, "the block is truncated");
	b->data = (struct bytes){ in.ptr + head_len, data_len };
	if (b->kind != BLOCK_FLOWS)
		return 0;
	if (b->nrows == 0 || b->nrows > BLOCK_ROWS)
		return flowd_fail(err, FLOWD_EFORMAT,
		    "block of %u rows", b->nrows);
	return parse_columns(&w, b, ncolumns, err);
}

struct block *
block_new(void)
{
	return calloc(1, sizeof(struct block));
}

void
block_free(struct block *b)
{
	free(b);
}

const struct block_column *
block_column(const struct block *b, unsigned col)
{
	for (size_t i = 0; i < b->ncolumns; i++)
		if (b->column[i].col == (int)col)
			return &b->column[i];
	return NULL;
}

bool
block_total(const struct block *b, unsigned col, uint64_t *total)
{
	const struct block_column *c = block_column(b, col);

	*total = 0;
	if (c == NULL)
		return true;
	if (c->flags & ENTRY_TOTAL) {
		*total = c->total;
		return true;
	}
	return (c->flags & ENTRY_CONSTANT) && !(c->flags & ENTRY_GAPS) &&
	    !__builtin_mul_overflow(c->min, b->nrows, total);
}

static int
fail_checksum(const struct block_column *c, struct flowd_error *err)
{
	if (c->col >= 0)
		return flowd_fail(err, FLOWD_ECHECKSUM,
		    "the values of %s do not match their checksum",
		    column_info[c->col].name);
	return flowd_fail(err, FLOWD_ECHECKSUM,
	    "%s %u of the block does not match its checksum",
	    c->id >= 0xff00 ? "table" : "column", c->id);
}

int
block_verify(const struct block *b, struct flowd_error *err)
{
	for (size_t i = 0; i < b->ncolumns; i++) {
		const struct block_column *c = &b->column[i];

		if ((c->flags & ENTRY_DATA) &&
		    block_checksum(c->data.ptr, c->data.len) != c->sum)
			return fail_checksum(c, err);
	}
	return 0;
}
