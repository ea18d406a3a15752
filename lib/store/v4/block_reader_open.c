/*
 * Opening the columns of a block; see block_head.h. All untrusted values are
 * checked here, once: lengths, numbers of addresses, references.
 * block_reader_rows.c then needs no checks.
 */
#include <stdlib.h>

#include "block_reader_state.h"
#include "vectorize.h"

struct block_reader *
block_reader_new(void)
{
	struct block_reader *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	scratch_init(&r->scratch, BLOCK_MEMORY_MAX);
	r->decompressor = decompressor_new();
	if (r->decompressor != NULL)
		return r;
	block_reader_free(r);
	return NULL;
}

void
block_reader_free(struct block_reader *r)
{
	if (r == NULL)
		return;
	decompressor_free(r->decompressor);
	scratch_fini(&r->scratch);
	free(r);
}

void
block_reader_begin(struct block_reader *r, const struct block *b)
{
	r->b = b;
	r->addr_dictionary_state = OPEN_NOT;
	r->table_given = false;
	for (unsigned i = 0; i < COL_COUNT; i++)
		r->col[i].state = OPEN_NOT;
	r->filled = (struct colset){ { 0, 0 } };
	r->nsought = 0;
	r->ntested = 0;
	r->damaged = false;
	scratch_reset(&r->scratch);
}

/* Verifies the data of an entry and makes them a source of streams. */
static bool
source_begin(struct block_reader *r, const struct block_column *entry,
    struct int_stream_source *s)
{
	*s = (struct int_stream_source){ .decompressor = r->decompressor,
		.scratch = &r->scratch };
	wire_init(&s->w, entry->data);
	return block_checksum(entry->data.ptr, entry->data.len) == entry->sum;
}

static bool
source_ended(const struct int_stream_source *s)
{
	return wire_ok(&s->w) && wire_left(&s->w) == 0;
}

static const struct block_column *
find_table(const struct block_reader *r, uint16_t id)
{
	for (size_t i = 0; i < r->b->ncolumns; i++)
		if (r->b->column[i].id == id)
			return &r->b->column[i];
	return NULL;
}

static bool
open_pool(struct block_reader *r)
{
	const struct block_column *e = find_table(r, BLOCK_TABLE_ADDRESSES);
	struct int_stream_source s;
	size_t n6;

	if (r->addr_dictionary_state == OPEN_DONE)
		return true;
	if (e == NULL || e->type != COLUMN_ADDR || !source_begin(r, e, &s))
		return false;
	r->naddrs = e->n;
	r->n4 = wire_le32(&s.w);
	if (r->naddrs == 0 || r->n4 > r->naddrs)
		return false;
	n6 = r->naddrs - r->n4;
	if (r->n4 > 0 && (r->addr4 = int_stream_all32(&s, r->n4)) == NULL)
		return false;
	if (n6 > 0 && ((r->addr6_hi = int_stream_all64(&s, n6)) == NULL ||
			  (r->addr6_lo = int_stream_all64(&s, n6)) == NULL))
		return false;
	if (!source_ended(&s))
		return false;
	r->addr_dictionary_state = OPEN_DONE;
	return true;
}

/* Are all of n integers below max? */
VECTORIZE static bool
all_below(const uint32_t *v, size_t n, size_t max)
{
	uint32_t top = 0;

	for (size_t i = 0; i < n; i++)
		top = v[i] > top ? v[i] : top;
	return n == 0 || top < max;
}

/*
 * Opens the address numbers of a column. All are computed, because all must be
 * checked, and kept, because most are needed again.
 */
static bool
open_numbers(struct block_reader *r, struct open_column *c,
    struct int_stream_source *s)
{
	uint32_t *all = scratch_take(s->scratch, c->n * sizeof(*all));
	struct int_stream numbers;

	c->numbers = all;
	if (all == NULL || !int_stream_open(&numbers, s, c->n) || !open_pool(r))
		return false;
	for (size_t at = 0; at < c->n; at += BATCH_ROWS) {
		size_t n = c->n - at < BATCH_ROWS ? c->n - at : BATCH_ROWS;

		int_stream_get32(&numbers, at, n, all + at);
		if (!all_below(all + at, n, r->naddrs))
			return false;
	}
	return true;
}

/*
 * Opens the bitmap of gaps: some rows have a value, but not all, and no bit is
 * set behind the last row.
 */
static bool
open_gaps(struct block_reader *r, struct open_column *c,
    struct int_stream_source *s)
{
	size_t words = bitmap_words(r->b->nrows), n = 0;
	const uint8_t *octets =
	    decompressor_octets(s->decompressor, s->scratch, &s->w, words * 8);
	uint64_t *valid = scratch_take(s->scratch, words * sizeof(*valid));
	uint32_t *before = scratch_take(s->scratch,
	    (words + 1) * sizeof(*before));

