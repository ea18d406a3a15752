/* Rows on their way into a block; see block_builder.h. */
#include <stdlib.h>
#include <string.h>

#include "block_builder.h"
#include "other.h"
#include "predictor.h"
#include "vectorize.h"

/* The rows of a batch to add: a run, or a list. */
struct rows {
	size_t first, n;
	size_t end;		/* after the last of them */
	bool all;
	uint16_t at[BUILDER_RUN]; /* from first on */
};

static unsigned
width_of(unsigned type)
{
	static const uint8_t width[] = { [COLUMN_U8] = 1, [COLUMN_U16] = 2,
		[COLUMN_U32] = 4, [COLUMN_U64] = 8, [COLUMN_TIME] = 8,
		[COLUMN_ADDR] = 4, [COLUMN_MAC] = 8, [COLUMN_BYTES] = 4 };

	return width[type];
}

bool
block_builder_init(struct block_builder *g, size_t max, uint64_t seed)
{
	*g = (struct block_builder){
		.max = max < COLUMN_ROWS ? max : COLUMN_ROWS,
		.keep = { { ~UINT64_C(0), ~UINT64_C(0) } },
		.elements = { .all = true }
	};
	buf_init(&g->octets, BUILDER_OCTETS);
	for (unsigned i = 0; i < COL_COUNT; i++) {
		unsigned type = column_info[i].type;

		column_builder_init(&g->col[i], width_of(type),
		    type == COLUMN_TIME,
		    type == COLUMN_ADDR || type == COLUMN_BYTES);
	}
	return addr_dictionary_init(&g->pool, seed);
}

bool
block_builder_keep(struct block_builder *g, const struct colset *columns,
    const struct other_filter *elements)
{
	if (columns != NULL)
		g->keep = *columns;
	if (elements == NULL)
		return true;
	g->elements = *elements;
	if (elements->all || elements->n == 0)
		return true;
	g->ids = malloc(elements->n * sizeof(*g->ids));
	if (g->ids == NULL)
		return false;
	memcpy(g->ids, elements->ids, elements->n * sizeof(*g->ids));
	g->elements.ids = g->ids;
	return true;
}

void
block_builder_fini(struct block_builder *g)
{
	for (unsigned i = 0; i < COL_COUNT; i++)
		column_builder_fini(&g->col[i]);
	lookup_tables_fini(&g->facts);
	free(g->ids);
	addr_dictionary_fini(&g->pool);
	buf_fini(&g->octets);
}

void
block_builder_reset(struct block_builder *g)
{
	for (unsigned i = 0; i < COL_COUNT; i++)
		column_builder_reset(&g->col[i]);
	lookup_tables_reset(&g->facts);
	for (unsigned i = 0; i < LOOKUPS; i++)
		g->misses[i].n = 0;
	g->nrows = 0;
	g->used = (struct colset){ { 0, 0 } };
	g->failed = false;
	addr_dictionary_reset(&g->pool);
	buf_reset(&g->octets);
}

/* Computes times that are predicted from uptimes. */
static bool
materialize_uptime(struct block_builder *g, unsigned col)
{
	const struct predictor *p = predictor_of_uptime(col);
	struct column_builder *c = &g->col[col];
	const struct column_builder *agent = &g->col[p->from];
	const struct column_builder *by = &g->col[p->by];
	const struct column_builder *now = &g->col[COL_sys_uptime_ms];
	uint64_t residual = c->first;

	if (!block_builder_materialize(g, p->from) ||
	    !block_builder_materialize(g, p->by) ||
	    !block_builder_materialize(g, COL_sys_uptime_ms) ||
	    !column_builder_materialize(c))
		return false;
	for (size_t i = 0; i < c->n; i++)
		c->u64[i] = residual +
		    predict_uptime(agent->u64[i], now->u32[i], by->u32[i]);
	return true;
}

static bool
materialize_lookup(struct block_builder *g, unsigned col)
{
	const struct lookup *l = lookup_find(col);
	struct column_builder *c = &g->col[col];

	if (!column_builder_materialize(c))
		return false;
	lookup_materialize(&g->facts, l->table, &g->misses[l->number],
	    g->col[l->key].u32, c);
	return true;
}

