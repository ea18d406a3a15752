/*
 * The encoding "dictionary": the distinct integers, and an index into them for
 * each row; see int_stream.h. For few integers that are far apart.
 */
#include "int_stream.h"

enum {
	SLOTS_LOG2 = 13,
	SLOTS = 1 << SLOTS_LOG2,
	ENTRIES_MAX = SLOTS / 2,
	SAMPLES = 256,
	STRETCHES = 8,	/* samples of adjacent rows */
	ROWS_MIN = SAMPLES,
	ROWS_OF_ENTRY = 4,
	SLOWS = 8,	/* new entries must become rarer by this factor */
	HEAD = 5	/* encoding and number of entries */
};

struct value_table {
	uint64_t values[ENTRIES_MAX + 1];
	size_t n, max;
	uint64_t key[SLOTS];
	uint16_t entry[SLOTS];	/* the entry + 1; 0: free */
};

static unsigned
bits_of(uint64_t v)
{
	return v == 0 ? 0 : 64 - (unsigned)__builtin_clzll(v);
}

static size_t
slot_of(uint64_t v)
{
	return (size_t)(v * UINT64_C(0x9e3779b97f4a7c15) >>
	    (64 - SLOTS_LOG2));
}

/* The entry of v, created if needed; ENTRIES_MAX when there are too many. */
static size_t
table_find(struct value_table *t, uint64_t v)
{
	size_t slot = slot_of(v);

	while (t->entry[slot] != 0 && t->key[slot] != v)
		slot = (slot + 1) % SLOTS;
	if (t->entry[slot] == 0) {
		if (t->n >= t->max)
			return ENTRIES_MAX;
		t->key[slot] = v;
		t->values[t->n++] = v;
		t->entry[slot] = (uint16_t)t->n;
	}
	return (size_t)t->entry[slot] - 1;
}

/*
 * How many entries pay off. With planes a plane must be saved; with packed bits
 * a quarter of the width.
 */
static size_t
entries_max(const struct int_stream_writer *w, const struct values *v,
    uint64_t span)
{
	unsigned bits = bits_of(span);
	size_t max;

	if (v->n < ROWS_MIN)
		return 0;
	if (compressor_compression(w->compressor) == COMPRESS_ZSTD)
		return bits > 8 ? 256 : 0;
	if (bits < 3)
		return 0;
	max = (size_t)1 << (bits * 3 / 4 < 16 ? bits * 3 / 4 : 16);
	if (max > v->n / 16)
		max = v->n / 16;
	return max < ENTRIES_MAX ? max : ENTRIES_MAX;
}

/*
 * Do a few rows have few distinct values? Samples adjacent rows, because each
 * isolated one costs a cache miss.
 */
static bool
looks_few(struct value_table *t, const struct values *v)
{
	size_t step = v->n / STRETCHES;

	for (size_t i = 0; i < STRETCHES; i++)
		for (size_t k = 0; k < SAMPLES / STRETCHES; k++)
			if (table_find(t, values_at(v, i * step + k)) ==
			    ENTRIES_MAX)
				return false;
	return t->n < (t->max > SAMPLES ? SAMPLES * 3 / 4 : SAMPLES / 2);
}

static bool
fill_some(struct value_table *t, const struct values *v, size_t first,
    size_t end, uint32_t *index)
{
	uint64_t before = values_at(v, first);
	size_t entry = table_find(t, before);

	for (size_t i = first; i < end && entry != ENTRIES_MAX; i++) {
		uint64_t at = values_at(v, i);

		if (at != before)
			entry = table_find(t, at);
		before = at;
		index[i] = (uint32_t)entry;
	}
	return entry != ENTRIES_MAX;
}

/*
 * Reads a number of rows for each entry that pays off: if there are few
 * distinct values, they occur among the first rows. If new values still come
 * afterwards, as with counters, there will be too many.
 */
