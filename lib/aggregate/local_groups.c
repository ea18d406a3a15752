/* Groups of a thread; see local_groups.h. */
#include <stdlib.h>
#include <string.h>

#include "distinct.h"
#include "local_groups.h"

enum {
	SLOTS = 2 * LOCAL_GROUPS,
	/* When keys hardly repeat: so many more, for so many times. */
	CAP_UNIQUE = 8 * LOCAL_GROUPS,
	UNIQUE_FILLS = 8
};

#define GROW(array, octets) \
	do { \
		void *more_ = realloc(g->array, cap * (octets)); \
\
		if (more_ == NULL) \
			return false; \
		g->array = more_; \
	} while (0)

/* Room for so many groups. False when out of memory: there is what was. */
static bool
local_groups_reserve(struct local_groups *g, size_t cap)
{
	const size_t key = g->layout->keys.general_words * sizeof(uint64_t);
	/* Of an output without states there is memory, too. */
	const size_t state = (g->layout->states.n + 1) * sizeof(uint64_t);

	GROW(key, key);
	GROW(state, state);
	GROW(hash, sizeof(*g->hash));
	GROW(general, sizeof(*g->general));
	GROW(sorted, sizeof(*g->sorted));
	GROW(moved, key + state);
	g->cap = cap;
	return true;
}