bool
block_builder_materialize(struct block_builder *g, unsigned col)
{
	if (g->col[col].as == COLUMN_LOOKUP)
		return materialize_lookup(g, col);
	if (g->col[col].as == COLUMN_UPTIME)
		return materialize_uptime(g, col);
	return column_builder_materialize(&g->col[col]);
}

bool
block_builder_same_rows(const struct block_builder *g, unsigned a, unsigned b)
{
	const struct column_builder *x = &g->col[a], *y = &g->col[b];

	if (x->n != y->n || x->n == 0 || !colset_has(&g->used, b))
		return false;
	return x->n == g->nrows || memcmp(x->valid, y->valid,
	    bitmap_words(g->nrows) * sizeof(*x->valid)) == 0;
}

/* Are all bits of a range set? */
static bool
bitmap_covers(const uint64_t *map, size_t first, size_t n)
{
	while (n > 0) {
		size_t bit = first % 64, take = 64 - bit < n ? 64 - bit : n;
		uint64_t want = bitmap_low(take) << bit;

		if ((map[first / 64] & want) != want)
			return false;
		first += take;
		n -= take;
	}
	return true;
}

/* Do all rows have a value? Tests whole words. */
static bool
all_valid(const struct batch *batch, unsigned col, const struct rows *rows)
{
	return colset_has(&batch->used, col) &&
	    bitmap_covers(batch->col[col].valid, rows->first,
		rows->end - rows->first);
}

#define PICK(T, from_array) \
	do { \
		const T *restrict in = (const T *)(from_array) + rows->first; \
		T *restrict out = room; \
\
		for (size_t i = 0; i < rows->n; i++) \
			out[i] = in[rows->at[i]]; \
	} while (0)

/* The integers of the rows: in place, or copied to room. */
static struct values
add_integers(const struct batch *batch, unsigned col, const struct rows *rows,
    void *room)
{
	const struct column *from = &batch->col[col];
	unsigned width = width_of(column_info[col].type);
	struct values v = { .n = rows->n, .width = width, .any = room };

	if (rows->all)
		v.any = from->u8 + rows->first * width;
	else if (width == 1)
		PICK(uint8_t, from->u8);
	else if (width == 2)
		PICK(uint16_t, from->u16);
	else if (width == 4)
		PICK(uint32_t, from->u32);
	else
		PICK(uint64_t, from->u64);
	return v;
}

enum {
	PROBE = 256,	/* rows that show whether addresses repeat */
	HOPS_LOG2 = 8	/* next hops that are cached */
};

/* Numbers next hops, which are few and repeat soon. */
static void
number_hops(struct addr_dictionary *pool, const struct values *v, uint32_t *out)
{
	struct hop {
		uint32_t v4;
		uint32_t number; /* and 1; 0: none */
	} seen[1 << HOPS_LOG2] = { { 0, 0 } };

	for (size_t i = 0; i < v->n; i++) {
		uint32_t v4 = v->u32[i];
		struct hop *hop =
		    &seen[v4 * UINT32_C(0x9e3779b1) >> (32 - HOPS_LOG2)];

		if (hop->v4 != v4 || hop->number == 0)
			*hop = (struct hop){ v4,
				addr_dictionary_put4(pool, v4) + 1 };
		out[i] = hop->number - 1;
	}
}

/* Numbers IPv4 addresses, which may vary or stay the same for long. */
static void
number_v4(struct addr_dictionary *pool, const struct values *v, uint32_t *out)
{
	size_t n = v->n < PROBE ? v->n : PROBE;

	if (values_changes(v, 1, n) > n / COLUMN_RUN) {
		addr_dictionary_put4_run(pool, v->u32, v->n, out);
		return;
	}
	for (size_t i = 0; i < v->n; i++)
		out[i] = i > 0 && v->u32[i] == v->u32[i - 1]
		    ? out[i - 1]
		    : addr_dictionary_put4(pool, v->u32[i]);
}

static void
number_any(struct addr_dictionary *pool, const struct column *from,
    const struct rows *rows, uint32_t *out)
{
	for (size_t i = 0; i < rows->n; i++) {
		size_t r = rows->first + (rows->all ? i : rows->at[i]);

		out[i] = bitmap_test(from->is6, r)
		    ? addr_dictionary_put6(pool, from->v6[r])
		    : addr_dictionary_put4(pool, from->u32[r]);
	}
}

