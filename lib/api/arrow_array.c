/*
 * Batches as Arrow arrays; see flowd_arrow.h. What both have in the same form
 * stays where it is: an array has a reference to the batch. Texts, octets and
 * dictionaries are made anew.
 */
#include <limits.h>
#include <stdlib.h>
#include <time.h>

#include "addr_dictionary.h"
#include "element.h"
#include "endian_be.h"
#include "flowd_arrow.h"
#include "value.h"
#include "wire_le.h"

enum {
	V4_TEXT = 15, /* octets of the longest */
	V6_TEXT = 46,
	MAC_TEXT = 17,
	MAC_OCTETS = 6,
	V6_OCTETS = 16,
	TEXT_ROOM = 64 /* what writing the last one may touch */
};

/* What an array holds, besides its children and its dictionary. */
struct array_owner {
	const void *buffers[3];
	const struct flowd_batch *batch; /* a reference, or NULL */
	void *memory[3];
	unsigned nmemory;
};

static void
array_release(struct ArrowArray *a)
{
	struct array_owner *o = a->private_data;

	for (int64_t i = 0; i < a->n_children; i++) {
		if (a->children[i]->release != NULL)
			a->children[i]->release(a->children[i]);
		free(a->children[i]);
	}
	free(a->children);
	if (a->dictionary != NULL && a->dictionary->release != NULL)
		a->dictionary->release(a->dictionary);
	free(a->dictionary);
	while (o->nmemory > 0)
		free(o->memory[--o->nmemory]);
	flowd_batch_free(o->batch);
	free(o);
	a->release = NULL;
}

int
arrow_array_begin(struct ArrowArray *a, const struct flowd_batch *batch,
    size_t length, unsigned nbuffers)
{
	struct array_owner *o = calloc(1, sizeof(*o));

	*a = (struct ArrowArray) { .length = (int64_t)length };
	if (o == NULL)
		return FLOWD_ENOMEM;
	if (batch != NULL)
		o->batch = flowd_batch_ref(batch);
	a->n_buffers = nbuffers;
	a->buffers = o->buffers;
	a->private_data = o;
	a->release = array_release;
	return 0;
}

void *
arrow_array_alloc(struct ArrowArray *a, size_t size)
{
	struct array_owner *o = a->private_data;
	void *p = malloc(size > 0 ? size : 1);

	if (p != NULL)
		o->memory[o->nmemory++] = p;
	return p;
}

void
arrow_array_own(struct ArrowArray *a, void *memory)
{
	struct array_owner *o = a->private_data;

	o->memory[o->nmemory++] = memory;
}

struct ArrowArray *
arrow_array_child(struct ArrowArray *a, size_t most)
{
	struct ArrowArray *child = calloc(1, sizeof(*child));

	if (a->children == NULL)
		a->children = calloc(most + 1, sizeof(struct ArrowArray *));
	if (a->children == NULL || child == NULL) {
		free(child);
		return NULL;
	}
	a->children[a->n_children++] = child;
	return child;
}

/* The last piece of it is only so large. */
static void *
array_shrink(struct ArrowArray *a, size_t size)
{
	struct array_owner *o = a->private_data;
	void **last = &o->memory[o->nmemory - 1];
	void *p = realloc(*last, size > 0 ? size : 1);

	if (p != NULL)
		*last = p;
	return *last;
}

/* --- Which rows have a value --- */

/*
 * Bits of the batch, and of less those that are not set unless it is NULL, as
 * octets of bits, the lowest first.
 */
static int
bits_copy(struct ArrowArray *a, const uint64_t *bits, const uint64_t *less)
{
	size_t words = bitmap_words((size_t)a->length);
	uint8_t *own = arrow_array_alloc(a, words * sizeof(uint64_t));
	size_t n = 0;

	if (own == NULL)
		return FLOWD_ENOMEM;
	for (size_t i = 0; i < words; i++) {
		uint64_t word = bits[i] & ~(less != NULL ? less[i] : 0);

		n += (size_t)__builtin_popcountll(word);
		store_le64(own + i * sizeof(word), word);
	}
	a->null_count = a->length - (int64_t)n;
	a->buffers[0] = own;
	return 0;
}

