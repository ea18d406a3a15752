/*
 * Other elements as a JSON object; see value.h. Test: test_json.c.
 *
 * An element that occurs several times becomes an array, at the position of its
 * first value. Most lists have no such element, which a small Bloom filter
 * shows at once. Else the entries are sorted: a hostile list may hold
 * thousands.
 */
#include <stdlib.h>

#include "value.h"

/* The elements of a list as bits; two may share a bit. */
struct seen {
	uint64_t map[8];
};

/* One entry, for sorting by element and then by place. */
struct entry {
	uint64_t element;
	struct bytes value;
};

struct entries {
	struct entry *entry;
	size_t n;
};

static uint64_t
element_key(const struct other *o)
{
	return (uint64_t)o->pen << 16 | o->id;
}

/* May an element occur twice? Sets n to the number of entries. */
static bool
may_repeat(struct bytes list, size_t *n)
{
	struct seen seen = { { 0 } };
	struct wire w;
	struct other o;
	bool twice = false;

	*n = 0;
	wire_init(&w, list);
	while (other_next(&w, &o)) {
		unsigned bit = (o.id ^ o.id >> 9 ^ o.pen ^ o.pen >> 9) % 512;

		twice |= bitmap_test(seen.map, bit);
		bitmap_set(seen.map, bit);
		++*n;
	}
	return twice;
}

static int
compare_entries(const void *a_, const void *b_)
{
	const struct entry *a = a_, *b = b_;

	if (a->element != b->element)
		return a->element < b->element ? -1 : 1;
	return a->value.ptr < b->value.ptr ? -1 : 1;
}

/*
 * Sorts the entries of a list in which some may repeat; false: out of memory.
 */
static bool
entries_init(struct entries *all, struct bytes list)
{
	struct wire w;
	struct other o;
	size_t n;

	*all = (struct entries) { NULL, 0 };
	if (!may_repeat(list, &n))
		return true;
	all->entry = calloc(n, sizeof(*all->entry));
	if (all->entry == NULL)
		return false;
	wire_init(&w, list);
	while (other_next(&w, &o))
		all->entry[all->n++] = (struct entry) { element_key(&o),
			o.value };
	qsort(all->entry, all->n, sizeof(*all->entry), compare_entries);
	return true;
}

/* The index of the first value of the element. */
static size_t
entries_first(const struct entries *all, uint64_t element)
{
	size_t low = 0, high = all->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (all->entry[mid].element < element)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The number of values of the element at first. */
static size_t
entries_alike(const struct entries *all, size_t first)
{
	size_t end = first;

	while (end < all->n &&
	    all->entry[end].element == all->entry[first].element)
		end++;
	return end - first;
}

static void
append_number(struct buf *out, uint32_t v)
{
	char *p = (char *)buf_room(out, TEXT_MAX);

	if (p != NULL)
		out->len += (size_t)(text_u64(p, v) - p);
}

/* octetDeltaCount, reverseOctetDeltaCount, 33000, 6871.40 */
static void
append_name(struct buf *out, const struct other *o,
    const struct element_text *text)
{
	const char *name = text->name;

	if (name == NULL) {
		if (o->pen != PEN_IANA) {
			append_number(out, o->pen);
			buf_append_char(out, '.');
		}
		append_number(out, o->id);
		return;
	}
	if (text->reverse) {
		buf_append_text(out, "reverse");
		buf_append_char(out, *name >= 'a' && *name <= 'z'
			? (char)(*name - 'a' + 'A') : *name);
		name++;
	}
	buf_append_text(out, name);
}

static void
append_values(struct buf *out, const struct entry *entry, size_t n,
    uint8_t type, struct clock *clock)
{
	for (size_t i = 0; i < n; i++) {
		buf_append_char(out, i == 0 ? '[' : ',');
		other_value(out, entry[i].value, type, clock);
	}
	buf_append_char(out, ']');
}

/* Appends an element, unless an earlier entry has appended it. */
static void
append_element(struct buf *out, const struct other *o,
    const struct entries *all, struct formatter *f)
{
	struct element_text text;
	const struct entry *same = NULL;
	size_t first, n = 1;

	/* Without repeated elements the entries are not sorted. */
	if (all->n > 0) {
		first = entries_first(all, element_key(o));
		if (all->entry[first].value.ptr != o->value.ptr)
			return;
		n = entries_alike(all, first);
		same = &all->entry[first];
	}
	f->lookup(o->pen, o->id, &text);
	buf_append(out, ",\"", 2);
	append_name(out, o, &text);
	buf_append(out, "\":", 2);
	if (n > 1)
		append_values(out, same, n, text.type, &f->utc);
	else
		other_value(out, o->value, text.type, &f->utc);
}

void
other_put(struct buf *out, struct bytes list, struct formatter *f)
{
	struct entries all;
	struct wire w;
	struct other o;
	size_t start = out->len;

	if (!entries_init(&all, list)) {
		out->failed = true;
		return;
	}
	wire_init(&w, list);
	while (other_next(&w, &o))
		append_element(out, &o, &all, f);
	free(all.entry);
	/* Replaces the first comma by the brace that opens the object. */
	if (out->len == start)
		buf_append_char(out, '{');
	else
		out->ptr[start] = '{';
	buf_append_char(out, '}');
}
