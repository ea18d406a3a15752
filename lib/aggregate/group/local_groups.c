/* Groups of a thread; see local_groups.h. */
#include <stdlib.h>
#include <string.h>

#include "local_groups.h"

enum {
	GROUPS = 32768, /* by key; more than the parts of a batch */
	SLOTS = 2 * GROUPS,
	UNIQUE_PARTS = 1 << 21, /* until it is seen whether keys repeat now */
	VALUES = 1 << 18 /* that measures keep of a thread's groups */
};

_Static_assert((int)GROUPS >= (int)PARTS, "the parts of a batch have room");

bool
local_groups_init(struct local_groups *g, const struct group_layout *layout,
    struct partitions *partitions)
{
	*g = (struct local_groups){ .layout = layout,
		.partitions = partitions,
		.update = { .states = &layout->states,
		    .secret = layout->secret[0] } };
	for (unsigned i = 0; i < CODE_GROUPS; i++)
		code_groups_init(&g->coded[i], layout);
	for (unsigned i = 0; i < 2; i++)
		group_buffers_init(&g->buffers[i], partitions, i == 1);
	g->key = malloc(GROUPS * layout->keys.general_words *
	    sizeof(*g->key));
	/* Not 0 octets if there are no states. */
	g->state = malloc(
	    GROUPS * (layout->states.n + 1) * sizeof(*g->state));
	g->list = malloc(GROUPS * sizeof(*g->list));
	g->slot = calloc(SLOTS, sizeof(*g->slot));
	g->group = calloc(PARTS, sizeof(*g->group));
	return g->key != NULL && g->state != NULL && g->list != NULL &&
	    g->slot != NULL && g->group != NULL;
}

void
local_groups_fini(struct local_groups *g)
{
	if (g->layout == NULL)
		return;
	for (size_t i = 0; i < g->n; i++)
		states_drop(&g->layout->states,
		    g->state + i * g->layout->states.n);
	for (unsigned i = 0; i < CODE_GROUPS; i++)
		code_groups_fini(&g->coded[i]);
	for (unsigned i = 0; i < 2; i++)
		group_buffers_fini(&g->buffers[i]);
	free(g->key);
	free(g->state);
	free(g->list);
	free(g->slot);
	free(g->group);
}

/* --- Giving away --- */

/* Do so many parts make so few groups that it is worthwhile to find them? */
static bool
keys_repeat(const struct local_groups *g)
{
	return g->n <= GROUPS / 2 || g->nparts >= g->n + g->n / 4;
}

static void
clear_hashed(struct local_groups *g)
{
	if (g->hashed)
		memset(g->slot, 0, SLOTS * sizeof(*g->slot));
	g->n = 0;
	g->nparts = 0;
	g->hashed = false;
}

/* Put the groups by key into buffers. */
static int
flush_hashed(struct local_groups *g, struct flowd_error *err)
{
	const struct group_layout *l = g->layout;
	int bad = 0;

	if (!keys_repeat(g))
		g->unique = UNIQUE_PARTS;
	for (size_t i = 0; i < g->n; i++) {
		const struct local_group *group = &g->list[i];
		uint64_t *state = g->state + i * l->states.n;

		if (bad == 0)
			bad = group_buffers_add(&g->buffers[group->general],
			    group->hash, g->key + i * l->keys.general_words,
			    state, err);
		else
			states_drop(&l->states, state);
	}
	clear_hashed(g);
	return bad;
}

int
local_groups_flush(struct local_groups *g, struct flowd_error *err)
{
	int bad = flush_hashed(g, err);

	for (unsigned i = 0; i < CODE_GROUPS && bad == 0; i++)
		bad = code_groups_flush(&g->coded[i], g->buffers, err);
	for (unsigned i = 0; i < 2 && bad == 0; i++)
		bad = group_buffers_flush(&g->buffers[i], err);
	g->nvalues = 0;
	return bad;
}

/* --- Groups by key --- */

/* Make room for n more. */
static int
make_room(struct local_groups *g, size_t n, struct flowd_error *err)
{
	return GROUPS - g->n >= n ? 0 : flush_hashed(g, err);
}

/* Add a group. Returns its number. */
static inline uint32_t
local_groups_add(struct local_groups *g, const uint64_t *key,
    unsigned nwords, bool general, uint64_t hash)
{
	const struct group_layout *l = g->layout;
	uint32_t number = (uint32_t)g->n++;
	uint64_t *to = g->key + number * l->keys.general_words;

	g->list[number] = (struct local_group){ hash, general };
	for (unsigned i = 0; i < nwords; i++)
		to[i] = key[i];
	states_clear(&l->states, g->state + number * l->states.n);
	return number;
}

/* The group with a key, which is added unless it is there. */
static inline uint32_t
find_hashed(struct local_groups *g, uint64_t hash, const uint64_t *key,
    unsigned nwords, bool general)
{
	const size_t step = g->layout->keys.general_words;
	size_t at = (size_t)hash & (SLOTS - 1);

	for (; g->slot[at] != 0; at = (at + 1) & (SLOTS - 1)) {
		uint32_t number = g->slot[at] - 1;

		if (g->list[number].hash == hash &&
		    g->list[number].general == general &&
		    key_words_equal(g->key + number * step, key, nwords))
			return number;
	}
	g->slot[at] = local_groups_add(g, key, nwords, general, hash) + 1;
	return g->slot[at] - 1;
}

static uint32_t
find_packed(struct local_groups *g, const uint64_t *key, bool general)
{
	const struct group_layout *l = g->layout;
	unsigned nwords = general ? l->keys.general_words
				  : l->keys.plain_words;

	return find_hashed(
	    g, group_hash(l->secret, key, nwords), key, nwords, general);
}