	if (octets == NULL || valid == NULL || before == NULL)
		return false;
	for (size_t i = 0; i < words; i++) {
		valid[i] = load_le64(octets + 8 * i);
		before[i] = (uint32_t)n;
		n += (size_t)__builtin_popcountll(valid[i]);
	}
	before[words] = (uint32_t)n;
	if (r->b->nrows % 64 != 0 &&
	    valid[words - 1] >> (r->b->nrows % 64) != 0)
		return false;
	c->valid = valid;
	c->before = before;
	c->n = n;
	return n > 0 && n < r->b->nrows;
}

/* Does the other column have values in the same rows? */
static bool
same_rows(const struct block_reader *r, const struct open_column *a,
    const struct open_column *b)
{
	if (b->entry == NULL || a->n != b->n)
		return false;
	return (a->valid == NULL && b->valid == NULL) ||
	    (a->valid != NULL && b->valid != NULL &&
		memcmp(a->valid, b->valid,
		    bitmap_words(r->b->nrows) * sizeof(*a->valid)) == 0);
}

static bool
open_residual(struct block_reader *r, struct open_column *c,
    struct int_stream_source *s)
{
	struct colset needs;

	c->predictor = predictor_find(wire_u8(&s->w), (unsigned)c->entry->col);
	if (c->predictor == NULL)
		return false;
	needs = predictor_needs(c->predictor);
	for (unsigned i = 0; i < COL_COUNT; i++)
		if (colset_has(&needs, i) && (!block_reader_open_column(r, i) ||
			!same_rows(r, c, &r->col[i])))
			return false;
	return int_stream_open(&c->stream, s, c->n);
}

/* A table has an integer for each address; addresses are numbers, too. */
static const uint32_t *
open_table(struct block_reader *r, uint16_t id, unsigned type)
{
	const struct block_column *e = find_table(r, id);
	struct int_stream_source s;
	const uint32_t *v;

	if (id <= BLOCK_TABLE_ADDRESSES || e == NULL || e->type != type ||
	    e->n != r->naddrs || !source_begin(r, e, &s))
		return NULL;
	v = int_stream_all32(&s, e->n);
	if (v == NULL || !source_ended(&s) ||
	    (type == COLUMN_ADDR && !all_below(v, e->n, r->naddrs)))
		return NULL;
	return v;
}

static bool
open_misses(struct block_reader *r, struct open_column *c,
    struct int_stream_source *s, size_t n)
{
	const uint32_t *row, *value;

	c->lookup.nmisses = n;
	if (n == 0)
		return true;
	row = n <= c->n ? int_stream_all32(s, n) : NULL;
	value = row != NULL ? int_stream_all32(s, n) : NULL;
	if (value == NULL || !all_below(row, n, c->n))
		return false;
	for (size_t i = 1; i < n; i++)
		if (row[i] <= row[i - 1])
			return false;
	c->lookup.miss_row = row;
	c->lookup.miss_value = value;
	return c->entry->type != COLUMN_ADDR ||
	    all_below(value, n, r->naddrs);
}

/* The key is a column of addresses that is stored by itself. */
static bool
open_lookup(struct block_reader *r, struct open_column *c,
    struct int_stream_source *s)
{
	uint16_t table = wire_le16(&s->w);
	int key = column_by_id(wire_le16(&s->w));
	size_t nmisses = wire_le32(&s->w);
	unsigned type = c->entry->type;

	if (!wire_ok(&s->w) || key < 0 ||
	    column_info[key].type != COLUMN_ADDR ||
	    (type != COLUMN_ADDR && entry_width(type) > 4) ||
	    !block_reader_open_column(r, (unsigned)key) || !open_pool(r) ||
	    r->col[key].layout != LAYOUT_PLAIN ||
	    (r->col[key].entry->flags & ENTRY_CONSTANT) ||
	    !same_rows(r, c, &r->col[key]))
		return false;
	c->lookup.key = (unsigned)key;
	c->lookup.table = open_table(r, table, type);
	return c->lookup.table != NULL && open_misses(r, c, s, nmisses);
}

/* Each value must fit into an empty batch. */
static bool
open_octets(struct open_column *c, struct int_stream_source *s)
{
	uint32_t *end = int_stream_all32(s, c->n);
	size_t at = 0;

	if (end == NULL)
		return false;
	for (size_t i = 0; i < c->n; i++) {
		if (end[i] > BATCH_HEAP || at + end[i] > BLOCK_OCTETS_MAX)
			return false;
		at += end[i];
		end[i] = (uint32_t)at;
	}
	c->octets.end = end;
	c->octets.ptr =
	    decompressor_octets(s->decompressor, s->scratch, &s->w, at);
	return c->octets.ptr != NULL;
}