static bool
dictionary_fill(struct value_table *t, const struct values *v, uint32_t *index)
{
	size_t some = t->max * ROWS_OF_ENTRY;

	for (size_t at = 0; at < v->n; at += some) {
		size_t n = v->n - at < some ? v->n - at : some;
		size_t before = t->n;

		if (!fill_some(t, v, at, at + n, index))
			return false;
		if (at > 0 && t->n + (t->n - before) * (v->n - at - n) /
			some / SLOWS > t->max)
			return false;
	}
	return true;
}

static void
write_dictionary(struct int_stream_writer *w, const struct values *v,
    const struct value_table *t, const uint32_t *index)
{
	struct values out = values_u64(t->values, t->n);
	uint8_t *p = buf_room(w->out, HEAD);

	if (p == NULL)
		return;
	p[0] = ENCODING_DICTIONARY;
	store_le32(p + 1, (uint32_t)t->n);
	w->out->len += HEAD;
	out.is_signed = v->is_signed;
	out.scaled = v->scaled;
	w->depth++;
	int_stream_put(w, &out);
	out = values_u32(index, v->n);
	int_stream_put(w, &out);
	w->depth--;
}

bool
dictionary_put(
    struct int_stream_writer *w, const struct values *v, uint64_t span)
{
	struct scratch_mark mark = scratch_mark(w->scratch);
	size_t max = entries_max(w, v, span);
	bool pays = false;
	struct value_table *t;
	uint32_t *index;

	if (max < 2)
		return false;
	t = scratch_take(w->scratch, sizeof(*t));
	index = scratch_take(w->scratch, v->n * sizeof(*index));
	if (t == NULL || index == NULL)
		return false;
	memset(t->entry, 0, sizeof(t->entry));
	t->n = 0;
	t->max = max;
	pays = looks_few(t, v) && dictionary_fill(t, v, index);
	if (pays)
		write_dictionary(w, v, t, index);
	scratch_release(w->scratch, mark);
	return pays;
}

/* Every index is below the number of entries. */
static bool
check_index(const struct int_stream *index, size_t n, size_t entries)
{
	uint32_t run[1024];

	for (size_t at = 0; at < n; at += 1024) {
		size_t some = n - at < 1024 ? n - at : 1024;
		uint32_t max = 0;

		int_stream_get32(index, at, some, run);
		for (size_t i = 0; i < some; i++)
			max = run[i] > max ? run[i] : max;
		if (max >= entries)
			return false;
	}
	return true;
}

static bool
dictionary_open(struct int_stream *s, unsigned depth)
{
	struct int_stream_source *from = s->source;
	size_t n = wire_le32(&from->w);
	struct int_stream *index;

	if (!wire_ok(&from->w) || n == 0 || n > s->n)
		return false;
	s->dictionary.values = int_stream_all_inner(from, n, depth + 1);
	index = scratch_take(from->scratch, sizeof(*index));
	s->dictionary.index = index;
	return s->dictionary.values != NULL && index != NULL &&
	    int_stream_open_inner(index, from, s->n, depth + 1) &&
	    check_index(index, s->n, n);
}

enum {
	STEP = 512
};

#define DICTIONARY_GET(T, name) \
	static void name(const struct int_stream *s, size_t first, size_t n, \
	    T *out) \
	{ \
		const uint64_t *values = s->dictionary.values; \
		uint32_t index[STEP]; \
\
		for (size_t at = 0; at < n; at += STEP) { \
			size_t some = n - at < STEP ? n - at : STEP; \
\
			int_stream_get32(s->dictionary.index, first + at, \
			    some, index); \
			for (size_t i = 0; i < some; i++) \
				out[at + i] = (T)values[index[i]]; \
		} \
	}

DICTIONARY_GET(uint32_t, dictionary_get32)
DICTIONARY_GET(uint64_t, dictionary_get64)

const struct encoding encoding_dictionary = { "dictionary", dictionary_open,
	dictionary_get32, dictionary_get64 };