/* The same, without a copy where the machine has them in this order. */
static int
array_set_valid(struct ArrowArray *a, const struct column *c)
{
	size_t n = bitmap_count(c->valid, (size_t)a->length);

	a->null_count = a->length - (int64_t)n;
	if (a->null_count == 0)
		return 0;
	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		return bits_copy(a, c->valid, NULL);
	a->buffers[0] = c->valid;
	return 0;
}

/* --- Numbers --- */

static int
numbers_make(const struct flowd_batch *b, const struct column *c,
    struct ArrowArray *a)
{
	(void)b;
	a->buffers[1] = c->u8;
	return array_set_valid(a, c);
}

/* An IPv6 address is none. */
static int
ipv4_make(const struct flowd_batch *b, const struct column *c,
    struct ArrowArray *a)
{
	a->buffers[1] = c->u32;
	return bitmap_next(c->is6, 0, b->rows->nrows) < b->rows->nrows
	    ? bits_copy(a, c->valid, c->is6)
	    : array_set_valid(a, c);
}

/* --- Octets of a fixed length --- */

static int
addr16_make(const struct flowd_batch *b, const struct column *c,
    struct ArrowArray *a)
{
	uint8_t(*out)[V6_OCTETS] =
	    arrow_array_alloc(a, b->rows->nrows * sizeof(*out));
	int column = column_info[c - b->rows->col].id;

	if (out == NULL)
		return FLOWD_ENOMEM;
	(void)flowd_batch_addr16(b, column, out);
	a->buffers[1] = out;
	return array_set_valid(a, c);
}

static int
mac_octets_make(const struct flowd_batch *b, const struct column *c,
    struct ArrowArray *a)
{
	uint8_t *out = arrow_array_alloc(a, b->rows->nrows * MAC_OCTETS);

	if (out == NULL)
		return FLOWD_ENOMEM;
	a->buffers[1] = out;
	for (size_t row = 0; row < b->rows->nrows; row++, out += MAC_OCTETS) {
		store_be16(out, (uint16_t)(c->u64[row] >> 32));
		store_be32(out + 2, (uint32_t)c->u64[row]);
	}
	return array_set_valid(a, c);
}

/* --- Texts --- */

/* The offsets and the octets of texts that are written one by one. */
struct texts {
	int32_t *offsets;
	char *first, *at;
	size_t n;
};

/* n of them, each of at most so many octets. */
static int
texts_begin(struct texts *t, struct ArrowArray *a, size_t n, size_t most)
{
	t->n = 0;
	t->offsets = arrow_array_alloc(a, (n + 1) * sizeof(*t->offsets));
	t->first = t->at = t->offsets != NULL
	    ? arrow_array_alloc(a, n * most + TEXT_ROOM)
	    : NULL;
	if (t->first == NULL)
		return FLOWD_ENOMEM;
	t->offsets[0] = 0;
	return 0;
}

/* One ends here, or there is none. */
static void
texts_end_one(struct texts *t, char *end)
{
	t->at = end;
	t->offsets[++t->n] = (int32_t)(end - t->first);
}

static void
texts_end(struct texts *t, struct ArrowArray *a)
{
	a->buffers[1] = t->offsets;
	a->buffers[2] = array_shrink(a, (size_t)(t->at - t->first));
}

static int
addr_texts_make(const struct flowd_batch *b, const struct column *c,
    struct ArrowArray *a)
{
	const size_t n = b->rows->nrows;
	const bool some6 = bitmap_next(c->is6, 0, n) < n;
	struct texts t;