/* Writes the numbers of addresses to room. */
static struct values
add_numbers(struct block_builder *g, const struct batch *batch, unsigned col,
    const struct rows *rows, uint32_t *room)
{
	const struct column *from = &batch->col[col];
	struct values v;

	if (!addr_dictionary_reserve(&g->pool, rows->n))
		g->failed = true;
	else if (bitmap_next(from->is6, rows->first, rows->end) == rows->end) {
		v = add_integers(batch, col, rows, g->picked[1]);
		if (lookup_find(col) != NULL)
			number_hops(&g->pool, &v, room);
		else
			number_v4(&g->pool, &v, room);
	} else if (rows->all &&
	    bitmap_covers(from->is6, rows->first, rows->n)) {
		addr_dictionary_put6_run(
		    &g->pool, from->v6 + rows->first, rows->n, room);
	} else {
		number_any(&g->pool, from, rows, room);
	}
	return values_u32(room, rows->n);
}

/* Is it a list of elements that is filtered? */
static bool
is_filtered(const struct block_builder *g, unsigned col)
{
	return (column_info[col].flags & COLUMN_OTHER) && !g->elements.all;
}

/* The size of the elements that are kept; appends them to out if not NULL. */
static size_t
filter_elements(
    const struct block_builder *g, struct bytes list, struct buf *out)
{
	struct wire w;
	struct other o;
	size_t len = 0;

	wire_init(&w, list);
	while (other_next(&w, &o)) {
		size_t entry = OTHER_HEAD + o.value.len;

		if (!other_filter_has(&g->elements, o.pen, o.id))
			continue;
		if (out != NULL)
			buf_append(out, o.value.ptr - OTHER_HEAD, entry);
		len += entry;
	}
	return len;
}

/* Adds the lengths of values, whose octets are stored one after another. */
static struct values
add_lengths(struct block_builder *g, const struct batch *batch, unsigned col,
    const struct rows *rows, uint32_t *room)
{
	bool filtered = is_filtered(g, col);

	for (size_t i = 0; i < rows->n; i++) {
		size_t r = rows->first + (rows->all ? i : rows->at[i]);
		struct bytes b = batch_bytes(batch, col, r);

		room[i] = (uint32_t)b.len;
		if (filtered)
			room[i] = (uint32_t)filter_elements(g, b, &g->octets);
		else
			buf_append(&g->octets, b.ptr, b.len);
	}
	if (!buf_ok(&g->octets))
		g->failed = true;
	return values_u32(room, rows->n);
}

static struct values
values_of(struct block_builder *g, const struct batch *batch, unsigned col,
    const struct rows *rows)
{
	void *room = g->picked[0];

	switch (column_info[col].type) {
	case COLUMN_ADDR:
		return add_numbers(g, batch, col, rows, room);
	case COLUMN_BYTES:
		return add_lengths(g, batch, col, rows, room);
	default:
		return add_integers(batch, col, rows, room);
	}
}

/*
 * May a column with values in all rows continue or start to be stored in this
 * form? Not if that failed recently.
 */
static bool
may_follow(const struct block_builder *g, const struct column_builder *c,
    enum column_form as)
{
	return c->n == 0 ? g->nrows == 0 && c->shuns == 0
			 : c->as == as && c->n == g->nrows;
}

/* Network, interface and next hop of one address. */
struct lookup_column {
	uint8_t key, interface, as, mask, hop;
};

static const struct lookup_column places[] = {
	{ COL_src_addr, COL_if_in, COL_src_as, COL_src_mask, COL_COUNT },
	{ COL_dst_addr, COL_if_out, COL_dst_as, COL_dst_mask, COL_next_hop },
};

/* Is a column looked up already, so that it may continue with all rows? */
static bool
goes_on(const struct block_builder *g, const struct batch *batch, unsigned col,
    const struct rows *rows)
{
	return g->col[col].as == COLUMN_LOOKUP &&
	    g->col[col].n == g->nrows && all_valid(batch, col, rows);
}

/*
 * Columns that are looked up by an address mostly agree in all rows. This tests
 * all of them at once, when the numbers of the address are known.
 */
