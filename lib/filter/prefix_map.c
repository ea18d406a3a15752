/*
 * Entries of tables; see prefix_map.h.
 *
 * Everything that changes what an address is in is an event at an address: a
 * prefix begins or ends, a table is entered or left. Events are sorted and
 * carried out one by one; where the entry is another one is a boundary. Both
 * families go the same way, IPv4 addresses as the low half of a number.
 * Test: test/unit/filter/test_prefix_map.c.
 */
#include <string.h>

#include "bitmap.h"
#include "prefix_file.h"
#include "prefix_map.h"
#include "result.h"

enum event_kind {
	EVENT_PREFIX, /* from here on the prefix value counts; 0: none */
	EVENT_ENTER, /* a table, by its number */
	EVENT_LEAVE,
	EVENT_ENTER_EXCEPT, /* a table with "!" */
	EVENT_LEAVE_EXCEPT
};

struct event {
	struct addr6 at;
	uint32_t value;
	uint8_t kind; /* enum event_kind */
};

/* A prefix of the table itself. */
struct own_prefix {
	struct addr6 first, last;
	unsigned len;
	bool except;
	uint32_t entry; /* number + 1 */
};

struct map_builder {
	struct prefix_map *map;
	const struct prefix_table *table;
	struct prefix_list list;
	size_t ntables; /* entries that are tables: the first of the map */
	/* Of the family at hand. */
	enum addr_family family;
	struct addr6 greatest;
	struct event *event;
	size_t n, cap;
	bool failed; /* out of memory */
};

static void
event_add(struct map_builder *b, struct addr6 at, enum event_kind kind,
    uint32_t value)
{
	if (b->n == b->cap && !b->failed) {
		size_t cap = b->cap == 0 ? 64 : 2 * b->cap;
		void *more = realloc(b->event, cap * sizeof(*b->event));

		b->failed = more == NULL;
		if (more != NULL) {
			b->event = more;
			b->cap = cap;
		}
	}
	if (!b->failed)
		b->event[b->n++] = (struct event){ at, value, (uint8_t)kind };
}

static int
event_compare(const void *left, const void *right)
{
	const struct event *a = left, *b = right;

	if (addr6_less(a->at, b->at))
		return -1;
	return addr6_less(b->at, a->at);
}

/* --- Prefixes of the table itself --- */

static struct own_prefix
own_prefix4(const struct prefix4 *p)
{
	uint32_t hosts =
	    p->len == 0 ? UINT32_MAX : UINT32_MAX >> 1 >> (p->len - 1);

	return (struct own_prefix){ .first = { 0, p->addr },
		.last = { 0, p->addr | hosts },
		.len = p->len,
		.except = p->except };
}

static struct own_prefix
own_prefix6(const struct prefix6 *p)
{
	struct addr6 mask = addr6_mask(p->len);

	return (struct own_prefix){ .first = p->addr,
		.last = { p->addr.hi | ~mask.hi, p->addr.lo | ~mask.lo },
		.len = p->len,
		.except = p->except };
}

/* Longer prefixes behind those that have them, exceptions first. */
static int
own_prefix_compare(const void *left, const void *right)
{
	const struct own_prefix *a = left, *b = right;

	if (addr6_less(a->first, b->first))
		return -1;
	if (addr6_less(b->first, a->first))
		return 1;
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return b->except - a->except;
}

/* Each once: of two that are equal the exception counts. Returns how many. */
static size_t
own_prefixes_sort(struct own_prefix *own, size_t n)
{
	size_t kept = 0;

	if (n > 0)
		qsort(own, n, sizeof(*own), own_prefix_compare);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || own[kept - 1].len != own[i].len ||
		    addr6_less(own[kept - 1].first, own[i].first))
			own[kept++] = own[i];
	return kept;
}

/* Behind a prefix that has ended the one around it counts again. */
static void
own_prefix_leave(
    struct map_builder *b, const struct own_prefix *ended, uint32_t around)
{
	const struct addr6 last = ended->last;

	if (addr6_less(last, b->greatest))
		event_add(b,
		    (struct addr6){
			last.hi + (last.lo == UINT64_MAX), last.lo + 1 },
		    EVENT_PREFIX, around);
}

/* Of events at one place the last one counts; the others go. */
static void
own_events_thin(struct map_builder *b)
{
	size_t kept = 0;

	for (size_t i = 0; i < b->n; i++) {
		if (kept > 0 &&
		    !addr6_less(b->event[kept - 1].at, b->event[i].at))
			kept--;
		b->event[kept++] = b->event[i];
	}
	b->n = kept;
}

/*
 * The events of prefixes that are sorted. They nest or are apart, so those that
 * have not ended are a stack.
 */
static void
own_prefixes_walk(
    struct map_builder *b, const struct own_prefix *own, size_t n)
{
	const struct own_prefix *stack[130];
	size_t depth = 0;