	if (texts_begin(&t, a, n, some6 ? V6_TEXT : V4_TEXT) != 0)
		return FLOWD_ENOMEM;
	for (size_t row = 0; row < n; row++) {
		char *p = t.at;

		if (bitmap_test(c->is6, row))
			p += addr6_format(c->v6[row], p);
		else if (bitmap_test(c->valid, row))
			p += addr4_format(c->u32[row], p);
		texts_end_one(&t, p);
	}
	texts_end(&t, a);
	return array_set_valid(a, c);
}

static int
mac_texts_make(const struct flowd_batch *b, const struct column *c,
    struct ArrowArray *a)
{
	const size_t n = b->rows->nrows;
	struct texts t;

	if (texts_begin(&t, a, n, MAC_TEXT) != 0)
		return FLOWD_ENOMEM;
	for (size_t row = 0; row < n; row++)
		texts_end_one(&t,
		    bitmap_test(c->valid, row) ? text_mac(t.at, c->u64[row])
					       : t.at);
	texts_end(&t, a);
	return array_set_valid(a, c);
}

/* JSON objects of elements, which may be of any length. */
static int
other_texts_put(const struct flowd_batch *b, const struct column *c,
    int32_t *offsets, struct buf *out)
{
	struct formatter f;

	formatter_init(&f, element_text);
	for (size_t row = 0; row < b->rows->nrows; row++) {
		if (bitmap_test(c->valid, row))
			other_put(out,
			    batch_bytes(b->rows, COL_other, row), &f);
		offsets[row + 1] = (int32_t)out->len;
	}
	return buf_ok(out) ? 0 : FLOWD_ENOMEM;
}

static int
other_texts_make(const struct flowd_batch *b, const struct column *c,
    struct ArrowArray *a)
{
	int32_t *offsets =
	    arrow_array_alloc(a, (b->rows->nrows + 1) * sizeof(*offsets));
	struct buf text;
	int bad;

	if (offsets == NULL)
		return FLOWD_ENOMEM;
	offsets[0] = 0;
	buf_init(&text, INT32_MAX);
	bad = other_texts_put(b, c, offsets, &text);
	/* The array has the memory of the buffer from now on. */
	arrow_array_own(a, text.ptr);
	a->buffers[1] = offsets;
	a->buffers[2] = text.ptr;
	return bad == 0 ? array_set_valid(a, c) : bad;
}

/* --- Dictionaries --- */

/* The numbers of the addresses, in the order in which they come. */
static bool
dictionary_fill(struct addr_dictionary *d, const struct flowd_batch *b,
    const struct column *c, uint32_t *numbers)
{
	const size_t n = b->rows->nrows;

	if (!addr_dictionary_reserve(d, n))
		return false;
	if (bitmap_full_range(c->valid, 0, n) &&
	    bitmap_next(c->is6, 0, n) == n) {
		addr_dictionary_put4_run(d, c->u32, n, numbers);
		return true;
	}
	memset(numbers, 0, n * sizeof(*numbers));
	BITMAP_FOREACH(row, c->valid, 0, n)
		numbers[row] = bitmap_test(c->is6, row)
		    ? addr_dictionary_put6(d, c->v6[row])
		    : addr_dictionary_put4(d, c->u32[row]);
	return true;
}

/* The texts of the addresses, by their numbers. */
static int
dictionary_texts_make(const struct addr_dictionary *d, struct ArrowArray *a)
{
	const size_t n = addr_dictionary_count(d);
	uint32_t *place = malloc((n + 1) * sizeof(*place));
	struct texts t;
	int bad = arrow_array_begin(a, NULL, n, 3);

	if (bad == 0)
		bad = texts_begin(
		    &t, a, n, d->v6.n > 0 ? V6_TEXT : V4_TEXT);
	if (bad != 0 || place == NULL) {
		free(place);
		return FLOWD_ENOMEM;
	}
	for (size_t i = 0; i < d->v4.n; i++)
		place[d->v4.number[i]] = (uint32_t)i;
	for (size_t i = 0; i < d->v6.n; i++)
		place[d->v6.number[i]] = (uint32_t)(d->v4.n + i);
	for (size_t i = 0; i < n; i++) {
		char *p = t.at;

		if (place[i] < d->v4.n)
			p += addr4_format(d->addr4[place[i]], p);
		else
			p += addr6_format(d->addr6[place[i] - d->v4.n], p);
		texts_end_one(&t, p);
	}
	free(place);
	texts_end(&t, a);
	return 0;
}