bool
local_groups_init(struct local_groups *g, const struct group_layout *layout)
{
	*g = (struct local_groups){ .layout = layout };
	g->slot = calloc(SLOTS, sizeof(*g->slot));
	g->group = calloc(PARTS, sizeof(*g->group));
	return g->slot != NULL && g->group != NULL &&
	    local_groups_reserve(g, LOCAL_GROUPS);
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
	free(g->sorted);
	free(g->moved);
	free(g->slot);
	for (unsigned i = 0; i < CODE_MAPS; i++)
		free(g->map[i].group);
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

/*
 * The group with a key; which is added unless it is there, or nobody looks.
 */
static inline uint32_t
find_hashed(struct local_groups *g, uint64_t hash, const uint64_t *key,
    unsigned nwords, bool general)
{
	const size_t step = g->layout->keys.general_words;
	size_t at = (size_t)hash & (SLOTS - 1);

	if (g->unique > 0)
		return local_groups_add(g, key, nwords, general, hash);
	for (; g->slot[at] != 0; at = (at + 1) & (SLOTS - 1)) {
		uint32_t number = g->slot[at] - 1;

		if (g->general[number] == general &&
		    key_words_equal(g->key + number * step, key, nwords))
			return number;
	}
	g->slot[at] = local_groups_add(g, key, nwords, general, hash) + 1;
	return g->slot[at] - 1;
}

/* All parts have one key. */
static void
find_one(struct local_groups *g, const struct key_values *keys)
{
	const struct group_layout *l = g->layout;
	uint64_t key[KEY_WORDS];
	bool general = key_values_pack_one(keys, 0, key);
	unsigned nwords = general ? l->keys.general_words
				  : l->keys.plain_words;

	g->group[0] = find_hashed(g, group_hash(l->secret, key, nwords), key,
	    nwords, general);
	for (size_t i = 1; i < keys->n; i++)
		g->group[i] = g->group[0];
	g->hashed = true;
}

static bool
code_map_fits(const struct code_map *m, const struct code_map *want)
{
	return m->ncodes == want->ncodes && m->part == want->part &&
	    m->table == want->table &&
	    memcmp(m->rest, want->rest, sizeof(m->rest)) == 0;
}

/* The array takes the place of the oldest. */
static struct code_map *
code_map_replace(struct local_groups *g, const struct code_map *want)
{
	struct code_map *m = &g->map[g->next_map++ % CODE_MAPS];
	uint32_t *group = m->group;
	size_t cap = m->cap;

	if (cap < want->ncodes) {
		free(group);
		cap = want->ncodes;
		group = calloc(cap, sizeof(*group));
		m->cap = group != NULL ? cap : 0;
	} else {
		memset(group, 0, want->ncodes * sizeof(*group));
	}
	m->group = group;
	if (group == NULL)
		return NULL;
	*m = *want;
	m->group = group;
	m->cap = cap;
	return m;
}

/* The array for the codes of a part; NULL when out of memory. */
static struct code_map *
code_map_find(
    struct local_groups *g, struct key_values *keys, unsigned part)
{
	struct key_column *k = &keys->column[part];
	struct code_map want = { .ncodes = k->ncodes,
		.part = part,
		.table = k->form == FORM_NUMBER ? keys->table->serial : 0 };
	uint8_t form = k->form;

	/* The key, were this part 0. */
	k->form = FORM_ONE;
	k->one = (struct key_value){ .presence = KEY_PLAIN };
	want.general = key_values_pack_one(keys, 0, want.rest);
	k->form = form;
	for (unsigned i = 0; i < CODE_MAPS; i++)
		if (code_map_fits(&g->map[i], &want))
			return &g->map[i];
	return code_map_replace(g, &want);
}

/* The group of a code that is met for the first time, by part i. */
static uint32_t
add_coded(struct local_groups *g, const struct code_map *map,
    const struct key_values *keys, size_t i)
{
	const struct key_layout *l = &g->layout->keys;
	struct key_value value = key_values_code(keys, map->part, i);
	struct key_place at = l->plain[map->part];
	uint64_t key[KEY_WORDS];

	if (value.presence != KEY_PLAIN || map->general)
		return local_groups_add_part(g, keys, i);
	for (unsigned w = 0; w < l->plain_words; w++)
		key[w] = map->rest[w];
	key[at.word] |= value.lo << at.shift;
	return local_groups_add(g, key, l->plain_words, false,
	    group_hash(g->layout->secret, key, l->plain_words));
}

/* One part varies, and has codes. */
static bool
find_coded(struct local_groups *g, struct key_values *keys, unsigned part)
{
	const uint32_t *code = keys->column[part].code;
	struct code_map *map = code_map_find(g, keys, part);

	if (map == NULL)
		return false;
	for (size_t i = 0; i < keys->n; i++) {
		uint32_t *group = &map->group[code[i]];

		if (*group == 0)
			*group = add_coded(g, map, keys, i) + 1;
		g->group[i] = *group - 1;
	}
	return true;
}

static void
find_plain(struct local_groups *g, struct key_values *keys)
{
	const struct group_layout *l = g->layout;
	const unsigned nwords = l->keys.plain_words;
	uint64_t key[KEY_WORDS];

	key_values_pack(keys);
	for (size_t i = 0; i < keys->n; i++) {
		uint64_t hash;

		for (unsigned w = 0; w < nwords; w++)
			key[w] = keys->word[w][i];
		hash = group_hash(l->secret, key, nwords);
		g->group[i] = find_hashed(g, hash, key, nwords, false);
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

bool
local_groups_find(struct local_groups *g, struct key_values *keys)
{
	unsigned part = 0, varying = count_varying(keys, &part);

	g->added += keys->n;
	g->one = varying == 0;
	if (keys->n == 0)
		return true;
	if (varying == 0) {
		find_one(g, keys);
		return true;
	}
	if (varying == 1 && keys->column[part].form != FORM_VALUES)
		return find_coded(g, keys, part);
	g->hashed = true;
	key_values_expand(keys);
	if (keys->plain)
		find_plain(g, keys);
	else
		find_general(g, keys);
	return true;
}

void
local_groups_put(struct local_groups *g, const uint64_t *key, bool general,
    const uint64_t *state)
{
	const struct group_layout *l = g->layout;
	unsigned nwords = general ? l->keys.general_words
				  : l->keys.plain_words;
	uint32_t number = find_hashed(
	    g, group_hash(l->secret, key, nwords), key, nwords, general);

	g->hashed = true;
	(void)states_add(
	    &l->states, g->state + number * l->states.n, state);
}

/* --- States --- */

static void
update_flows(struct local_groups *g, unsigned state,
    const struct flow_parts *parts)
{
	size_t step = g->layout->states.n, whole = parts->nwhole;
	uint64_t *s = g->state + state;

	if (g->one) {
		uint64_t *to = s + g->group[0] * step;

		*to = sum_saturated(*to, whole);
	} else {
		for (size_t i = 0; i < whole; i++)
			s[g->group[i] * step]++;
	}
	for (size_t i = whole; i < parts->n; i++)
		s[g->group[i] * step] += share_of(&parts->share[i], 1);
}

/* Of flows that are in several bins each counts. */
static void
update_count(struct local_groups *g, unsigned state,
    const struct input_column *c, const struct flow_parts *parts)
{
	size_t step = g->layout->states.n;
	uint64_t *s = g->state + state;

	for (size_t i = 0; i < parts->n; i++)
		if (input_has(c, parts->row[i]))
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

/* The sum of words of rows, if none is so large that it could wrap. */
static bool
sum_of_small_rows(
    const uint64_t *word, const uint16_t *row, size_t n, uint64_t *sum)
{
	uint64_t total = 0, all = 0;

	for (size_t i = 0; i < n; i++) {
		total += word[row[i]];
		all |= word[row[i]];
	}
	*sum = total;
	return all >> 48 == 0;
}

/* Whole flows that are all of one group. False when their sum may wrap. */
static bool
update_sum_at_once(uint64_t *to, const struct input_column *c,
    const struct flow_parts *parts)
{
	uint64_t sum;
	bool good = parts->dense
	    ? sum_of_small(c->word, parts->nwhole, &sum)
	    : sum_of_small_rows(c->word, parts->row, parts->nwhole, &sum);

	if (good)
		*to = sum_saturated(*to, sum);
	return good;
}

static void
update_sum(struct local_groups *g, unsigned state,
    const struct input_column *c, const struct flow_parts *parts)
{
	size_t step = g->layout->states.n, whole = parts->nwhole;
	uint64_t *s = g->state + state;

	if (g->one && update_sum_at_once(&s[g->group[0] * step], c, parts)) {
		;
	} else if (parts->dense) {
		for (size_t i = 0; i < whole; i++) {
			uint64_t *to = &s[g->group[i] * step];

			*to = sum_saturated(*to, c->word[i]);
		}
	} else {
		for (size_t i = 0; i < whole; i++) {
			uint64_t *to = &s[g->group[i] * step];

			*to = sum_saturated(*to, c->word[parts->row[i]]);
		}
	}
	for (size_t i = whole; i < parts->n; i++) {
		uint64_t *to = &s[g->group[i] * step];

		*to = sum_saturated(*to,
		    share_of(&parts->share[i], c->word[parts->row[i]]));
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
	const uint64_t secret = g->layout->secret[0];
	bool good = true;

	for (size_t i = 0; i < parts->n && good; i++) {
		uint64_t *to = &s[g->group[i] * step];
		uint64_t v = c->word[parts->row[i]];

		if (input_has(c, parts->row[i]))
			good = distinct
			    ? state_distinct_add(to, distinct_hash(v ^ secret))
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

/* Move the groups of each partition to where they lie side by side. */
static void
sort_groups(struct local_groups *g, const size_t begin[PARTITIONS])
{
	const size_t nkeys = g->layout->keys.general_words;
	const size_t nstates = g->layout->states.n;
	size_t next[PARTITIONS];

	memcpy(next, begin, sizeof(next));
	for (size_t i = 0; i < g->n; i++) {
		size_t at = next[partition_of(g->hash[i])]++;
		uint64_t *to = g->moved + at * (nkeys + nstates);
		const uint64_t *key = g->key + i * nkeys;
		const uint64_t *state = g->state + i * nstates;
		const size_t nwords = g->general[i]
		    ? nkeys
		    : g->layout->keys.plain_words;

		g->sorted[at] = (struct group){ .hash = g->hash[i],
			.general = g->general[i],
			.key = to,
			.state = to + nkeys };
		for (size_t w = 0; w < nwords; w++)
			to[w] = key[w];
		for (size_t w = 0; w < nstates; w++)
			to[nkeys + w] = state[w];
	}
}

/* Do so many parts make so few groups that it is worthwhile to find them? */
static void
settle_unique(struct local_groups *g)
{
	if (g->unique > 0)
		g->unique--;
	else if (g->n > LOCAL_GROUPS / 2 && g->added < g->n + g->n / 4 &&
	    (g->cap == CAP_UNIQUE || local_groups_reserve(g, CAP_UNIQUE)))
		g->unique = UNIQUE_FILLS;
}

static void
local_groups_clear(struct local_groups *g)
{
	if (g->hashed)
		memset(g->slot, 0, SLOTS * sizeof(*g->slot));
	g->n = 0;
	g->added = 0;
	g->hashed = false;
	for (unsigned i = 0; i < CODE_MAPS; i++)
		g->map[i].ncodes = 0;
}

int
local_groups_flush(struct local_groups *g, struct partitions *to,
    struct flowd_error *err)
{
	size_t begin[PARTITIONS + 1];
	int bad = 0;

	if (g->n == 0)
		return 0;
	count_partitions(g, begin);
	sort_groups(g, begin);
	for (unsigned i = 0; i < PARTITIONS && bad == 0; i++)
		if (begin[i + 1] > begin[i])
			bad = partition_merge(to, i, g->sorted + begin[i],
			    begin[i + 1] - begin[i], err);
	for (size_t i = 0; i < g->n && bad != 0; i++)
		states_drop(&g->layout->states, g->sorted[i].state);
	settle_unique(g);
	local_groups_clear(g);
	return bad;
}
