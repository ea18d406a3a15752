/* Groups that threads share; see partition.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "partition.h"

enum {
	ROWS_MIN = 16,
	ROWS_FREE = 1024, /* of a table are always allowed */
	READ_WORDS = 64 * 1024, /* of rows that are read at once */
	AHEAD = 8 /* groups whose slots are fetched before they are needed */
};

void
partitions_init(struct partitions *p, const struct group_layout *layout,
    struct group_memory *memory)
{
	unsigned states = layout->states.n;

	*p = (struct partitions){ .layout = layout, .memory = memory };
	for (unsigned i = 0; i < PARTITIONS; i++) {
		struct partition *part = &p->part[i];

		(void)pthread_mutex_init(&part->lock, NULL);
		part->table[0].key_words = layout->keys.plain_words;
		part->table[1].key_words = layout->keys.general_words;
		for (unsigned k = 0; k < 2; k++)
			part->table[k].words = part->table[k].key_words +
			    states;
	}
}

static void
group_table_fini(struct group_table *t, const struct states *states)
{
	for (size_t i = 0; i < t->n && !states->additive; i++)
		states_drop(states, t->row + i * t->words + t->key_words);
	free(t->row);
	free(t->slot);
}

void
partitions_fini(struct partitions *p)
{
	if (p->layout == NULL)
		return;
	for (unsigned i = 0; i < PARTITIONS; i++) {
		for (unsigned k = 0; k < 2; k++)
			group_table_fini(
			    &p->part[i].table[k], &p->layout->states);
		free(p->part[i].run);
		(void)pthread_mutex_destroy(&p->part[i].lock);
	}
}

