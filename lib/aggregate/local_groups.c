/* Groups of a thread; see local_groups.h. */
#include <stdlib.h>
#include <string.h>

#include "distinct.h"
#include "local_groups.h"

/* How the group of a part is found. */
enum group_method {
	GROUP_ONE, /* there are no keys */
	GROUP_SMALL, /* by a small integer, in an array */
	GROUP_HASH
};

enum {
	CAP = 16384, /* groups */
	SMALL_BITS = 16,
	SMALL_ABSENT = 1 << SMALL_BITS, /* the place of what has no value */
	SLOTS = 2 * CAP,
	UNIQUE_FILLS = 16
};

static enum group_method
choose_method(const struct key *key)
{
	if (key->nparts == 0)
		return GROUP_ONE;
	if (key->nparts == 1 && key->part[0].type == KEY_UINT &&
	    key->part[0].bits <= SMALL_BITS)
		return GROUP_SMALL;
	return GROUP_HASH;
}

bool
local_groups_init(struct local_groups *g, const struct group_layout *layout)
{
	size_t key_words = layout->keys.general_words;
	size_t states = layout->states.n;

	*g = (struct local_groups){ .layout = layout };
	g->method = choose_method(layout->key);
	/* A small integer has its group until all is read. */
	g->cap = g->method == GROUP_ONE ? PARTS
	    : g->method == GROUP_SMALL
	    ? SMALL_ABSENT + 1 + PARTS
	    : CAP;
	g->nslots = g->method == GROUP_SMALL ? SMALL_ABSENT + 1 : SLOTS;
	g->key = calloc(g->cap, key_words * sizeof(*g->key));
	g->state = calloc(g->cap, states * sizeof(*g->state));
	g->hash = calloc(g->cap, sizeof(*g->hash));
	g->general = calloc(g->cap, sizeof(*g->general));
	g->slot = calloc(g->nslots, sizeof(*g->slot));
	g->group = calloc(PARTS, sizeof(*g->group));
	return g->key != NULL && g->state != NULL && g->hash != NULL &&
	    g->general != NULL && g->slot != NULL && g->group != NULL;
}

void
local_groups_fini(struct local_groups *g)
{
	if (g->layout != NULL && g->state != NULL)
		for (size_t i = 0; i < g->n; i++)
			states_drop(&g->layout->states,
			    g->state + i * g->layout->states.n);
	free(g->key);
	free(g->state);
	free(g->hash);
	free(g->general);
	free(g->slot);
	free(g->group);
}

/* Add a group. Returns its number. */
static uint32_t
local_groups_add(struct local_groups *g, const uint64_t *key,
    unsigned nwords, bool general, uint64_t hash)
{
	const struct group_layout *l = g->layout;
	uint32_t number = (uint32_t)g->n++;
	uint64_t *to = g->key + number * l->keys.general_words;

	for (unsigned i = 0; i < nwords; i++)
		to[i] = key[i];
	g->general[number] = general;
	g->hash[number] = hash;
	states_clear(&l->states, g->state + number * l->states.n);
	return number;
}

/* The same with the key of part i. */
static uint32_t
local_groups_add_part(
    struct local_groups *g, const struct key_values *keys, size_t i)
{
	const struct group_layout *l = g->layout;
	uint64_t key[KEY_WORDS];
	bool general = key_values_pack_one(keys, i, key);
	unsigned nwords = general ? l->keys.general_words
				  : l->keys.plain_words;

	return local_groups_add(
	    g, key, nwords, general, group_hash(l->secret, key, nwords));
}

static void
find_one(struct local_groups *g, const struct key_values *keys)
{
	if (g->n == 0 && keys->n > 0)
		(void)local_groups_add_part(g, keys, 0);
	memset(g->group, 0, keys->n * sizeof(*g->group));
}

static void
find_small(struct local_groups *g, const struct key_values *keys)
{
	const struct key_column *k = &keys->column[0];

	for (size_t i = 0; i < keys->n; i++) {
		uint32_t *slot = &g->slot[k->lo[i]];

		if (!k->plain && k->presence[i] == KEY_ABSENT)
			slot = &g->slot[SMALL_ABSENT];
		if (*slot == 0)
			*slot = local_groups_add_part(g, keys, i) + 1;
		g->group[i] = *slot - 1;
	}
}

static bool
same_key(const struct local_groups *g, uint32_t number, uint64_t hash,
    const uint64_t *key, unsigned nwords, bool general)
{
	return g->hash[number] == hash && g->general[number] == general &&
	    memcmp(g->key + number * g->layout->keys.general_words, key,
		nwords * sizeof(*key)) == 0;
}