	for (size_t i = 0; i < n || depth > 0;) {
		const struct own_prefix *inner =
		    depth > 0 ? stack[depth - 1] : NULL;

		if (i < n &&
		    (inner == NULL || !addr6_less(inner->last, own[i].first))) {
			stack[depth++] = &own[i];
			event_add(
			    b, own[i].first, EVENT_PREFIX, own[i].entry);
			i++;
		} else {
			depth--;
			own_prefix_leave(b, inner,
			    depth > 0 ? stack[depth - 1]->entry : 0);
		}
	}
	own_events_thin(b);
}

/* The entries of prefixes, in the order of their addresses. */
static void
own_prefixes_number(struct map_builder *b, struct own_prefix *own, size_t n)
{
	struct prefix_map *map = b->map;

	for (size_t i = 0; i < n; i++) {
		struct prefix p = { .len = (uint8_t)own[i].len };

		if (own[i].except)
			continue;
		p.addr = b->family == ADDR_V4
		    ? addr_from_v4((uint32_t)own[i].first.lo)
		    : addr_from_v6(own[i].first);
		map->entry[map->n++] =
		    (struct prefix_map_entry){ .prefix = p };
		own[i].entry = (uint32_t)map->n;
	}
}

static bool
add_own_prefixes(struct map_builder *b)
{
	const struct prefix_list *list = &b->list;
	const bool v4 = b->family == ADDR_V4;
	size_t n = v4 ? list->n4 : list->n6;
	struct own_prefix *own = calloc(n + 1, sizeof(*own));

	if (own == NULL)
		return false;
	for (size_t i = 0; i < n; i++)
		own[i] = v4 ? own_prefix4(&list->v4[i])
			    : own_prefix6(&list->v6[i]);
	n = own_prefixes_sort(own, n);
	own_prefixes_number(b, own, n);
	own_prefixes_walk(b, own, n);
	free(own);
	return !b->failed;
}

/* --- Tables in the table --- */

static void
add_table(struct map_builder *b, const struct filter_value *v, uint32_t number)
{
	static const enum event_kind kinds[2][2] = {
		{ EVENT_ENTER, EVENT_LEAVE },
		{ EVENT_ENTER_EXCEPT, EVENT_LEAVE_EXCEPT },
	};
	const struct prefix_set *set = &v->table->set;
	const bool v4 = b->family == ADDR_V4;
	size_t n = v4 ? set->v4.n : set->v6.n;

	for (size_t i = 0; i < n; i++)
		event_add(b,
		    v4 ? (struct addr6){ 0, set->v4.at[i] } : set->v6.at[i],
		    kinds[v->except][i & 1], number);
}

static bool
add_tables(struct map_builder *b)
{
	uint32_t number = 0;

	for (const struct filter_value *v = b->table->entries; v != NULL;
	     v = v->next)
		if (v->kind == VALUE_TABLE) {
			add_table(b, v, number);
			number += !v->except;
		}
	return !b->failed;
}

/* --- The map --- */

/* Where an address is. */
struct position {
	uint32_t prefix; /* entry + 1 of the prefix that counts; 0: none */
	size_t excepted; /* tables with "!" that have it */
	uint64_t *inside; /* bitmap of the tables that have it */
	size_t words;
};

static void
position_move(struct position *p, const struct event *e)
{
	switch ((enum event_kind)e->kind) {
	case EVENT_PREFIX:
		p->prefix = e->value;
		break;
	case EVENT_ENTER:
		bitmap_set(p->inside, e->value);
		break;
	case EVENT_LEAVE:
		bitmap_clear(p->inside, e->value);
		break;
	case EVENT_ENTER_EXCEPT:
		p->excepted++;
		break;
	case EVENT_LEAVE_EXCEPT:
		p->excepted--;
		break;
	}
}

/* The number of the entry + 1, or 0. */
static uint32_t
position_entry(const struct position *p)
{
	if (p->excepted > 0)
		return 0;
	if (p->prefix != 0)
		return p->prefix;
	for (size_t w = 0; w < p->words; w++)
		if (p->inside[w] != 0)
			return (uint32_t)(64 * w) +
			    bitmap_lowest(p->inside[w]) + 1;
	return 0;
}

/* Boundaries in the place of events. Returns how many. */
static size_t
find_boundaries(struct map_builder *b, struct position *p, struct addr6 *at,
    uint32_t *from)
{
	size_t n = 0;

	from[0] = 0;
	for (size_t i = 0; i < b->n;) {
		struct addr6 here = b->event[i].at;
		uint32_t entry;

		do {
			position_move(p, &b->event[i++]);
		} while (i < b->n && !addr6_less(here, b->event[i].at));
		entry = position_entry(p);
		if (entry == from[n])
			continue;
		at[n++] = here;
		from[n] = entry;
	}
	return n;
}

