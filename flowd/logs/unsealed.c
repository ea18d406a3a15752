/* Unsealed segments; see unsealed.h. */
#include <stdlib.h>
#include <string.h>

#include "unsealed.h"

void
unsealed_fini(struct unsealed *u)
{
	free(u->at);
	*u = (struct unsealed){ .at = NULL };
}

static struct unsealed_entry *
entry_find(const struct unsealed *u, const char *name)
{
	for (size_t i = 0; i < u->n; i++)
		if (strcmp(u->at[i].segment.name, name) == 0)
			return &u->at[i];
	return NULL;
}

bool
unsealed_has(const struct unsealed *u, const char *name)
{
	return entry_find(u, name) != NULL;
}

static bool
make_room(struct unsealed *u)
{
	size_t cap = u->cap == 0 ? 16 : u->cap * 2;
	void *more;

	if (u->n < u->cap)
		return true;
	if (cap > UNSEALED_MAX)
		return false;
	more = realloc(u->at, cap * sizeof(*u->at));
	if (more == NULL)
		return false;
	u->at = more;
	u->cap = cap;
	return true;
}

static void
remove_entry(struct unsealed *u, struct unsealed_entry *e)
{
	u->n--;
	memmove(e, e + 1, (size_t)(u->at + u->n - e) * sizeof(*e));
}

void
unsealed_remove(struct unsealed *u, const char *name)
{
	struct unsealed_entry *e = entry_find(u, name);

	if (e != NULL)
		remove_entry(u, e);
}

/* Segments that fail repeatedly make room for others. */
static void
drop_worst(struct unsealed *u)
{
	struct unsealed_entry *worst = u->at;

	for (size_t i = 1; i < u->n; i++)
		if (u->at[i].failures > worst->failures)
			worst = &u->at[i];
	if (u->n > 0 && worst->failures > 0)
		remove_entry(u, worst);
}

void
unsealed_add(struct unsealed *u, const struct logdir_segment *segment)
{
	if (unsealed_has(u, segment->name))
		return;
	if (!make_room(u)) {
		u->overflow = true;
		drop_worst(u);
	}
	if (u->n < u->cap)
		u->at[u->n++] = (struct unsealed_entry){ .segment = *segment };
}

const struct logdir_segment *
unsealed_next(const struct unsealed *u, int64_t now_ms)
{
	for (size_t i = 0; i < u->n; i++)
		if (u->at[i].again_ms <= now_ms)
			return &u->at[i].segment;
	return NULL;
}

static int64_t
delay_of(unsigned failures)
{
	int64_t delay = UNSEALED_DELAY_FIRST_MS;

	while (failures-- > 1 && delay < UNSEALED_DELAY_MOST_MS)
		delay *= 2;
	return delay < UNSEALED_DELAY_MOST_MS ? delay
					      : UNSEALED_DELAY_MOST_MS;
}

void
unsealed_failed(struct unsealed *u, const char *name, int64_t now_ms)
{
	struct unsealed_entry *e = entry_find(u, name);

	if (e == NULL)
		return;
	if (e->failures < 100)
		e->failures++;
	e->again_ms = now_ms + delay_of(e->failures);
}

int64_t
unsealed_due(const struct unsealed *u)
{
	int64_t due = INT64_MAX;

	for (size_t i = 0; i < u->n; i++)
		if (u->at[i].again_ms < due)
			due = u->at[i].again_ms;
	return due;
}
