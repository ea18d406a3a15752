/* Which segments to remove; see retain.h. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "retain.h"

/*
 * When nothing comes any more, empty segments come and go, and the last one
 * with flows would never have ended but for the time of its last change.
 */
static int64_t
ended_sec(const struct catalogue *c, size_t i)
{
	const struct catalogue_entry *e = &c->entry[i];
	int64_t end = e[1].start_sec;

	if (e->changed_sec < end)
		end = e->changed_sec;
	return end > e->start_sec ? end : e->start_sec;
}

static bool
too_old(const struct catalogue *c, size_t i,
    const struct retain_policy *policy, const struct retain_state *state)
{
	return policy->keep_sec != 0 && i + 1 < c->n &&
	    ended_sec(c, i) <= state->now_sec - policy->keep_sec;
}

static bool
too_full(const struct retain_policy *policy, const struct retain_state *state,
    uint64_t freed)
{
	/* Parts of a hundred, so that large file systems do not wrap. */
	return policy->free_percent != 0 && state->fs_octets != 0 &&
	    state->fs_free + freed <
		state->fs_octets / 100 * policy->free_percent;
}

static bool
in_use(const struct catalogue_entry *e, const struct retain_state *state)
{
	return state->in_use != NULL && strcmp(e->name, state->in_use) == 0;
}

size_t
retain_choose(const struct catalogue *c, const struct retain_policy *policy,
    const struct retain_state *state)
{
	uint64_t all = 0, freed = 0;
	size_t i;

	for (i = 0; i < c->n; i++)
		all += c->entry[i].size;
	for (i = 0; i < c->n; i++) {
		const struct catalogue_entry *e = &c->entry[i];

		if (in_use(e, state))
			break;
		if (!too_old(c, i, policy, state) &&
		    !(policy->max_octets != 0 &&
			all - freed > policy->max_octets) &&
		    !too_full(policy, state, freed))
			break;
		freed += e->size;
	}
	return i;
}

size_t
retain_remove(const struct catalogue *c, size_t n, int dirfd,
    struct flowd_error *err)
{
	for (size_t i = 0; i < n; i++)
		if (unlinkat(dirfd, c->entry[i].name, 0) == -1 &&
		    errno != ENOENT) {
			(void)flowd_fail(err, FLOWD_EIO,
			    "cannot remove %s: %s", c->entry[i].name,
			    strerror(errno));
			return i;
		}
	return n;
}