/* The boundaries of IPv4 addresses, of which at is freed. */
static bool
boundaries4_take(struct boundaries4 *s, struct addr6 *at, size_t n)
{
	uint32_t *at4 = malloc((n + 1) * sizeof(*at4));

	for (size_t i = 0; at4 != NULL && i < n; i++)
		at4[i] = (uint32_t)at[i].lo;
	free(at);
	return at4 != NULL && boundaries4_init(s, at4, n, 0);
}

/* Boundaries of the events at hand. False when out of memory. */
static bool
map_build_boundaries(struct map_builder *b, struct addr6 *at, uint32_t *from)
{
	struct position p = { .words = bitmap_words(b->ntables) };
	size_t n;

	p.inside = calloc(p.words + 1, sizeof(*p.inside));
	if (p.inside == NULL) {
		free(at);
		return false;
	}
	n = find_boundaries(b, &p, at, from);
	free(p.inside);
	return b->family == ADDR_V4 ? boundaries4_take(&b->map->v4, at, n)
				    : boundaries6_init(&b->map->v6, at, n, 0);
}

static bool
map_build_family(struct map_builder *b, enum addr_family family)
{
	struct addr6 *at;
	uint32_t *from;

	b->n = 0;
	b->family = family;
	b->greatest = family == ADDR_V4
	    ? (struct addr6){ 0, UINT32_MAX }
	    : (struct addr6){ UINT64_MAX, UINT64_MAX };
	if (!add_own_prefixes(b) || !add_tables(b))
		return false;
	if (b->n > 0)
		qsort(b->event, b->n, sizeof(*b->event), event_compare);
	at = malloc((b->n + 1) * sizeof(*at));
	from = malloc((b->n + 1) * sizeof(*from));
	*(family == ADDR_V4 ? &b->map->from4 : &b->map->from6) = from;
	if (at != NULL && from != NULL)
		return map_build_boundaries(b, at, from);
	free(at);
	return false;
}

/* The tables are the first entries. */
static bool
map_build(struct map_builder *b)
{
	const struct prefix_list *list = &b->list;
	struct prefix_map *map = b->map;

	for (const struct filter_value *v = b->table->entries; v != NULL;
	     v = v->next)
		b->ntables += v->kind == VALUE_TABLE && !v->except;
	map->entry = calloc(b->ntables + list->n4 + list->n6 + 1,
	    sizeof(*map->entry));
	if (map->entry == NULL)
		return false;
	for (const struct filter_value *v = b->table->entries; v != NULL;
	     v = v->next)
		if (v->kind == VALUE_TABLE && !v->except)
			map->entry[map->n++].name = v->table->name;
	return map_build_family(b, ADDR_V4) && map_build_family(b, ADDR_V6);
}

/* The last error of a file, which was good when the table was loaded. */
static void
keep_error(const struct diag *d, void *arg)
{
	(void)flowd_fail(arg, FLOWD_EINVAL, "%s", d->text);
}

/* The prefixes of the table, inline and from files. */
static int
read_prefixes(struct prefix_list *list, const struct prefix_table *t,
    struct flowd_error *err)
{
	struct flowd_error why = { .text = "" };
	struct diag_sink sink = { .report = keep_error, .arg = &why };
	int bad = 0;

	for (const struct prefix_file *f = t->files; f != NULL && bad == 0;
	     f = f->next)
		bad = prefix_file_read(f, list, &sink);
	for (const struct filter_value *v = t->entries; v != NULL && bad == 0;
	     v = v->next)
		if (v->kind == VALUE_PREFIX)
			bad = prefix_list_add(list, &v->prefix, v->except);
	if (bad == FLOWD_ENOMEM)
		return flowd_fail(err, bad, "out of memory");
	if (bad != 0)
		return flowd_fail(
		    err, bad, "table <%s>: %s", t->name, why.text);
	return 0;
}

int
prefix_map_init(struct prefix_map *map, const struct prefix_table *table,
    struct flowd_error *err)
{
	struct map_builder b = { .map = map, .table = table };
	int bad;

	*map = (struct prefix_map){ .n = 0 };
	prefix_list_init(&b.list, TABLE_PREFIXES_MAX);
	bad = read_prefixes(&b.list, table, err);
	if (bad == 0 && !map_build(&b))
		bad = flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	if (bad != 0)
		prefix_map_fini(map);
	prefix_list_fini(&b.list);
	free(b.event);
	return bad;
}

void
prefix_map_fini(struct prefix_map *map)
{
	boundaries4_fini(&map->v4);
	boundaries6_fini(&map->v6);
	free(map->from4);
	free(map->from6);
	free(map->entry);
	*map = (struct prefix_map){ .n = 0 };
}
