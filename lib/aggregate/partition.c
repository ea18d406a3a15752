/* Groups that threads share; see partition.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "partition.h"

enum {
	ROOM_WORDS = 64 * 1024, /* of groups that are read or written at once */
	AHEAD = 12 /* groups that are fetched before they are needed */
};

void
partitions_init(struct partitions *p, const struct group_layout *layout,
    struct group_memory *memory, struct group_file *file)
{
	*p = (struct partitions){ .layout = layout,
		.memory = memory,
		.file = file };
	for (unsigned i = 0; i < PARTITIONS; i++) {
		struct partition *part = &p->part[i];

		(void)pthread_mutex_init(&part->lock, NULL);
		group_table_init(&part->table[0], layout->keys.plain_words,
		    layout->states.n);
		group_table_init(&part->table[1], layout->keys.general_words,
		    layout->states.n);
	}
}

void
partitions_fini(struct partitions *p)
{
	if (p->layout == NULL)
		return;
	for (unsigned i = 0; i < PARTITIONS; i++) {
		for (unsigned k = 0; k < 2; k++)
			group_table_clear(&p->part[i].table[k],
			    &p->layout->states, p->memory);
		free(p->part[i].run);
		(void)pthread_mutex_destroy(&p->part[i].lock);
	}
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
		group_memory_give(p->memory, before - after);
	return after <= before ||
	    group_memory_take(p->memory, after - before);
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

/* Write the groups of a table, one behind the other. */
static bool
write_table(const struct group_table *t, uint64_t *room, int fd,
    uint64_t offset)
{
	const size_t most = ROOM_WORDS / t->words;
	size_t n = 0;

	for (size_t at = group_table_next(t, 0); at < t->nplaces;
	     at = group_table_next(t, at + 1)) {
		memcpy(room + n++ * t->words, t->place + at * t->words,
		    t->words * sizeof(*room));
		if (n < most)
			continue;
		if (!write_all(
			fd, room, n * t->words * sizeof(*room), offset))
			return false;
		offset += n * t->words * sizeof(*room);
		n = 0;
	}
	return write_all(fd, room, n * t->words * sizeof(*room), offset);
}

/* Move the groups of a table to the file. */
static bool
spill_table(struct partitions *p, struct partition *part, unsigned kind)
{
	struct group_table *t = &part->table[kind];
	struct group_run *more;
	uint64_t *room;
	bool good;

	if (t->n == 0)
		return true;
	more = realloc(part->run, (part->nruns + 1) * sizeof(*more));
	if (more == NULL)
		return false;
	part->run = more;
	more[part->nruns] = (struct group_run){
		.offset = atomic_fetch_add(&p->file->end,
		    t->n * t->words * sizeof(*t->place)),
		.n = t->n,
		.general = kind == 1
	};
	room = calloc(ROOM_WORDS, sizeof(*room));
	good = room != NULL &&
	    write_table(t, room, p->file->fd, more[part->nruns].offset);
	free(room);
	if (!good)
		return false;
	part->nruns++;
	group_table_clear(t, &p->layout->states, p->memory);
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
	if (p->file == NULL || p->file->fd < 0 || !p->layout->states.flat)
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

/* One group; when there is no memory for it the partition makes room once. */
static int
partition_put(struct partitions *p, struct partition *part, struct group *g,
    struct flowd_error *err)
{
	struct group_table *t = &part->table[g->general];
	uint64_t *state =
	    group_table_find(t, p->layout, p->memory, g->hash, g->key);
	int bad = 0;

	if (state == NULL) {
		bad = partition_spill(p, part, err);
		if (bad != 0)
			return bad;
		state = group_table_find(
		    t, p->layout, p->memory, g->hash, g->key);
	}
	if (state != NULL && group_add(p, state, g))
		return 0;
	return flowd_fail(err, FLOWD_ENOMEM,
	    p->memory->max != 0
		? "groups take more memory than they may have"
		: "out of memory");
}

static void
fetch_group(const struct partition *part, const struct group *g)
{
	group_table_fetch(&part->table[g->general], g->hash);
}

int
partition_merge(struct partitions *p, unsigned number,
    const struct group *groups, size_t n, struct flowd_error *err)
{
	struct partition *part = &p->part[number];
	int bad = 0;

	(void)pthread_mutex_lock(&part->lock);
	for (size_t i = 0; i < n && i < AHEAD; i++)
		fetch_group(part, &groups[i]);
	for (size_t i = 0; i < n && bad == 0; i++) {
		struct group g = groups[i];

		if (i + AHEAD < n)
			fetch_group(part, &groups[i + AHEAD]);
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

	for (size_t at = group_table_next(t, 0); at < t->nplaces && bad == 0;
	     at = group_table_next(t, at + 1)) {
		struct group_row row = { .general = general,
			.key = t->place + at * t->words };

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
	size_t most = ROOM_WORDS / words;
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

static int
partition_take_table(struct partitions *p, struct partition *to,
    const struct group_table *t, bool general, uint64_t *room,
    struct flowd_error *err)
{
	int bad = 0;

	for (size_t at = group_table_next(t, 0); at < t->nplaces && bad == 0;
	     at = group_table_next(t, at + 1)) {
		memcpy(room, t->place + at * t->words,
		    t->words * sizeof(*room));
		bad = partition_take_rows(p, to, room, 1, general, err);
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
	struct group_memory memory = { .max = p->memory->max };
	struct partitions *whole = calloc(1, sizeof(*whole));
	uint64_t *room = calloc(ROOM_WORDS, sizeof(*room));
	int bad = 0;

	if (whole == NULL || room == NULL) {
		bad = flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	} else {
		struct partition *to = &whole->part[0];

		partitions_init(whole, p->layout, &memory, NULL);
		for (size_t i = 0; i < part->nruns && bad == 0; i++)
			bad = partition_take_run(whole, to, &part->run[i],
			    p->file->fd, room, err);
		for (unsigned k = 0; k < 2 && bad == 0; k++)
			bad = partition_take_table(whole, to, &part->table[k],
			    k == 1, room, err);
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
