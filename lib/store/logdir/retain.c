/* Which segments to remove; see retain.h. */
#include <stdlib.h>
#include <string.h>

#include "retain.h"

static const struct clockgaps no_gaps = { .n = 0 };

static bool
is_to_come(int64_t sec, int64_t now_sec)
{
	return sec - RETAIN_AHEAD_SEC > now_sec;
}

bool
retain_is_ahead(const struct catalogue_entry *e, int64_t now_sec)
{
	return is_to_come(e->start_sec, now_sec) &&
	    is_to_come(e->noted_sec, now_sec);
}

static int64_t
earlier_sec(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/*
 * When no flows arrive, only the time of its last change tells when the last
 * segment with flows ended, because empty segments are removed.
 */
static void
set_end(const struct catalogue *c, size_t i, int64_t now_sec)
{
	struct catalogue_entry *e = &c->entry[i];
	int64_t next_sec = catalogue_end(c, i);

	if (is_to_come(e->start_sec, now_sec)) {
		e->ended_sec = earlier_sec(e->noted_sec, now_sec);
		e->order_sec = e->ended_sec;
		return;
	}
	e->order_sec = e->start_sec;
	e->ended_sec = next_sec;
	if (next_sec == INT64_MAX)
		return;
	e->ended_sec = earlier_sec(next_sec, e->changed_sec);
	if (e->ended_sec < e->start_sec)
		e->ended_sec = e->start_sec;
}

static int
compare_entries(const void *a, const void *b)
{
	const struct catalogue_entry *x = a, *y = b;

	if (x->order_sec != y->order_sec)
		return x->order_sec < y->order_sec ? -1 : 1;
	if (x->start_sec != y->start_sec)
		return x->start_sec < y->start_sec ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

void
retain_begin(struct retain *r, struct catalogue *c,
    const struct retain_policy *policy, const struct retain_state *state)
{
	*r = (struct retain){ .policy = policy, .state = state };
	for (size_t i = 0; i < c->n; i++) {
		set_end(c, i, state->now_sec);
		r->octets += c->entry[i].size;
	}
	if (c->n == 0)
		return;
	qsort(c->entry, c->n, sizeof(c->entry[0]), compare_entries);
	r->next = c->entry;
	r->end = c->entry + c->n;
}

/* Too old by the age without clock gaps, and by the clock alone. */
static bool
is_too_old(struct retain *r, const struct catalogue_entry *e)
{
	const struct retain_state *s = r->state;
	int64_t keep = r->policy->keep_sec, start = e->start_sec;

	if (keep == 0 || e->ended_sec == INT64_MAX ||
	    s->now_sec - e->ended_sec < keep)
		return false;
	if (is_to_come(start, s->now_sec))
		start = e->ended_sec;
	if (clockgaps_age(s->gaps != NULL ? s->gaps : &no_gaps, start,
		e->ended_sec, s->now_sec) >= keep)
		return true;
	r->held++;
	return false;
}

/* Segments that cannot be removed do not cause others to be removed. */
bool
retain_exceeds(const struct retain *r)
{
	return r->policy->max_octets != 0 &&
	    r->octets - r->stuck > r->policy->max_octets;
}

/* Divides first, so that large file systems do not overflow. */
static uint64_t
part_of(uint64_t octets, unsigned percent)
{
	return octets / 100 * percent;
}

static bool
is_too_full(struct retain *r)
{
	const struct retain_policy *p = r->policy;
	const struct retain_state *s = r->state;

	if (p->free_percent == 0 || s->fs_octets == 0 ||
	    s->fs_free + r->freed >= part_of(s->fs_octets, p->free_percent))
		return false;
	r->others = r->octets <= part_of(s->fs_octets, p->least_percent);
	return !r->others;
}

static bool
is_in_use(const struct retain *r, const struct catalogue_entry *e)
{
	const struct retain_state *s = r->state;

	return (s->in_use != NULL && strcmp(e->name, s->in_use) == 0) ||
	    (s->begun != NULL && strcmp(e->name, s->begun) == 0);
}

struct catalogue_entry *
retain_next(struct retain *r, enum retain_reason *why)
{
	for (; r->next != r->end && !is_in_use(r, r->next); r->next++) {
		if (is_too_old(r, r->next))
			*why = RETAIN_KEEP;
		else if (retain_exceeds(r))
			*why = RETAIN_MAX;
		else if (is_too_full(r))
			*why = RETAIN_FREE;
		else
			continue;
		return r->next++;
	}
	return NULL;
}

void
retain_gone(struct retain *r)
{
	r->octets -= r->next[-1].size;
	r->freed += r->next[-1].size;
}

void
retain_stuck(struct retain *r)
{
	r->stuck += r->next[-1].size;
}
