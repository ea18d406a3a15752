/* Columns that follow from an address; see lookup.h. */
#include <stdlib.h>
#include <string.h>

#include "lookup.h"
#include "wide.h"

#define UNKNOWN UINT32_MAX	/* never a value of a table */

enum {
	SLACK = 8,	/* misses that are allowed from the first row on */
	CAP_MIN = 8 * 1024,
	CHUNK = 1024	/* rows that are compared at a time */
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

void
lookup_table_fini(struct lookup_table *t)
{
	free(t->value);
	free(t->sorted);
}

static void
forget(struct lookup_table *t, size_t first, size_t end)
{
	memset(t->value + first, 0xff, (end - first) * sizeof(*t->value));
}

void
lookup_table_reset(struct lookup_table *t)
{
	if (t->n > 0)
		forget(t, 0, t->n);
	t->n = 0;
	t->used = false;
}

static bool
grow(uint32_t **p, size_t cap)
{
	uint32_t *more = realloc(*p, cap * sizeof(**p));

	if (more != NULL)
		*p = more;
	return more != NULL;
}

bool
lookup_table_grow(struct lookup_table *t, size_t n)
{
	size_t cap = t->cap != 0 ? t->cap : CAP_MIN;

	while (cap < n)
		cap *= 2;
	if (cap != t->cap) {
		if (!grow(&t->value, cap) || !grow(&t->sorted, cap))
			return false;
		forget(t, t->cap, cap);
		t->cap = cap;
	}
	t->n = n > t->n ? n : t->n;
	return true;
}

/*
 * The rows whose value is not what the table has: of new addresses, or misses.
 * Without a branch, as which they are is not to be guessed; and without a
 * write to the table, behind which later reads would wait.
 */
#define DIFFERENT(T, name) \
	WIDE static size_t name(const uint32_t *restrict value, \
	    const uint32_t *restrict key, const T *restrict v, size_t n, \
	    uint32_t *restrict rows) \
	{ \
		size_t found = 0; \
\
		for (size_t i = 0; i < n; i++) { \
			rows[found] = (uint32_t)i; \
			found += value[key[i]] != v[i]; \
		} \
		return found; \
	}

DIFFERENT(uint8_t, different8)
DIFFERENT(uint32_t, different32)

/* Let the table have a value that it has not; false when it has another. */
static bool
learn(struct lookup_table *t, uint32_t key, uint32_t v)
{
	if (t->value[key] == UNKNOWN)
		t->value[key] = v;
	return t->value[key] == v;
}

static bool
add_chunk(struct lookup_table *t, struct lookup_misses *misses,
    const uint32_t *key, const struct values *v, size_t first, size_t n,
    size_t row)
{
	size_t max = SLACK + (row + n) / LOOKUP_MISSES, found;
	uint32_t rows[CHUNK];

	if (max > LOOKUP_MISSES_MAX)
		max = LOOKUP_MISSES_MAX;
	found = v->width == 1
	    ? different8(t->value, key, v->u8 + first, n, rows)
	    : different32(t->value, key, v->u32 + first, n, rows);
	for (size_t i = 0; i < found; i++) {
		uint32_t is = (uint32_t)values_at(v, first + rows[i]);

		if (learn(t, key[rows[i]], is))
			continue;
		if (misses->n == max)
			return false;
		misses->row[misses->n] = (uint32_t)(row + rows[i]);
		misses->value[misses->n++] = is;
	}
	return true;
}

bool
lookup_add(struct lookup_table *t, struct lookup_misses *misses,
    const uint32_t *key, struct values *v, size_t row)
{
	size_t before = misses->n;

	values_range(v);
	if (v->max == UNKNOWN)
		return false;
	for (size_t at = 0; at < v->n; at += CHUNK)
		if (!add_chunk(t, misses, key + at, v, at,
			v->n - at < CHUNK ? v->n - at : CHUNK, row + at)) {
			misses->n = before;
			return false;
		}
	return true;
}

/* The rows of a chunk that one of three tables has not right. */
WIDE static size_t
different3(const struct lookup_table *table, const uint32_t *restrict key,
    const uint32_t *restrict as, const uint8_t *restrict mask,
    const uint32_t *restrict interface, size_t n, uint32_t *restrict rows)
{
	const uint32_t *restrict a = table[TABLE_AS].value;
	const uint32_t *restrict m = table[TABLE_MASK].value;
	const uint32_t *restrict f = table[TABLE_INTERFACE].value;
	size_t found = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t at = key[i];

		rows[found] = (uint32_t)i;
		found += ((a[at] ^ as[i]) | (m[at] ^ mask[i]) |
			     (f[at] ^ interface[i])) != 0;
	}
	return found;
}

bool
lookup_agrees(struct lookup_table *table, const uint32_t *key,
    const struct values *as, const struct values *mask,
    const struct values *interface)
{
	uint32_t rows[CHUNK];
	bool agrees = true;

	for (size_t at = 0; at < as->n && agrees; at += CHUNK) {
		size_t n = as->n - at < CHUNK ? as->n - at : CHUNK;
		size_t found = different3(table, key + at, as->u32 + at,
		    mask->u8 + at, interface->u32 + at, n, rows);

		for (size_t i = 0; i < found && agrees; i++) {
			size_t row = at + rows[i];
			uint32_t k = key[row];

			agrees = learn(&table[TABLE_AS], k, as->u32[row]) &&
			    learn(&table[TABLE_MASK], k, mask->u8[row]) &&
			    learn(&table[TABLE_INTERFACE], k,
				interface->u32[row]);
		}
	}
	return agrees;
}

void
lookup_spread(const struct lookup_table *t,
    const struct lookup_misses *misses, const uint32_t *key,
    struct gathered *c)
{
	if (c->width == 1)
		for (size_t i = 0; i < c->n; i++)
			c->u8[i] = (uint8_t)t->value[key[i]];
	else
		for (size_t i = 0; i < c->n; i++)
			c->u32[i] = t->value[key[i]];
	for (size_t i = 0; i < misses->n; i++)
		if (c->width == 1)
			c->u8[misses->row[i]] = (uint8_t)misses->value[i];
		else
			c->u32[misses->row[i]] = misses->value[i];
}

void
lookup_table_sort(struct lookup_table *t, const struct addrpool *pool,
    bool of_addresses)
{
	const uint32_t *value = t->value;

	for (size_t i = 0; i < t->n; i++)
		t->sorted[pool->rank[i]] =
		    of_addresses && value[i] != UNKNOWN ? pool->rank[value[i]]
							: value[i];
	memcpy(t->value, t->sorted, t->n * sizeof(*t->value));
}

size_t
lookup_table_known(const struct lookup_table *t, uint32_t *out)
{
	size_t n = 0;

	for (size_t i = 0; i < t->n; i++) {
		out[n] = t->value[i];
		n += t->value[i] != UNKNOWN;
	}
	return n;
}

void
lookup_table_end(struct lookup_table *t)
{
	for (size_t i = 0; i < t->n; i++)
		t->value[i] = t->value[i] == UNKNOWN ? 0 : t->value[i];
}