static void
lookups_agree(struct block_builder *g, const struct batch *batch,
    const struct lookup_column *p, const struct rows *rows)
{
	const struct column_builder *key = &g->col[p->key];
	struct lookup_rows r = { .hop = { .n = 0 } };
	void *room = g->picked[0];

	if (!rows->all || key->as != COLUMN_ARRAY ||
	    key->n != g->nrows + rows->n ||
	    !goes_on(g, batch, p->interface, rows) ||
	    !goes_on(g, batch, p->as, rows) ||
	    !goes_on(g, batch, p->mask, rows))
		return;
	r.key = key->u32 + g->nrows;
	if (p->hop != COL_COUNT && goes_on(g, batch, p->hop, rows))
		r.hop = add_numbers(g, batch, p->hop, rows, room);
	r.as = add_integers(batch, p->as, rows, NULL);
	r.mask = add_integers(batch, p->mask, rows, NULL);
	r.interface = add_integers(batch, p->interface, rows, NULL);
	if (g->failed ||
	    !lookup_tables_grow(&g->facts, addr_dictionary_count(&g->pool)) ||
	    !lookup_agrees(&g->facts, &r))
		return;
	colset_add(&g->agreed, p->as);
	colset_add(&g->agreed, p->mask);
	colset_add(&g->agreed, p->interface);
	if (r.hop.n != 0)
		colset_add(&g->agreed, p->hop);
}

/* Was its address added just now, and does it vary? */
static bool
looks_up(struct block_builder *g, unsigned col, struct values *v)
{
	const struct lookup *l = lookup_find(col);
	struct column_builder *c = &g->col[col];
	const struct column_builder *key = &g->col[l->key];

	if (key->as != COLUMN_ARRAY || key->n != g->nrows + v->n ||
	    (c->n == 0 && values_constant(v)))
		return false;
	return lookup_tables_grow(&g->facts, addr_dictionary_count(&g->pool)) &&
	    lookup_add(&g->facts, l->table, &g->misses[l->number],
		key->u32 + c->n, v, c->n);
}

static bool
follow_address(struct block_builder *g, unsigned col, struct values *v)
{
	struct column_builder *c = &g->col[col];

	if (lookup_find(col) == NULL || !may_follow(g, c, COLUMN_LOOKUP))
		return false;
	if (colset_has(&g->agreed, col))
		values_range(v);
	if ((!colset_has(&g->agreed, col) || v->max == UINT32_MAX) &&
	    !looks_up(g, col, v))
		return false;
	c->as = COLUMN_LOOKUP;
	if (!c->is_number)
		column_builder_widen(c, v);
	return true;
}

/* Is the residual of the times the same in all rows? */
VECTORIZE static bool
residual_is(const struct values *v, const uint64_t *restrict agent,
    const uint32_t *restrict now, const uint32_t *restrict by,
    uint64_t residual)
{
	uint64_t differ = 0;

	for (size_t i = 0; i < v->n; i++)
		differ |= (v->u64[i] - predict_uptime(agent[i], now[i],
		    by[i])) ^ residual;
	return differ == 0;
}

static bool
follow_uptime(struct block_builder *g, const struct batch *batch, unsigned col,
    const struct rows *rows, struct values *v)
{
	const struct predictor *p = predictor_of_uptime(col);
	struct column_builder *c = &g->col[col];
	struct values agent, now, by;
	uint64_t residual;

	if (p == NULL || !may_follow(g, c, COLUMN_UPTIME) ||
	    !all_valid(batch, p->from, rows) ||
	    !all_valid(batch, p->by, rows) ||
	    !all_valid(batch, COL_sys_uptime_ms, rows) ||
	    g->col[p->from].n != g->nrows + v->n ||
	    g->col[COL_sys_uptime_ms].n != g->nrows + v->n ||
	    g->col[p->by].n != g->nrows)
		return false;
	agent = add_integers(batch, p->from, rows, g->picked[1]);
	now = add_integers(batch, COL_sys_uptime_ms, rows, g->picked[2]);
	by = add_integers(batch, p->by, rows, g->picked[3]);
	residual = c->n > 0 ? c->first
			: v->u64[0] - predict_uptime(agent.u64[0],
			      now.u32[0], by.u32[0]);
	if (!residual_is(v, agent.u64, now.u32, by.u32, residual))
		return false;
	c->as = COLUMN_UPTIME;
	c->first = residual;
	column_builder_widen(c, v);
	return true;
}