/* Of hashes: what senders of flows cannot know. */
static uint64_t
dictionary_seed(const void *secret)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)(uintptr_t)secret << 20 ^ (uint64_t)now.tv_nsec ^
	    (uint64_t)now.tv_sec << 32;
}

static int
dictionary_make(const struct flowd_batch *b, const struct column *c,
    struct ArrowArray *a)
{
	uint32_t *numbers =
	    arrow_array_alloc(a, b->rows->nrows * sizeof(*numbers));
	struct addr_dictionary d;
	int bad = FLOWD_ENOMEM;

	a->dictionary = calloc(1, sizeof(*a->dictionary));
	if (numbers == NULL || a->dictionary == NULL ||
	    !addr_dictionary_init(&d, dictionary_seed(a->dictionary)))
		return FLOWD_ENOMEM;
	if (dictionary_fill(&d, b, c, numbers))
		bad = dictionary_texts_make(&d, a->dictionary);
	addr_dictionary_fini(&d);
	a->buffers[1] = numbers;
	return bad == 0 ? array_set_valid(a, c) : bad;
}

/* --- Columns --- */

/* How an array is made of a column, and how many buffers it has. */
struct array_maker {
	int (*make)(const struct flowd_batch *b, const struct column *c,
	    struct ArrowArray *a);
	unsigned nbuffers;
};

static struct array_maker
array_maker_of(unsigned type, enum flowd_arrow_addresses form)
{
	static const struct array_maker addresses[] = {
		[FLOWD_ARROW_TEXT] = { addr_texts_make, 3 },
		[FLOWD_ARROW_DICTIONARY] = { dictionary_make, 2 },
		[FLOWD_ARROW_BINARY] = { addr16_make, 2 },
		[FLOWD_ARROW_IPV4] = { ipv4_make, 2 },
	};
	static const struct array_maker mac_octets = { mac_octets_make, 2 };
	static const struct array_maker mac_texts = { mac_texts_make, 3 };
	static const struct array_maker other = { other_texts_make, 3 };
	static const struct array_maker numbers = { numbers_make, 2 };

	switch (type) {
	case COLUMN_ADDR:
		return addresses[form];
	case COLUMN_MAC:
		return form == FLOWD_ARROW_BINARY ? mac_octets : mac_texts;
	case COLUMN_BYTES:
		return other;
	default:
		return numbers;
	}
}

static int
column_make(const struct flowd_batch *b, unsigned col,
    enum flowd_arrow_addresses form, struct ArrowArray *a)
{
	struct array_maker maker =
	    array_maker_of(column_info[col].type, form);
	int bad = arrow_array_begin(a, b, b->rows->nrows, maker.nbuffers);

	return bad == 0 ? maker.make(b, &b->rows->col[col], a) : bad;
}

int
arrow_array_make(const struct flowd_batch *b,
    enum flowd_arrow_addresses form, struct ArrowArray *out)
{
	const struct column_list list = arrow_columns(&b->columns);
	int bad = arrow_array_begin(out, NULL, b->rows->nrows, 1);

	if (bad != 0)
		return bad;
	for (size_t i = 0; bad == 0 && i < list.n; i++) {
		struct ArrowArray *child = arrow_array_child(out, list.n);

		bad = child != NULL ? column_make(b, list.col[i], form, child)
				    : FLOWD_ENOMEM;
	}
	if (bad != 0)
		array_release(out);
	return bad;
}