static bool
open_transposed(struct open_column *c, struct int_stream_source *s)
{
	size_t len = wire_le32(&s->w);

	if (!wire_ok(&s->w) || len > BATCH_HEAP ||
	    c->n * len > BLOCK_OCTETS_MAX)
		return false;
	c->octets.len = len;
	c->octets.ptr = decompressor_octets(s->decompressor, s->scratch, &s->w,
	    c->n * len);
	return c->octets.ptr != NULL;
}

static bool
open_layout(struct block_reader *r, struct open_column *c,
    struct int_stream_source *s)
{
	unsigned type = c->entry->type;

	c->layout = wire_u8(&s->w);
	if (!wire_ok(&s->w))
		return false;
	if (type == COLUMN_BYTES)
		return (c->layout == LAYOUT_OCTETS && open_octets(c, s)) ||
		    (c->layout == LAYOUT_TRANSPOSED && open_transposed(c, s));
	switch (c->layout) {
	case LAYOUT_PLAIN:
		if (type == COLUMN_ADDR)
			return open_numbers(r, c, s);
		c->plain = true;
		s->on_demand = c->on_demand;
		return int_stream_open(&c->stream, s, c->n);
	case LAYOUT_RESIDUAL:
		return open_residual(r, c, s);
	case LAYOUT_LOOKUP:
		return open_lookup(r, c, s);
	default:
		return false;
	}
}

static bool
open_data(struct block_reader *r, struct open_column *c)
{
	const struct block_column *e = c->entry;
	struct int_stream_source s;

	if (!(e->flags & ENTRY_DATA))
		return true;
	if (!source_begin(r, e, &s))
		return false;
	if ((e->flags & ENTRY_GAPS) && !open_gaps(r, c, &s))
		return false;
	if (!(e->flags & ENTRY_CONSTANT) && !open_layout(r, c, &s))
		return false;
	return source_ended(&s);
}

/* Opens a column that is not open yet. */
static bool
open_column(struct block_reader *r, unsigned col, bool on_demand)
{
	struct open_column *c = &r->col[col];

	c->state = OPEN_BEGUN;
	c->on_demand = on_demand;
	c->plain = false;
	c->entry = block_column(r->b, col);
	c->layout = LAYOUT_PLAIN;
	c->n = r->b->nrows;
	c->valid = NULL;
	if (c->entry != NULL && !open_data(r, c))
		return false;
	c->state = on_demand ? OPEN_PACKED : OPEN_DONE;
	return true;
}

/* Decompresses what is left of a packed column. */
static bool
open_rest(struct block_reader *r, struct open_column *c)
{
	struct int_stream_source s = { .decompressor = r->decompressor,
		.scratch = &r->scratch };

	c->state = OPEN_BEGUN;
	if (c->plain && !int_stream_complete(&c->stream, &s))
		return false;
	c->state = OPEN_DONE;
	return true;
}

bool
block_reader_open_ranges(struct block_reader *r, unsigned col)
{
	unsigned state = r->col[col].state;

	if (state == OPEN_NOT)
		return open_column(r, col, true);
	return state == OPEN_PACKED || state == OPEN_DONE;
}

bool
block_reader_open_column(struct block_reader *r, unsigned col)
{
	struct open_column *c = &r->col[col];

	if (c->state == OPEN_NOT)
		return open_column(r, col, false);
	return c->state == OPEN_DONE ||
	    (c->state == OPEN_PACKED && open_rest(r, c));
}

int
block_reader_damaged(unsigned col, struct flowd_error *err)
{
	return flowd_fail(err, FLOWD_EFORMAT, "the values of %s are damaged",
	    column_info[col].name);
}

int
block_reader_open(struct block_reader *r, struct colset cols,
    struct flowd_error *err)
{
	for (unsigned i = 0; i < COL_COUNT; i++)
		if (colset_has(&cols, i) && !block_reader_open_column(r, i))
			return block_reader_damaged(i, err);
	return 0;
}

/* The only address of a column, or ADDR_NONE. */
static struct addr
constant_addr(const struct block_column *e)
{
	if (e == NULL || !(e->flags & ENTRY_CONSTANT))
		return (struct addr){ .family = ADDR_NONE };
	return e->flags & ENTRY_V4 ? addr_from_v4(e->min4)
				   : addr_from_v6(e->min6);
}

