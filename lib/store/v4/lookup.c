/* Columns that an address determines; see lookup.h. */
#include <stdlib.h>
#include <string.h>

#include "lookup.h"

#define UNKNOWN UINT32_MAX	/* never a value of a table */

enum {
	SLACK = 8,	/* misses that are always allowed */
	CAP_MIN = 8 * 1024,
	CHUNK = 256	/* rows that are compared at a time */
};

enum {
	TABLE_AS,
	TABLE_MASK,
	TABLE_INTERFACE,
	TABLE_NEXT_HOP,
	TABLE_BGP_NEXT_HOP
};

static const struct lookup lookups[LOOKUPS] = {
	{ COL_src_as, COL_src_addr, TABLE_AS, 0 },
	{ COL_dst_as, COL_dst_addr, TABLE_AS, 1 },
	{ COL_src_mask, COL_src_addr, TABLE_MASK, 2 },
	{ COL_dst_mask, COL_dst_addr, TABLE_MASK, 3 },
	{ COL_if_in, COL_src_addr, TABLE_INTERFACE, 4 },
	{ COL_if_out, COL_dst_addr, TABLE_INTERFACE, 5 },
	{ COL_next_hop, COL_dst_addr, TABLE_NEXT_HOP, 6 },
	{ COL_bgp_next_hop, COL_dst_addr, TABLE_BGP_NEXT_HOP, 7 },
};

const struct lookup *
lookup_find(unsigned col)
{
	for (size_t i = 0; i < LOOKUPS; i++)
		if (lookups[i].col == col)
			return &lookups[i];
	return NULL;
}

unsigned
lookup_type(unsigned table)
{
	for (size_t i = 0; i < LOOKUPS; i++)
		if (lookups[i].table == table)
			return column_info[lookups[i].col].type;
	return COLUMN_U32;
}

void
lookup_tables_fini(struct lookup_tables *f)
{
	free(f->word);
	free(f->room);
}

/* Clears the words of the addresses from first up to end. */
static void
tables_forget(struct lookup_tables *f, size_t first, size_t end)
{
	memset(f->word + first * LOOKUP_TABLES, 0xff,
	    (end - first) * LOOKUP_TABLES * sizeof(*f->word));
}

void
lookup_tables_reset(struct lookup_tables *f)
{
	f->n = 0;
	f->sorted = false;
	memset(f->used, 0, sizeof(f->used));
}

/* The words of a table, one of each address. */
struct lookup_words {
	uint32_t *at;
	size_t step;
};

static struct lookup_words
words_of(const struct lookup_tables *f, unsigned table)
{
	return f->sorted
	    ? (struct lookup_words) { f->word + table * f->cap, 1 }
	    : (struct lookup_words) { f->word + table, LOOKUP_TABLES };
}

static bool
array_grow(uint32_t **p, size_t cap)
{
	uint32_t *more = realloc(*p, cap * LOOKUP_TABLES * sizeof(**p));

	if (more != NULL)
		*p = more;
	return more != NULL;
}

bool
lookup_tables_grow(struct lookup_tables *f, size_t n)
{
	size_t cap = f->cap != 0 ? f->cap : CAP_MIN;

	while (cap < n)
		cap *= 2;
	if (cap != f->cap) {
		if (!array_grow(&f->word, cap) || !array_grow(&f->room, cap))
			return false;
		f->cap = cap;
	}
	if (n > f->n) {
		tables_forget(f, f->n, n);
		f->n = n;
	}
	return true;
}

/*
 * Finds the rows whose value differs from the table: new addresses, or misses.
 * Without branches, which would be unpredictable, and without writes to the
 * table, which would stall later reads.
 */
#define DIFFERENT(T, name) \
	static size_t name(const uint32_t *restrict word, size_t step, \
	    const uint32_t *restrict key, const T *restrict v, size_t n, \
	    uint32_t *restrict rows) \
	{ \
		size_t found = 0; \
\
		for (size_t i = 0; i < n; i++) { \
			rows[found] = (uint32_t)i; \
			found += word[key[i] * step] != v[i]; \
		} \
		return found; \
	}

DIFFERENT(uint8_t, different8)
DIFFERENT(uint32_t, different32)

/* Sets a word that is unknown; false when it has another value. */
static bool
table_learn(uint32_t *word, uint32_t v)
{
	if (*word == UNKNOWN)
		*word = v;
	return *word == v;
}

static bool
add_chunk(struct lookup_words word, struct lookup_misses *misses,
    const uint32_t *key, const struct values *v, size_t first, size_t n,
    size_t row)
{
	size_t max = SLACK + (row + n) / LOOKUP_MISSES, found;
	uint32_t rows[CHUNK];

	if (max > LOOKUP_MISSES_MAX)
		max = LOOKUP_MISSES_MAX;
	found = v->width == 1
	    ? different8(word.at, word.step, key, v->u8 + first, n, rows)
	    : different32(word.at, word.step, key, v->u32 + first, n,
		rows);
	for (size_t i = 0; i < found; i++) {
		uint32_t is = (uint32_t)values_at(v, first + rows[i]);

		if (table_learn(word.at + key[rows[i]] * word.step, is))
			continue;
		if (misses->n == max)
			return false;
		misses->row[misses->n] = (uint32_t)(row + rows[i]);
		misses->value[misses->n++] = is;
	}
	return true;
}