enum {
	SHUNS = 16	/* blocks until following is tried again */
};

/* Adds the values of a column that has one in every row. */
static void
put_full(struct block_builder *g, const struct batch *batch, unsigned col,
    const struct rows *rows)
{
	struct column_builder *c = &g->col[col];
	struct values v;

	if (c->is_number && colset_has(&g->agreed, col)) {
		c->n += rows->n;
		return;
	}
	v = values_of(g, batch, col, rows);
	if (g->failed)
		return;
	if (follow_address(g, col, &v) ||
	    follow_uptime(g, batch, col, rows, &v)) {
		c->n += v.n;
		return;
	}
	if (c->as == COLUMN_LOOKUP || c->as == COLUMN_UPTIME) {
		c->shuns = SHUNS;
		if (!block_builder_materialize(g, col)) {
			g->failed = true;
			return;
		}
	}
	if (!column_builder_add(c, &v))
		g->failed = true;
}

/*
 * The column gets its first gap: until now every row had a value, or none had.
 */
static bool
begin_gaps(struct block_builder *g, unsigned col)
{
	struct column_builder *c = &g->col[col];

	if (c->some)
		return true;
	if (c->valid == NULL)
		c->valid = malloc(bitmap_words(COLUMN_ROWS) *
		    sizeof(*c->valid));
	if (c->valid == NULL ||
	    ((c->as == COLUMN_LOOKUP || c->as == COLUMN_UPTIME) &&
		!block_builder_materialize(g, col))) {
		g->failed = true;
		return false;
	}
	memset(c->valid, 0, bitmap_words(COLUMN_ROWS) * sizeof(*c->valid));
	bitmap_set_range(c->valid, 0, c->n);
	c->some = true;
	return true;
}

/* Adds the values of the rows that have one. */
static void
put_some(struct block_builder *g, const struct batch *batch, unsigned col,
    const struct rows *rows)
{
	const uint64_t *valid = batch->col[col].valid;
	struct column_builder *c = &g->col[col];
	struct rows mine = { .first = rows->first, .end = rows->end };
	bool filtered = is_filtered(g, col);
	struct values v;

	if (!begin_gaps(g, col))
		return;
	for (size_t i = 0; i < rows->n; i++) {
		size_t at = rows->all ? i : rows->at[i];

		if (!bitmap_test(valid, rows->first + at) ||
		    (filtered && filter_elements(g, batch_bytes(batch, col,
			rows->first + at), NULL) == 0))
			continue;
		mine.at[mine.n++] = (uint16_t)at;
		bitmap_set(c->valid, g->nrows + i);
	}
	if (mine.n == 0)
		return;
	v = values_of(g, batch, col, &mine);
	if (!g->failed && !column_builder_add(c, &v))
		g->failed = true;
}

/* Adds a column, whose earlier rows all lack a value. */
static void
put_column(struct block_builder *g, const struct batch *batch, unsigned col,
    const struct rows *rows)
{
	const struct column_builder *c = &g->col[col];

	if (c->n == g->nrows && !c->some && !is_filtered(g, col) &&
	    all_valid(batch, col, rows))
		put_full(g, batch, col, rows);
	else if (!colset_has(&batch->used, col))
		(void)begin_gaps(g, col);
	else
		put_some(g, batch, col, rows);
}

_Static_assert((int)COL_src_addr < (int)COL_dst_addr &&
    (int)COL_dst_addr < (int)COL_next_hop &&
    (int)COL_next_hop < (int)COL_if_in && (int)COL_if_in < (int)COL_if_out &&
    (int)COL_next_hop < (int)COL_src_as,
    "addresses, and then what follows from them");

static void
add_rows(
    struct block_builder *g, const struct batch *batch, const struct rows *rows)
{
	g->agreed = (struct colset){ { 0, 0 } };
	for (unsigned i = 0; i < COL_COUNT; i++) {
		if (i == COL_next_hop)
			for (unsigned k = 0; k < 2; k++)
				lookups_agree(g, batch, &places[k], rows);
		if (colset_has(&batch->used, i) && colset_has(&g->keep, i))
			colset_add(&g->used, i);
		if (colset_has(&g->used, i))
			put_column(g, batch, i, rows);
	}
	g->nrows += rows->n;
}