int
block_reader_addresses(struct block_reader *r,
    void (*fn)(void *arg, const struct addr *a), void *arg,
    struct flowd_error *err)
{
	static const uint8_t cols[] = { COL_src_addr, COL_dst_addr };
	struct addr a;

	for (size_t i = 0; i < sizeof(cols); i++) {
		a = constant_addr(block_column(r->b, cols[i]));
		if (a.family != ADDR_NONE)
			fn(arg, &a);
	}
	if (find_table(r, BLOCK_TABLE_ADDRESSES) == NULL)
		return 0;
	if (!open_pool(r))
		return flowd_fail(err, FLOWD_EFORMAT,
		    "the table of addresses is damaged");
	for (size_t i = 0; i < r->n4; i++) {
		a = addr_from_v4(r->addr4[i]);
		fn(arg, &a);
	}
	for (size_t i = 0; i < r->naddrs - r->n4; i++) {
		a = addr_from_v6((struct addr6){ r->addr6_hi[i],
			r->addr6_lo[i] });
		fn(arg, &a);
	}
	return 0;
}

/*
 * Counts an address in the dictionary, and sums up its numbers. Without
 * branches, so that the compiler vectorizes the comparison.
 */
VECTORIZE static uint32_t
addr_dictionary_find4(
    const uint32_t *addr, size_t n, uint32_t v4, uint32_t *sum)
{
	uint32_t found = 0, at = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t same = addr[i] == v4;

		found += same;
		at += (0 - same) & i;
	}
	*sum = at;
	return found;
}

VECTORIZE static uint32_t
addr_dictionary_find6(const uint64_t *hi, const uint64_t *lo, size_t n,
    struct addr6 v6, uint32_t *sum)
{
	uint64_t found = 0, at = 0;

	for (uint64_t i = 0; i < n; i++) {
		uint64_t same = ((lo[i] ^ v6.lo) | (hi[i] ^ v6.hi)) == 0;

		found += same;
		at += (0 - same) & i;
	}
	*sum = (uint32_t)at;
	return (uint32_t)found;
}

/*
 * Finds the number of an address in an open dictionary. A valid writer stores
 * each address once; others may store it several times.
 */
static const struct sought *
addr_seek(struct block_reader *r, const struct addr *a)
{
	struct sought *s;
	uint32_t found;

	for (unsigned i = 0; i < SOUGHT && i < r->nsought; i++)
		if (addr_equal(&r->sought[i].addr, a))
			return &r->sought[i];
	s = &r->sought[r->nsought++ % SOUGHT];
	s->addr = *a;
	if (a->family == ADDR_V4) {
		found =
		    addr_dictionary_find4(r->addr4, r->n4, a->v4, &s->number);
	} else {
		found = addr_dictionary_find6(r->addr6_hi, r->addr6_lo,
		    r->naddrs - r->n4, a->v6, &s->number);
		s->number += (uint32_t)r->n4;
	}
	s->state = found == 0 ? SOUGHT_ABSENT
	    : found == 1      ? SOUGHT_ONCE
			      : SOUGHT_OFTEN;
	return s;
}

static bool
is_constant(const struct block_column *e, const struct addr *a)
{
	struct addr c = constant_addr(e);

	return c.family == a->family && addr_equal(&c, a);
}

bool
block_reader_lacks(struct block_reader *r, const struct addr *a)
{
	if (is_constant(block_column(r->b, COL_src_addr), a) ||
	    is_constant(block_column(r->b, COL_dst_addr), a))
		return false;
	if (find_table(r, BLOCK_TABLE_ADDRESSES) == NULL)
		return true;
	if (!open_pool(r))
		return false;
	return addr_seek(r, a)->state == SOUGHT_ABSENT;
}

VECTORIZE static bool
has_number(const uint32_t *numbers, size_t n, uint32_t number)
{
	uint32_t found = 0;

	for (size_t i = 0; i < n; i++)
		found |= numbers[i] == number;
	return found;
}

bool
block_reader_run_lacks(struct block_reader *r, unsigned col, size_t first,
    size_t n, const struct addr *a)
{
	const struct open_column *c = &r->col[col];
	const struct sought *s;
	size_t from, to;

	if (c->state != OPEN_DONE || c->entry == NULL ||
	    c->entry->type != COLUMN_ADDR || c->layout != LAYOUT_PLAIN ||
	    (c->entry->flags & ENTRY_CONSTANT))
		return false;
	s = addr_seek(r, a);
	from = open_rank(c, first);
	to = open_rank(c, first + n);
	return s->state == SOUGHT_ABSENT || (s->state == SOUGHT_ONCE &&
	    !has_number(c->numbers + from, to - from, s->number));
}