/* The group with a key; which is added unless it is there. */
static uint32_t
find_hashed(struct local_groups *g, uint64_t hash, const uint64_t *key,
    unsigned nwords, bool general)
{
	size_t at = (size_t)hash & (SLOTS - 1);

	for (; g->slot[at] != 0; at = (at + 1) & (SLOTS - 1))
		if (same_key(g, g->slot[at] - 1, hash, key, nwords, general))
			return g->slot[at] - 1;
	g->slot[at] = local_groups_add(g, key, nwords, general, hash) + 1;
	return g->slot[at] - 1;
}

/* If keys hardly repeat each part is a group. */
static void
find_plain(struct local_groups *g, struct key_values *keys)
{
	const struct group_layout *l = g->layout;
	const unsigned nwords = l->keys.plain_words;
	const bool unique = g->unique > 0;
	uint64_t key[KEY_WORDS];

	key_values_pack(keys);
	for (size_t i = 0; i < keys->n; i++) {
		uint64_t hash;

		for (unsigned w = 0; w < nwords; w++)
			key[w] = keys->word[w][i];
		hash = group_hash(l->secret, key, nwords);
		g->group[i] = unique
		    ? local_groups_add(g, key, nwords, false, hash)
		    : find_hashed(g, hash, key, nwords, false);
	}
}

static void
find_general(struct local_groups *g, const struct key_values *keys)
{
	const struct group_layout *l = g->layout;
	uint64_t key[KEY_WORDS];

	for (size_t i = 0; i < keys->n; i++) {
		bool general = key_values_pack_one(keys, i, key);
		unsigned nwords = general ? l->keys.general_words
					  : l->keys.plain_words;

		g->group[i] = find_hashed(g,
		    group_hash(l->secret, key, nwords), key, nwords, general);
	}
}

void
local_groups_find(struct local_groups *g, struct key_values *keys)
{
	g->added += keys->n;
	g->one = g->method == GROUP_ONE;
	if (g->method == GROUP_ONE)
		find_one(g, keys);
	else if (g->method == GROUP_SMALL)
		find_small(g, keys);
	else if (keys->plain)
		find_plain(g, keys);
	else
		find_general(g, keys);
}

/* --- States --- */

static void
update_flows(struct local_groups *g, unsigned state,
    const struct flow_parts *parts)
{
	size_t step = g->layout->states.n;
	uint64_t *s = g->state + state;

	if (g->one && parts->whole) {
		s[0] = sum_saturated(s[0], parts->n);
		return;
	}
	if (parts->whole) {
		for (size_t i = 0; i < parts->n; i++)
			s[g->group[i] * step]++;
		return;
	}
	for (size_t i = 0; i < parts->n; i++)
		s[g->group[i] * step] += share_of(&parts->share[i], 1);
}

static void
update_count(struct local_groups *g, unsigned state,
    const struct input_column *c, const struct flow_parts *parts)
{
	size_t step = g->layout->states.n;
	uint64_t *s = g->state + state;

	for (size_t i = 0; i < parts->n; i++)
		if (input_has(c, parts->row[i]) &&
		    (parts->whole || share_of(&parts->share[i], 1) == 1))
			s[g->group[i] * step]++;
}

/* The sum of words of which none is so large that it could wrap. */
static bool
sum_of_small(const uint64_t *word, size_t n, uint64_t *sum)
{
	uint64_t total = 0, all = 0;

	for (size_t i = 0; i < n; i++) {
		total += word[i];
		all |= word[i];
	}
	*sum = total;
	return all >> 48 == 0;
}

static void
update_sum(struct local_groups *g, unsigned state,
    const struct input_column *c, const struct flow_parts *parts)
{
	size_t step = g->layout->states.n;
	uint64_t *s = g->state + state, sum;

	if (g->one && parts->whole && parts->dense &&
	    sum_of_small(c->word, parts->n, &sum)) {
		s[0] = sum_saturated(s[0], sum);
	} else if (parts->whole) {
		for (size_t i = 0; i < parts->n; i++) {
			uint64_t *to = &s[g->group[i] * step];

			*to = sum_saturated(*to, c->word[parts->row[i]]);
		}
	} else {
		for (size_t i = 0; i < parts->n; i++) {
			uint64_t *to = &s[g->group[i] * step];

			*to = sum_saturated(*to,
			    share_of(&parts->share[i],
				c->word[parts->row[i]]));
		}
	}
}