/* The next run of selected rows, at most max of them. */
static void
next_rows(const struct batch *batch, size_t row, size_t max,
    struct rows *rows)
{
	size_t end = batch->nrows - row < BUILDER_RUN ? batch->nrows
						     : row + BUILDER_RUN;

	if (max > BUILDER_RUN)
		max = BUILDER_RUN;
	rows->first = row;
	rows->n = 0;
	rows->all = end - row <= max &&
	    bitmap_covers(batch->selected, row, end - row);
	rows->end = end;
	if (rows->all) {
		rows->n = end - row;
		return;
	}
	for (size_t r = bitmap_next(batch->selected, row, end);
	     r < end && rows->n < max;
	     r = bitmap_next(batch->selected, r + 1, end))
		rows->at[rows->n++] = (uint16_t)(r - row);
	rows->end = row + rows->at[rows->n - 1] + 1;
}

size_t
block_builder_add(
    struct block_builder *g, const struct batch *batch, size_t row)
{
	struct rows rows;

	if (g->nrows > 0 && (g->from_log != batch->from_log ||
		g->octets.len + batch->heap_len > BUILDER_OCTETS))
		return row;
	g->from_log = batch->from_log;
	while (row < batch->nrows && !g->failed) {
		row = bitmap_next(batch->selected, row, batch->nrows);
		if (row == batch->nrows || g->nrows == g->max)
			break;
		next_rows(batch, row, g->max - g->nrows, &rows);
		add_rows(g, batch, &rows);
		row = rows.end;
	}
	return row;
}

bool
block_builder_look_up(struct block_builder *g, const struct lookup *l)
{
	struct column_builder *c = &g->col[l->col];
	const struct column_builder *key = &g->col[l->key];
	struct lookup_misses *misses = &g->misses[l->number];
	struct values v = column_builder_values(c);

	if (addr_dictionary_count(&g->pool) > c->n / 4 * 3)
		return false;
	if (c->as == COLUMN_LOOKUP)
		return true;
	if (c->as != COLUMN_ARRAY || c->shuns > 0 ||
	    key->as != COLUMN_ARRAY ||
	    !block_builder_same_rows(g, l->col, l->key) ||
	    !lookup_tables_grow(&g->facts, addr_dictionary_count(&g->pool)))
		return false;
	misses->n = 0;
	if (lookup_add(&g->facts, l->table, misses, key->u32, &v, 0))
		return true;
	c->shuns = SHUNS;
	return false;
}

/* Renumbers the addresses that a column stores itself. */
static void
sort_column(struct block_builder *g, struct column_builder *c)
{
	const uint32_t *rank = g->pool.rank;

	if (c->as == COLUMN_CONSTANT && c->n > 0)
		c->first = rank[c->first];
	for (size_t i = 0; c->as == COLUMN_RUNS && i < c->nruns; i++)
		c->run[i] = rank[c->run[i]];
	for (size_t i = 0; c->as == COLUMN_ARRAY && i < c->n; i++)
		c->u32[i] = rank[c->u32[i]];
}

bool
block_builder_sort_addresses(struct block_builder *g)
{
	size_t n = addr_dictionary_count(&g->pool);

	if (!addr_dictionary_sort(&g->pool))
		return false;
	if (g->facts.n > 0 && !lookup_tables_grow(&g->facts, n))
		return false;
	for (unsigned col = 0; col < COL_COUNT; col++) {
		const struct lookup *l = lookup_find(col);
		struct lookup_misses *misses;

		if (column_info[col].type != COLUMN_ADDR)
			continue;
		sort_column(g, &g->col[col]);
		misses = l != NULL ? &g->misses[l->number] : NULL;
		for (size_t i = 0; misses != NULL && i < misses->n; i++)
			misses->value[i] = g->pool.rank[misses->value[i]];
	}
	if (g->facts.n > 0)
		lookup_tables_sort(&g->facts, &g->pool);
	return true;
}