/* One word of a hash: the halves of a product, folded. */
static inline uint64_t
fold(uint64_t a, uint64_t b)
{
	__extension__ typedef unsigned __int128 wide;
	wide product = (wide)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t
group_hash(const uint64_t secret[2], const uint64_t *words, unsigned n)
{
	uint64_t hash = secret[0];

	for (unsigned i = 0; i < n; i++)
		hash = fold(hash ^ words[i], secret[1]);
	return hash * UINT64_C(0x9e3779b97f4a7c15);
}

/* --- A table --- */

/* Take octets for a table of so many rows, if there are some left. */
static bool
memory_take(struct group_memory *m, size_t octets, size_t nrows)
{
	size_t used = atomic_fetch_add(&m->used, octets) + octets;

	if (m->max == 0 || used <= m->max || nrows <= ROWS_FREE)
		return true;
	(void)atomic_fetch_sub(&m->used, octets);
	return false;
}

static void
memory_give(struct group_memory *m, size_t octets)
{
	(void)atomic_fetch_sub(&m->used, octets);
}

/* What a slot says of a hash; its lower half is left for the row. */
static inline uint64_t
slot_tag(uint64_t hash)
{
	/* The bits that chose partition and slot tell least. */
	return hash << PARTITION_BITS & ~(uint64_t)UINT32_MAX;
}

static inline size_t
slot_place(const struct group_table *t, uint64_t hash)
{
	return (size_t)hash & (t->nslots - 1);
}

static void
group_table_index(struct group_table *t, const uint64_t secret[2], size_t row)
{
	uint64_t hash = group_hash(
	    secret, t->row + row * t->words, t->key_words);
	size_t at = slot_place(t, hash);

	while (t->slot[at] != 0)
		at = (at + 1) & (t->nslots - 1);
	t->slot[at] = slot_tag(hash) | (row + 1);
}

static bool
group_table_grow_slots(struct group_table *t, const uint64_t secret[2],
    struct group_memory *memory)
{
	size_t nslots = t->nslots == 0 ? 2 * ROWS_MIN : 2 * t->nslots;
	uint64_t *slot;

	if (!memory_take(memory, (nslots - t->nslots) * sizeof(*slot),
		nslots / 2))
		return false;
	slot = calloc(nslots, sizeof(*slot));
	if (slot == NULL)
		return false;
	free(t->slot);
	t->slot = slot;
	t->nslots = nslots;
	for (size_t i = 0; i < t->n; i++)
		group_table_index(t, secret, i);
	return true;
}

static bool
group_table_grow_rows(struct group_table *t, struct group_memory *memory)
{
	size_t cap = t->cap == 0 ? ROWS_MIN : t->cap + t->cap / 2;
	uint64_t *row;

	if (cap >= UINT32_MAX ||
	    !memory_take(memory, (cap - t->cap) * t->words * sizeof(*row),
		cap))
		return false;
	row = realloc(t->row, cap * t->words * sizeof(*row));
	if (row == NULL)
		return false;
	t->row = row;
	t->cap = cap;
	return true;
}

/* The states of a group, which is added if it is new; NULL: no memory. */
static uint64_t *
group_table_find(struct group_table *t, const struct partitions *p,
    const struct group *g)
{
	uint64_t tag = slot_tag(g->hash), *row;
	size_t at;

	if (t->n * 3 >= t->nslots * 2 &&
	    !group_table_grow_slots(t, p->layout->secret, p->memory))
		return NULL;
	at = slot_place(t, g->hash);
	for (; t->slot[at] != 0; at = (at + 1) & (t->nslots - 1)) {
		if ((t->slot[at] & ~(uint64_t)UINT32_MAX) != tag)
			continue;
		row = t->row +
		    ((t->slot[at] & UINT32_MAX) - 1) * t->words;
		if (key_words_equal(row, g->key, t->key_words))
			return row + t->key_words;
	}
	if (t->n == t->cap && !group_table_grow_rows(t, p->memory))
		return NULL;
	row = t->row + t->n * t->words;
	memcpy(row, g->key, t->key_words * sizeof(*row));
	states_clear(&p->layout->states, row + t->key_words);
	t->slot[at] = tag | ++t->n;
	return row + t->key_words;
}

/* Add the states of a group; what they point to is counted as memory. */
static bool
group_add(const struct partitions *p, uint64_t *to, struct group *g)
{
	const struct states *states = &p->layout->states;
	size_t before, after;

	if (states->additive) {
		for (unsigned i = 0; i < states->n; i++)
			to[i] = sum_saturated(to[i], g->state[i]);
		states_clear(states, g->state);
		return true;
	}
	before = states_octets(states, to);
	if (!states_combine(states, to, g->state))
		return false;
	after = states_octets(states, to);
	if (after < before)
		memory_give(p->memory, before - after);
	return after <= before ||
	    memory_take(p->memory, after - before, SIZE_MAX);
}

/* --- The file --- */

static bool
write_all(int fd, const void *data, size_t len, uint64_t offset)
{
	const uint8_t *p = data;

	while (len > 0) {
		ssize_t n = pwrite(fd, p, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return true;
}

static bool
read_all(int fd, void *data, size_t len, uint64_t offset)
{
	uint8_t *p = data;

	while (len > 0) {
		ssize_t n = pread(fd, p, len, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return true;
}

/* Write the rows of a table, and forget them. */
static bool
spill_table(struct partitions *p, struct partition *part, unsigned kind)
{
	struct group_table *t = &part->table[kind];
	struct group_memory *m = p->memory;
	size_t len = t->n * t->words * sizeof(*t->row);
	struct group_run *more;

	if (t->n == 0)
		return true;
	more = realloc(part->run, (part->nruns + 1) * sizeof(*more));
	if (more == NULL)
		return false;
	part->run = more;
	more[part->nruns] = (struct group_run){
		.offset = atomic_fetch_add(&m->end, len),
		.n = t->n,
		.general = kind == 1
	};
	if (!write_all(m->fd, t->row, len, more[part->nruns].offset))
		return false;
	part->nruns++;
	memory_give(m, t->cap * t->words * sizeof(*t->row) +
		t->nslots * sizeof(*t->slot));
	free(t->row);
	free(t->slot);
	*t = (struct group_table){ .key_words = t->key_words,
		.words = t->words };
	return true;
}

/*
 * Make room: write what the partition has to the file. What measures keep
 * outside of their words cannot go there.
 */
static int
partition_spill(struct partitions *p, struct partition *part,
    struct flowd_error *err)
{
	size_t n = part->table[0].n + part->table[1].n;

	if (p->memory->max == 0 || n == 0)
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	if (p->memory->fd < 0 || !p->layout->states.flat)
		return flowd_fail(err, FLOWD_ENOMEM,
		    "groups take more than the %zu MB of memory that they may "
		    "have",
		    p->memory->max / 1000000);
	if (spill_table(p, part, 0) && spill_table(p, part, 1))
		return 0;
	return flowd_fail(err, FLOWD_EIO,
	    "the temporary file cannot be written: %s", strerror(errno));
}

/* --- Giving groups --- */

/* Fetch the slot of a group before it is needed. */
static void
fetch_slot(const struct partition *part, const struct group *g)
{
	const struct group_table *t = &part->table[g->general];

	if (t->nslots > 0)
		__builtin_prefetch(&t->slot[slot_place(t, g->hash)]);
}

/* And the row that the slot leads to. */
static void
fetch_row(const struct partition *part, const struct group *g)
{
	const struct group_table *t = &part->table[g->general];
	uint64_t slot;

	if (t->nslots == 0)
		return;
	slot = t->slot[slot_place(t, g->hash)];
	if (slot != 0)
		__builtin_prefetch(
		    t->row + ((slot & UINT32_MAX) - 1) * t->words);
}

/* One group; when there is no memory for it the partition makes room once. */
static int
partition_put(struct partitions *p, struct partition *part, struct group *g,
    struct flowd_error *err)
{
	struct group_table *t = &part->table[g->general];
	uint64_t *state = group_table_find(t, p, g);
	int bad = 0;

	if (state == NULL) {
		bad = partition_spill(p, part, err);
		if (bad != 0)
			return bad;
		state = group_table_find(t, p, g);
	}
	if (state != NULL && group_add(p, state, g))
		return 0;
	return flowd_fail(err, FLOWD_ENOMEM,
	    p->memory->max != 0
		? "groups take more memory than they may have"
		: "out of memory");
}

int
partition_merge(struct partitions *p, unsigned number,
    const struct group *groups, size_t n, struct flowd_error *err)
{
	struct partition *part = &p->part[number];
	int bad = 0;

	(void)pthread_mutex_lock(&part->lock);
	for (size_t i = 0; i < n && i < 2 * AHEAD; i++)
		fetch_slot(part, &groups[i]);
	for (size_t i = 0; i < n && bad == 0; i++) {
		struct group g = groups[i];

		if (i + 2 * AHEAD < n)
			fetch_slot(part, &groups[i + 2 * AHEAD]);
		if (i + AHEAD < n)
			fetch_row(part, &groups[i + AHEAD]);
		bad = partition_put(p, part, &g, err);
	}
	(void)pthread_mutex_unlock(&part->lock);
	return bad;
}

/* --- Looking at them --- */

static int
table_each(const struct group_table *t, bool general,
    int (*fn)(void *arg, struct group_row *row, struct flowd_error *err),
    void *arg, struct flowd_error *err)
{
	int bad = 0;

	for (size_t i = 0; i < t->n && bad == 0; i++) {
		struct group_row row = { .general = general,
			.key = t->row + i * t->words };

		row.state = row.key + t->key_words;
		bad = fn(arg, &row, err);
	}
	return bad;
}

/* Take the rows of a table again, as groups of another partition. */
static int
partition_take_rows(struct partitions *p, struct partition *to,
    uint64_t *rows, size_t n, bool general, struct flowd_error *err)
{
	const struct group_table *t = &to->table[general];
	int bad = 0;

	for (size_t i = 0; i < n && bad == 0; i++) {
		struct group g = { .general = general,
			.key = rows + i * t->words,
			.state = rows + i * t->words + t->key_words };

		g.hash = group_hash(p->layout->secret, g.key, t->key_words);
		bad = partition_put(p, to, &g, err);
	}
	return bad;
}

static int
partition_take_run(struct partitions *p, struct partition *to,
    const struct group_run *run, int fd, uint64_t *room,
    struct flowd_error *err)
{
	size_t words = to->table[run->general].words;
	size_t most = READ_WORDS / words;
	int bad = 0;

	for (size_t done = 0; done < run->n && bad == 0;) {
		size_t n = run->n - done < most ? run->n - done : most;

		if (!read_all(fd, room, n * words * sizeof(*room),
			run->offset + done * words * sizeof(*room)))
			return flowd_fail(err, FLOWD_EIO,
			    "the temporary file cannot be read: %s",
			    strerror(errno));
		bad = partition_take_rows(
		    p, to, room, n, run->general, err);
		done += n;
	}
	return bad;
}

/*
 * A partition of which groups are in the file: all of it is put together in
 * another place, for as long as it is looked at.
 */
static int
partition_each_merged(struct partitions *p, const struct partition *part,
    int (*fn)(void *arg, struct group_row *row, struct flowd_error *err),
    void *arg, struct flowd_error *err)
{
	struct group_memory memory = { .max = p->memory->max, .fd = -1 };
	struct partitions *whole = calloc(1, sizeof(*whole));
	uint64_t *room = calloc(READ_WORDS, sizeof(*room));
	int bad = 0;

	if (whole == NULL || room == NULL) {
		bad = flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	} else {
		struct partition *to = &whole->part[0];

		partitions_init(whole, p->layout, &memory);
		for (size_t i = 0; i < part->nruns && bad == 0; i++)
			bad = partition_take_run(whole, to, &part->run[i],
			    p->memory->fd, room, err);
		for (unsigned k = 0; k < 2 && bad == 0; k++) {
			const struct group_table *t = &part->table[k];

			for (size_t i = 0; i < t->n && bad == 0; i++) {
				size_t words = t->words;

				memcpy(room, t->row + i * words,
				    words * sizeof(*room));
				bad = partition_take_rows(
				    whole, to, room, 1, k == 1, err);
			}
		}
		for (unsigned k = 0; k < 2 && bad == 0; k++)
			bad = table_each(&to->table[k], k == 1, fn, arg, err);
		partitions_fini(whole);
	}
	free(whole);
	free(room);
	return bad;
}

int
partitions_each(struct partitions *p,
    int (*fn)(void *arg, struct group_row *row, struct flowd_error *err),
    void *arg, struct flowd_error *err)
{
	int bad = 0;

	for (unsigned i = 0; i < PARTITIONS && bad == 0; i++) {
		const struct partition *part = &p->part[i];

		if (part->nruns > 0) {
			bad = partition_each_merged(p, part, fn, arg, err);
			continue;
		}
		for (unsigned k = 0; k < 2 && bad == 0; k++)
			bad = table_each(
			    &part->table[k], k == 1, fn, arg, err);
	}
	return bad;
}