/* A flow counts in each bin that it is in. */
static void
update_extreme(struct local_groups *g, unsigned state, bool least,
    const struct input_column *c, const struct flow_parts *parts)
{
	size_t step = g->layout->states.n;
	uint64_t *s = g->state + state;

	for (size_t i = 0; i < parts->n; i++) {
		uint64_t *to = &s[g->group[i] * step];
		uint64_t v = c->word[parts->row[i]];

		if (input_has(c, parts->row[i]) && (least ? v < *to : v > *to))
			*to = v;
	}
}

static bool
update_sketch(struct local_groups *g, unsigned state, bool distinct,
    const struct input_column *c, const struct flow_parts *parts)
{
	size_t step = g->layout->states.n;
	uint64_t *s = g->state + state;
	bool good = true;

	for (size_t i = 0; i < parts->n && good; i++) {
		uint64_t *to = &s[g->group[i] * step];
		uint64_t v = c->word[parts->row[i]];

		if (input_has(c, parts->row[i]))
			good = distinct
			    ? state_distinct_add(to, distinct_hash(v))
			    : state_histogram_add(to, v);
	}
	return good;
}

bool
local_groups_update(struct local_groups *g, const struct inputs *in,
    const struct flow_parts *parts)
{
	const struct states *states = &g->layout->states;
	bool good = true;

	for (unsigned i = 0; i < states->n && good; i++) {
		unsigned kind = states->state[i].kind;
		const struct input_column *c =
		    &in->column[states->state[i].input];

		switch ((enum state_kind)kind) {
		case STATE_FLOWS:
			update_flows(g, i, parts);
			break;
		case STATE_COUNT:
			update_count(g, i, c, parts);
			break;
		case STATE_SUM:
			update_sum(g, i, c, parts);
			break;
		case STATE_MIN:
		case STATE_MAX:
			update_extreme(g, i, kind == STATE_MIN, c, parts);
			break;
		case STATE_DISTINCT:
		case STATE_HISTOGRAM:
			good = update_sketch(
			    g, i, kind == STATE_DISTINCT, c, parts);
			break;
		}
	}
	return good;
}

/* --- Giving away --- */

/* Where the groups of each partition begin when they are sorted by it. */
static void
count_partitions(const struct local_groups *g, size_t begin[PARTITIONS + 1])
{
	memset(begin, 0, (PARTITIONS + 1) * sizeof(*begin));
	for (size_t i = 0; i < g->n; i++)
		begin[partition_of(g->hash[i]) + 1]++;
	for (unsigned i = 0; i < PARTITIONS; i++)
		begin[i + 1] += begin[i];
}

static void
sort_groups(const struct local_groups *g, const size_t begin[PARTITIONS],
    struct group *sorted)
{
	const struct group_layout *l = g->layout;
	size_t next[PARTITIONS];

	memcpy(next, begin, sizeof(next));
	for (size_t i = 0; i < g->n; i++)
		sorted[next[partition_of(g->hash[i])]++] = (struct group){
			.hash = g->hash[i],
			.general = g->general[i],
			.key = g->key + i * l->keys.general_words,
			.state = g->state + i * l->states.n
		};
}

/* Do so many parts make so few groups that it is worthwhile to find them? */
static void
settle_unique(struct local_groups *g)
{
	if (g->method != GROUP_HASH)
		return;
	if (g->unique > 0)
		g->unique--;
	else if (g->n > CAP / 2 && g->added < g->n + g->n / 4)
		g->unique = UNIQUE_FILLS;
}

static void
local_groups_clear(struct local_groups *g)
{
	g->n = 0;
	g->added = 0;
	memset(g->slot, 0, g->nslots * sizeof(*g->slot));
}

int
local_groups_flush(struct local_groups *g, struct partitions *to,
    struct flowd_error *err)
{
	size_t begin[PARTITIONS + 1];
	struct group *sorted;
	int bad = 0;

	if (g->n == 0)
		return 0;
	sorted = calloc(g->n, sizeof(*sorted));
	if (sorted == NULL)
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	count_partitions(g, begin);
	sort_groups(g, begin, sorted);
	for (unsigned i = 0; i < PARTITIONS && bad == 0; i++)
		if (begin[i + 1] > begin[i])
			bad = partition_merge(to, i, sorted + begin[i],
			    begin[i + 1] - begin[i], err);
	free(sorted);
	if (bad != 0)
		for (size_t i = 0; i < g->n; i++)
			states_drop(&g->layout->states,
			    g->state + i * g->layout->states.n);
	settle_unique(g);
	local_groups_clear(g);
	return bad;
}
