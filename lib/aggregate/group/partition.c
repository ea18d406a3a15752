/* Groups that threads share; see partition.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "partition.h"

enum {
	ROOM_WORDS = 64 * 1024, /* of groups that are read or written at once */
	AHEAD = 16 /* rows whose memory is fetched before they are needed */
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
group_add(const struct partitions *p, uint64_t *to, uint64_t *from)
{
	const struct states *states = &p->layout->states;
	size_t before, after;

	if (states->additive) {
		for (unsigned i = 0; i < states->n; i++)
			to[i] = sum_saturated(to[i], from[i]);
		return true;
	}
	before = states_octets(states, to);
	if (!states_combine(states, to, from))
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
		if (n == 0)
			errno = EIO;
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
		if (n == 0)
			errno = EIO;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
		offset += (uint64_t)n;
	}
	return true;
}

/* Write the rows of a table, one behind the other. */
static bool
write_table(const struct group_table *t, int fd, uint64_t offset)
{
	for (size_t i = 0; i < t->n; i += CHUNK_ROWS) {
		size_t n = t->n - i < CHUNK_ROWS ? t->n - i : CHUNK_ROWS;
		size_t octets = n * t->words * sizeof(uint64_t);

		if (!write_all(fd, group_table_row(t, i), octets, offset))
			return false;
		offset += octets;
	}
	return true;
}

/* Move the groups of a table to the file. */
static bool
spill_table(struct partitions *p, struct partition *part, unsigned kind)
{
	struct group_table *t = &part->table[kind];
	struct group_run *more;

	if (t->n == 0)
		return true;
	more = realloc(part->run, (part->nruns + 1) * sizeof(*more));
	if (more == NULL)
		return false;
	part->run = more;
	more[part->nruns] = (struct group_run){
		.offset = atomic_fetch_add(&p->file->end,
		    t->n * t->words * sizeof(uint64_t)),
		.n = t->n,
		.general = kind == 1
	};
	if (!write_table(t, p->file->fd, more[part->nruns].offset))
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
	return flowd_fail_errno(err, "the temporary file cannot be written");
}

/* --- Giving groups --- */

/* One row; when there is no memory for it the partition makes room once. */
static int
partition_put(struct partitions *p, struct partition *part, bool general,
    uint64_t hash, uint64_t *row, struct flowd_error *err)
{
	struct group_table *t = &part->table[general];
	uint64_t *state =
	    group_table_find(t, p->layout, p->memory, hash, row);
	int bad = 0;

	if (state == NULL) {
		bad = partition_spill(p, part, err);
		if (bad != 0)
			return bad;
		state = group_table_find(
		    t, p->layout, p->memory, hash, row);
	}
	if (state != NULL && group_add(p, state, row + t->key_words))
		return 0;
	return flowd_fail(err, FLOWD_ENOMEM,
	    p->memory->max != 0
		? "groups take more memory than they may have"
		: "out of memory");
}

/* Rows on their way into a table, with the hashes of some of them. */
struct row_pipeline {
	struct group_table *table;
	uint64_t *rows;
	size_t n;
	uint64_t hash[4 * AHEAD]; /* of row i at i % (4 * AHEAD) */
};

static uint64_t *
pipeline_hash(struct row_pipeline *p, size_t i)
{
	return &p->hash[i % (4 * AHEAD)];
}

/*
 * Fetch the slots of AHEAD rows, and the rows that the slots of the AHEAD rows
 * before have, so that nothing waits for memory.
 */
static void
pipeline_fetch(
    struct row_pipeline *p, const uint64_t secret[2], size_t from)
{
	const struct group_table *t = p->table;

	for (size_t i = from; i < from + AHEAD; i++) {
		if (i < p->n) {
			uint64_t hash = group_hash(
			    secret, p->rows + i * t->words, t->key_words);

			*pipeline_hash(p, i) = hash;
			group_table_fetch_slot(t, hash);
		}
		if (i >= AHEAD && i - AHEAD < p->n)
			group_table_fetch_row(
			    t, *pipeline_hash(p, i - AHEAD));
	}
}

static int
partition_put_all(struct partitions *p, struct partition *part,
    bool general, uint64_t *rows, size_t n, struct flowd_error *err)
{
	struct row_pipeline pipeline = { .table = &part->table[general],
		.rows = rows,
		.n = n };
	const size_t words = pipeline.table->words;
	int bad = 0;

	pipeline_fetch(&pipeline, p->layout->secret, 0);
	pipeline_fetch(&pipeline, p->layout->secret, AHEAD);
	for (size_t i = 0; i < n && bad == 0; i++) {
		if (i % AHEAD == 0)
			pipeline_fetch(&pipeline, p->layout->secret,
			    i + 2 * AHEAD);
		bad = partition_put(p, part, general,
		    *pipeline_hash(&pipeline, i), rows + i * words, err);
	}
	return bad;
}

int
partition_give(struct partitions *p, unsigned number, bool general,
    uint64_t *rows, size_t n, struct flowd_error *err)
{
	struct partition *part = &p->part[number];
	int bad;

	(void)pthread_mutex_lock(&part->lock);
	bad = partition_put_all(p, part, general, rows, n, err);
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
			.key = group_table_row(t, i) };

		row.state = row.key + t->key_words;
		bad = fn(arg, &row, err);
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
			return flowd_fail_errno(
			    err, "the temporary file cannot be read");
		bad = partition_put_all(
		    p, to, run->general, room, n, err);
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

	for (size_t i = 0; i < t->n && bad == 0; i++) {
		memcpy(room, group_table_row(t, i),
		    t->words * sizeof(*room));
		bad = partition_put_all(p, to, general, room, 1, err);
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
