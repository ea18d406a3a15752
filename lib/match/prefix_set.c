/*
 * Sets of addresses; see prefix_set.h.
 *
 * Prefixes nest or are disjoint, they never overlap otherwise. Sorted by
 * address and then by length, each prefix lies within the earlier ones that
 * have not ended: a stack. A walk over them writes the boundaries where
 * membership changes. Test: test/unit/match/test_prefix_set.c.
 */
#include <string.h>

#include "prefix_set.h"
#include "result.h"

enum {
	SMALL = 1024, /* boundaries that are searched without dir24 */
	INDEX_LEAST = 0 /* bits of an index */
};

void
prefix_list_init(struct prefix_list *list, size_t max)
{
	*list = (struct prefix_list){ .max = max };
}

void
prefix_list_fini(struct prefix_list *list)
{
	free(list->v4);
	free(list->v6);
	prefix_list_init(list, list->max);
}

/* Grows an array of n members by one. NULL when out of memory. */
static void *
array_grown(void *old, size_t n, size_t *cap, size_t size)
{
	size_t more = *cap == 0 ? 16 : *cap + *cap / 2;
	void *p;

	if (n < *cap)
		return old;
	p = realloc(old, more * size);
	if (p != NULL)
		*cap = more;
	return p;
}

int
prefix_list_add(struct prefix_list *list, const struct prefix *p, bool except)
{
	void *grew;

	if (list->n4 + list->n6 == list->max)
		return FLOWD_ERANGE;
	if (p->addr.family == ADDR_V4) {
		grew = array_grown(list->v4, list->n4, &list->cap4,
		    sizeof(*list->v4));
		if (grew == NULL)
			return FLOWD_ENOMEM;
		list->v4 = grew;
		list->v4[list->n4++] =
		    (struct prefix4){ p->addr.v4, p->len, except };
		return 0;
	}
	grew = array_grown(list->v6, list->n6, &list->cap6, sizeof(*list->v6));
	if (grew == NULL)
		return FLOWD_ENOMEM;
	list->v6 = grew;
	list->v6[list->n6++] = (struct prefix6){ p->addr.v6, p->len, except };
	return 0;
}

/*
 * Sorts longer prefixes after those that contain them; of equal ones,
 * exceptions last.
 */
static int
prefix4_compare(const void *left, const void *right)
{
	const struct prefix4 *a = left, *b = right;

	if (a->addr != b->addr)
		return a->addr < b->addr ? -1 : 1;
	if (a->len != b->len)
		return a->len - b->len;
	return a->except - b->except;
}

static int
prefix6_compare(const void *left, const void *right)
{
	const struct prefix6 *a = left, *b = right;

	if (a->addr.hi != b->addr.hi || a->addr.lo != b->addr.lo)
		return addr6_less(a->addr, b->addr) ? -1 : 1;
	if (a->len != b->len)
		return a->len - b->len;
	return a->except - b->except;
}

static struct addr6
prefix_last6(struct addr6 addr, unsigned len)
{
	struct addr6 mask = addr6_mask(len);

	return (struct addr6){ addr.hi | ~mask.hi, addr.lo | ~mask.lo };
}

static uint32_t
prefix_last4(uint32_t addr, unsigned len)
{
	return len == 0 ? UINT32_MAX
			: addr | (uint32_t)(UINT64_C(0xffffffff) >> len);
}

static struct addr6
addr6_next(struct addr6 a)
{
	return (struct addr6){ a.hi + (a.lo == UINT64_MAX), a.lo + 1 };
}

static bool
addr6_equal(struct addr6 a, struct addr6 b)
{
	return a.hi == b.hi && a.lo == b.lo;
}

/*
 * For both families. A prefix adds at most two boundaries. A second change at
 * the same address cancels the first.
 */
#define WALK(suffix, type, EQUAL, LESS) \
	struct walk##suffix { \
		type *at; \
		size_t n; \
		size_t depth; \
		struct { \
			type last; \
			bool in; \
		} stack[130]; \
	}; \
\
	static bool walk_is_in##suffix(const struct walk##suffix *w) \
	{ \
		return w->depth > 0 && w->stack[w->depth - 1].in; \
	} \