bool
lookup_add(struct lookup_tables *f, unsigned table,
    struct lookup_misses *misses, const uint32_t *key, struct values *v,
    size_t row)
{
	size_t before = misses->n;

	values_range(v);
	if (v->max == UNKNOWN)
		return false;
	f->used[table] = true;
	for (size_t at = 0; at < v->n; at += CHUNK)
		if (!add_chunk(words_of(f, table), misses, key + at, v, at,
			v->n - at < CHUNK ? v->n - at : CHUNK, row + at)) {
			misses->n = before;
			return false;
		}
	return true;
}

/*
 * Finds the rows of a chunk for which some table differs. Instantiated twice,
 * to keep a branch out of the loop.
 */
static inline size_t
values_different(const uint32_t *restrict word, const struct lookup_rows *r,
    size_t first, size_t n, uint32_t *restrict rows, bool hops)
{
	const uint32_t *restrict key = r->key + first;
	const uint32_t *restrict as = r->as.u32 + first;
	const uint8_t *restrict mask = r->mask.u8 + first;
	const uint32_t *restrict interface = r->interface.u32 + first;
	const uint32_t *restrict hop = hops ? r->hop.u32 + first : key;
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		__builtin_prefetch(word + (size_t)key[i] * LOOKUP_TABLES);
	for (size_t i = 0; i < n; i++) {
		const uint32_t *at = word + (size_t)key[i] * LOOKUP_TABLES;
		uint32_t differ = (at[TABLE_AS] ^ as[i]) |
		    (at[TABLE_MASK] ^ mask[i]) |
		    (at[TABLE_INTERFACE] ^ interface[i]);

		if (hops)
			differ |= at[TABLE_NEXT_HOP] ^ hop[i];
		rows[found] = (uint32_t)i;
		found += differ != 0;
	}
	return found;
}

static bool
learn_row(uint32_t *word, const struct lookup_rows *r, size_t row)
{
	return table_learn(&word[TABLE_AS], r->as.u32[row]) &&
	    table_learn(&word[TABLE_MASK], r->mask.u8[row]) &&
	    table_learn(&word[TABLE_INTERFACE], r->interface.u32[row]) &&
	    (r->hop.n == 0 ||
		table_learn(&word[TABLE_NEXT_HOP], r->hop.u32[row]));
}

bool
lookup_agrees(struct lookup_tables *f, const struct lookup_rows *r)
{
	uint32_t rows[CHUNK];
	bool agrees = true;

	for (size_t at = 0; at < r->as.n && agrees; at += CHUNK) {
		size_t n = r->as.n - at < CHUNK ? r->as.n - at : CHUNK;
		size_t found = r->hop.n != 0
		    ? values_different(f->word, r, at, n, rows, true)
		    : values_different(f->word, r, at, n, rows, false);

		for (size_t i = 0; i < found && agrees; i++) {
			size_t row = at + rows[i];

			agrees = learn_row(f->word +
				(size_t)r->key[row] * LOOKUP_TABLES, r, row);
		}
	}
	return agrees;
}

void
lookup_materialize(const struct lookup_tables *f, unsigned table,
    const struct lookup_misses *misses, const uint32_t *key,
    struct column_builder *c)
{
	struct lookup_words word = words_of(f, table);

	if (c->width == 1)
		for (size_t i = 0; i < c->n; i++)
			c->u8[i] = (uint8_t)word.at[key[i] * word.step];
	else
		for (size_t i = 0; i < c->n; i++)
			c->u32[i] = word.at[key[i] * word.step];
	for (size_t i = 0; i < misses->n; i++)
		if (c->width == 1)
			c->u8[misses->row[i]] = (uint8_t)misses->value[i];
		else
			c->u32[misses->row[i]] = misses->value[i];
}

static void
sort_table(struct lookup_tables *f, unsigned table, const uint32_t *rank)
{
	const uint32_t *word = f->word + table;
	uint32_t *out = f->room + table * f->cap;

	if (!f->used[table])
		memset(out, 0xff, f->n * sizeof(*out));
	else if (lookup_type(table) != COLUMN_ADDR)
		for (size_t i = 0; i < f->n; i++)
			out[rank[i]] = word[i * LOOKUP_TABLES];
	else
		for (size_t i = 0; i < f->n; i++) {
			uint32_t v = word[i * LOOKUP_TABLES];

			out[rank[i]] = v == UNKNOWN ? v : rank[v];
		}
}

void
lookup_tables_sort(struct lookup_tables *f, const struct addr_dictionary *pool)
{
	uint32_t *swap = f->word;

	for (unsigned i = 0; i < LOOKUP_TABLES; i++)
		sort_table(f, i, pool->rank);
	f->word = f->room;
	f->room = swap;
	f->sorted = true;
}

size_t
lookup_known(const struct lookup_tables *f, unsigned table, uint32_t *out)
{
	struct lookup_words word = words_of(f, table);
	size_t n = 0;

	for (size_t i = 0; i < f->n; i++, word.at += word.step) {
		out[n] = *word.at;
		n += *word.at != UNKNOWN;
	}
	return n;
}

void
lookup_all(const struct lookup_tables *f, unsigned table, uint32_t *out)
{
	struct lookup_words word = words_of(f, table);

	for (size_t i = 0; i < f->n; i++, word.at += word.step)
		out[i] = *word.at == UNKNOWN ? 0 : *word.at;
}