static void
find_plain(struct local_groups *g, struct key_values *keys)
{
	const struct group_layout *l = g->layout;
	const unsigned nwords = l->keys.plain_words;
	uint64_t key[KEY_WORDS];

	for (size_t i = 0; i < keys->n; i++) {
		for (unsigned w = 0; w < nwords; w++)
			key[w] = keys->word[w][i];
		g->group[i] = find_hashed(g,
		    group_hash(l->secret, key, nwords), key, nwords, false);
	}
}

static void
find_general(struct local_groups *g, const struct key_values *keys)
{
	uint64_t key[KEY_WORDS];

	for (size_t i = 0; i < keys->n; i++) {
		bool general = key_values_pack_one(keys, i, key);

		g->group[i] = find_packed(g, key, general);
	}
}

/* All parts have one key. */
static void
find_one(struct local_groups *g, const struct key_values *keys)
{
	uint64_t key[KEY_WORDS];
	bool general = key_values_pack_one(keys, 0, key);

	g->group[0] = find_packed(g, key, general);
	for (size_t i = 1; i < keys->n; i++)
		g->group[i] = g->group[0];
}

/* Parts of keys that hardly repeat. */
static int
find_unique(struct local_groups *g, const struct key_values *keys,
    struct flowd_error *err)
{
	int bad = group_buffers_take(&g->buffers[0], keys, g->group, err);

	g->unique -= keys->n < g->unique ? keys->n : g->unique;
	g->update.one = false;
	g->update.state = group_buffers_states(&g->buffers[0]);
	g->update.step = g->buffers[0].words;
	g->update.group = g->group;
	return bad;
}

static int
find_by_key(struct local_groups *g, struct key_values *keys, bool one,
    struct flowd_error *err)
{
	int bad;

	if (!one) {
		key_values_expand(keys);
		if (keys->plain)
			key_values_pack(keys);
	}
	if (!one && keys->plain && g->unique > 0)
		return find_unique(g, keys, err);
	bad = make_room(g, keys->n, err);
	if (bad != 0)
		return bad;
	if (one)
		find_one(g, keys);
	else if (keys->plain)
		find_plain(g, keys);
	else
		find_general(g, keys);
	g->nparts += keys->n;
	g->hashed = true;
	g->update.one = one;
	g->update.state = g->state;
	g->update.step = g->layout->states.n;
	g->update.group = g->group;
	return 0;
}

/* --- Groups by code --- */

/*
 * Groups to begin with: those of a table of addresses that is no longer at
 * hand, whose memory is in the cache, or those that are next in turn.
 */
static struct code_groups *
coded_to_replace(struct local_groups *g, const struct key_values *keys)
{
	for (unsigned i = 0; i < CODE_GROUPS; i++)
		if (g->coded[i].ncodes == 0 || (g->coded[i].table != 0 &&
			g->coded[i].table != keys->table->serial))
			return &g->coded[i];
	return &g->coded[g->next_coded++ % CODE_GROUPS];
}

/* One part varies, and has codes. */
static int
find_by_code(struct local_groups *g, const struct key_values *keys,
    unsigned part, struct flowd_error *err)
{
	struct code_groups *c = NULL;
	int bad = 0;

	for (unsigned i = 0; i < CODE_GROUPS && c == NULL; i++)
		if (code_groups_have(&g->coded[i], keys, part))
			c = &g->coded[i];
	if (c == NULL) {
		c = coded_to_replace(g, keys);
		bad = code_groups_flush(c, g->buffers, err);
		if (bad == 0 && !code_groups_begin(c, keys, part))
			bad = flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	}
	if (bad != 0)
		return bad;
	code_groups_use(c, keys->column[part].code, keys->n);
	g->update.one = false;
	g->update.state = c->state;
	g->update.step = g->layout->states.n;
	g->update.group = keys->column[part].code;
	return 0;
}

/* How many parts vary; one of those that do. */
static unsigned
count_varying(const struct key_values *keys, unsigned *part)
{
	unsigned n = 0;

	for (unsigned i = 0; i < keys->key->nparts; i++)
		if (keys->column[i].form != FORM_ONE) {
			*part = i;
			n++;
		}
	return n;
}

int
local_groups_take(struct local_groups *g, struct key_values *keys,
    const struct inputs *in, const struct flow_parts *parts,
    struct flowd_error *err)
{
	unsigned part = 0, varying = count_varying(keys, &part);
	int bad = 0;

	if (keys->n == 0)
		return 0;
	if (!g->layout->states.flat && g->nvalues >= VALUES)
		bad = local_groups_flush(g, err);
	g->nvalues += keys->n;
	if (bad != 0)
		return bad;
	if (varying == 1 && keys->column[part].form != FORM_VALUES &&
	    code_groups_fit(g->layout, keys->column[part].ncodes))
		bad = find_by_code(g, keys, part, err);
	else
		bad = find_by_key(g, keys, varying == 0, err);
	if (bad == 0 && !states_update(&g->update, in, parts))
		bad = flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	return bad;
}

int
local_groups_put(struct local_groups *g, const uint64_t *key, bool general,
    const uint64_t *state, struct flowd_error *err)
{
	int bad = make_room(g, 1, err);

	if (bad != 0)
		return bad;
	g->hashed = true;
	(void)states_add(&g->layout->states,
	    g->state +
		find_packed(g, key, general) * g->layout->states.n,
	    state);
	return 0;
}