\
	static void walk_change##suffix(struct walk##suffix *w, type at) \
	{ \
		if (w->n > 0 && EQUAL(w->at[w->n - 1], at)) \
			w->n--; \
		else \
			w->at[w->n++] = at; \
	} \
\
	/* Leave the prefixes that have ended before at. */ \
	static void walk_leave##suffix( \
	    struct walk##suffix *w, type at, bool all) \
	{ \
		while (w->depth > 0 && \
		       (all || LESS(w->stack[w->depth - 1].last, at))) { \
			type last = w->stack[w->depth - 1].last; \
			bool in = walk_is_in##suffix(w); \
\
			w->depth--; \
			if (in != walk_is_in##suffix(w) && \
			    !EQUAL(last, LAST##suffix)) \
				walk_change##suffix(w, NEXT##suffix(last)); \
		} \
	} \
\
	static void walk_enter##suffix( \
	    struct walk##suffix *w, const struct prefix##suffix *p) \
	{ \
		bool in = !p->except; \
\
		walk_leave##suffix(w, p->addr, false); \
		if (in != walk_is_in##suffix(w)) \
			walk_change##suffix(w, p->addr); \
		w->stack[w->depth].last = \
		    prefix_last##suffix(p->addr, p->len); \
		w->stack[w->depth++].in = in; \
	}

#define EQUAL4(a, b) ((a) == (b))
#define LESS4(a, b) ((a) < (b))
#define NEXT4(a) ((a) + 1)
#define LAST4 UINT32_MAX
#define NEXT6(a) addr6_next(a)
#define LAST6 ((struct addr6){ UINT64_MAX, UINT64_MAX })

WALK(4, uint32_t, EQUAL4, LESS4)
WALK(6, struct addr6, addr6_equal, addr6_less)

/*
 * Of equal prefixes the last one counts, which is an exception if there is one.
 */
static bool
is_repeated4(const struct prefix_list *list, size_t i)
{
	return i + 1 < list->n4 && list->v4[i].addr == list->v4[i + 1].addr &&
	    list->v4[i].len == list->v4[i + 1].len;
}

static bool
is_repeated6(const struct prefix_list *list, size_t i)
{
	return i + 1 < list->n6 &&
	    addr6_equal(list->v6[i].addr, list->v6[i + 1].addr) &&
	    list->v6[i].len == list->v6[i + 1].len;
}

/* Shrinks an array to n members, at least one, so that it is not NULL. */
static void *
array_shrunk(void *p, size_t n, size_t size)
{
	void *less = realloc(p, (n > 0 ? n : 1) * size);

	return less != NULL ? less : p;
}

static bool
borders4_build(struct prefix_set *set, struct prefix_list *list)
{
	struct walk4 w = { .n = 0 };

	w.at = malloc((2 * list->n4 + 1) * sizeof(*w.at));
	if (w.at == NULL)
		return false;
	if (list->n4 > 0)
		qsort(list->v4, list->n4, sizeof(*list->v4), prefix4_compare);
	for (size_t i = 0; i < list->n4; i++)
		if (!is_repeated4(list, i))
			walk_enter4(&w, &list->v4[i]);
	walk_leave4(&w, 0, true);
	w.at = array_shrunk(w.at, w.n, sizeof(*w.at));
	return boundaries4_init(&set->v4, w.at, w.n, INDEX_LEAST);
}

static bool
borders6_build(struct prefix_set *set, struct prefix_list *list)
{
	struct walk6 w = { .n = 0 };

	if (list->n6 > 0)
		qsort(list->v6, list->n6, sizeof(*list->v6), prefix6_compare);
	w.at = malloc((2 * list->n6 + 1) * sizeof(*w.at));
	if (w.at == NULL)
		return false;
	for (size_t i = 0; i < list->n6; i++)
		if (!is_repeated6(list, i))
			walk_enter6(&w, &list->v6[i]);
	walk_leave6(&w, (struct addr6){ 0, 0 }, true);
	w.at = array_shrunk(w.at, w.n, sizeof(*w.at));
	return boundaries6_init(&set->v6, w.at, w.n, INDEX_LEAST);
}

bool
prefix_set_finish(struct prefix_set *set)
{
	dir24_fini(&set->dir24);
	return set->v4.n <= SMALL || dir24_init(&set->dir24, &set->v4);
}

bool
prefix_set_init(struct prefix_set *set, struct prefix_list *list)
{
	*set = (struct prefix_set){ .v4.n = 0 };
	if (borders4_build(set, list) && borders6_build(set, list))
		return true;
	prefix_set_fini(set);
	return false;
}

static void *
array_copied(const void *from, size_t n, size_t size)
{
	void *to = malloc((n > 0 ? n : 1) * size);

	if (to != NULL && n > 0)
		memcpy(to, from, n * size);
	return to;
}

int
prefix_set_adopt(struct prefix_set *set, const uint32_t *at4, size_t n4,
    const struct addr6 *at6, size_t n6)
{
	uint32_t *copy4;
	struct addr6 *copy6;

	*set = (struct prefix_set){ .v4.n = 0 };
	for (size_t i = 1; i < n4; i++)
		if (at4[i - 1] >= at4[i])
			return FLOWD_EFORMAT;
	for (size_t i = 1; i < n6; i++)
		if (!addr6_less(at6[i - 1], at6[i]))
			return FLOWD_EFORMAT;
	copy4 = array_copied(at4, n4, sizeof(*at4));
	if (copy4 == NULL ||
	    !boundaries4_init(&set->v4, copy4, n4, INDEX_LEAST))
		return FLOWD_ENOMEM;
	copy6 = array_copied(at6, n6, sizeof(*at6));
	if (copy6 != NULL &&
	    boundaries6_init(&set->v6, copy6, n6, INDEX_LEAST) &&
	    prefix_set_finish(set))
		return 0;
	prefix_set_fini(set);
	return FLOWD_ENOMEM;
}

void
prefix_set_fini(struct prefix_set *set)
{
	boundaries4_fini(&set->v4);
	boundaries6_fini(&set->v6);
	dir24_fini(&set->dir24);
}

/* Adds the second list of boundaries to the first, or removes it. */
#define MERGE(suffix, type, EQUAL, LESS) \
	static bool merge##suffix(struct boundaries##suffix *to, \
	    const struct boundaries##suffix *from, bool remove) \
	{ \
		type *at = malloc((to->n + from->n + 1) * sizeof(*at)); \
		size_t i = 0, k = 0, n = 0; \
		bool in = false; \
\
		if (at == NULL) \
			return false; \
		while (i < to->n || k < from->n) { \
			bool first = k == from->n || \
			    (i < to->n && !LESS(from->at[k], to->at[i])); \
			type here = first ? to->at[i] : from->at[k]; \
			bool now; \
\
			i += i < to->n && EQUAL(to->at[i], here); \
			k += k < from->n && EQUAL(from->at[k], here); \
			now = remove ? (i & 1) && !(k & 1) \
				     : (i & 1) || (k & 1); \
			if (now != in) \
				at[n++] = here; \
			in = now; \
		} \
		boundaries##suffix##_fini(to); \
		return boundaries##suffix##_init(to, at, n, INDEX_LEAST); \
	}

MERGE(4, uint32_t, EQUAL4, LESS4)
MERGE(6, struct addr6, addr6_equal, addr6_less)

bool
prefix_set_add(struct prefix_set *set, const struct prefix_set *other)
{
	return merge4(&set->v4, &other->v4, false) &&
	    merge6(&set->v6, &other->v6, false);
}

bool
prefix_set_remove(struct prefix_set *set, const struct prefix_set *other)
{
	return merge4(&set->v4, &other->v4, true) &&
	    merge6(&set->v6, &other->v6, true);
}

bool
prefix_set_has(const struct prefix_set *set, const struct addr *a)
{
	switch (a->family) {
	case ADDR_V4:
		return prefix_set_has4(set, a->v4);
	case ADDR_V6:
		return prefix_set_has6(set, a->v6);
	default:
		return false;
	}
}
