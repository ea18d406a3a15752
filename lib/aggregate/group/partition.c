/* Groups that threads share; see partition.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "partition.h"

enum {
	ROOM_WORDS = 64 * 1024, /* of groups that are read at once */
	ROWS_TO_SHARE = 1 << 16 /* so many are worth another thread */
};

static unsigned
partition_key_words(const struct group_layout *layout, bool general)
{
	return general ? layout->keys.general_words : layout->keys.plain_words;
}

void
partitions_init(struct partitions *p, const struct group_layout *layout,
    struct group_memory *memory, struct group_file *file)
{
	*p = (struct partitions){ .layout = layout,
		.memory = memory,
		.file = file };
	for (unsigned k = 0; k < 2; k++)
		chunk_pool_init(&p->pool[k],
		    group_table_chunk_octets(
			partition_key_words(layout, k) + layout->states.n));
	for (unsigned i = 0; i < PARTITIONS; i++) {
		struct partition *part = &p->part[i];

		(void)pthread_mutex_init(&part->lock, NULL);
		for (unsigned k = 0; k < 2; k++)
			group_table_init(&part->table[k], &p->pool[k],
			    partition_key_words(layout, k),
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
	for (unsigned k = 0; k < 2; k++)
		chunk_pool_fini(&p->pool[k]);
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
	const size_t all = t->n + t->waiting;

	for (size_t i = 0; i < all; i += CHUNK_ROWS) {
		size_t n = all - i < CHUNK_ROWS ? all - i : CHUNK_ROWS;
		size_t octets = n * t->words * sizeof(uint64_t);

		if (!write_all(fd, group_table_row(t, i), octets, offset))
			return false;
		offset += octets;
	}
	return true;
}

/* Move the groups of a table to the file, and the rows that wait. */
static bool
spill_table(struct partitions *p, struct partition *part, unsigned kind)
{
	struct group_table *t = &part->table[kind];
	const size_t n = t->n + t->waiting;
	struct group_run *more;

	if (n == 0)
		return true;
	more = realloc(part->run, (part->nruns + 1) * sizeof(*more));
	if (more == NULL)
		return false;
	part->run = more;
	more[part->nruns] = (struct group_run){
		.offset = atomic_fetch_add(&p->file->end,
		    n * t->words * sizeof(uint64_t)),
		.n = n,
		.general = kind == 1
	};
	if (!write_table(t, p->file->fd, more[part->nruns].offset))
		return false;
	part->nruns++;
	group_table_clear(t, &p->layout->states, p->memory);
	return true;
}

/* Of its groups, and those that wait. */
static size_t
partition_rows(const struct partition *part)
{
	size_t n = 0;

	for (unsigned k = 0; k < 2; k++)
		n += part->table[k].n + part->table[k].waiting;
	return n;
}

/*
 * Make room: write what the partition has to the file. What measures keep
 * outside of their words cannot go there.
 */
static int
partition_spill(struct partitions *p, struct partition *part,
    struct flowd_error *err)
{
	if (p->memory->max == 0 || partition_rows(part) == 0)
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

/*
 * May rows wait for more? Until there are twice as many as groups, so that the
 * memory of all is that of groups, and each group is seen a few times as the
 * table grows. Before memory is short they do not.
 */
static bool
rows_wait(const struct partitions *p, const struct group_table *t)
{
	if (!p->layout->states.flat ||
	    (p->memory->max != 0 &&
		atomic_load(&p->memory->used) > p->memory->max / 2))
		return false;
	return t->waiting < CHUNK_ROWS || t->waiting < 2 * t->n;
}

/* Rows join the groups, or all go to the file. */
static int
partition_join(struct partitions *p, struct partition *part, bool general,
    struct flowd_error *err)
{
	return group_table_join(&part->table[general], p->layout, p->memory)
	    ? 0
	    : partition_spill(p, part, err);
}

static int
partition_add(struct partitions *p, struct partition *part, bool general,
    uint64_t *rows, size_t n, struct flowd_error *err)
{
	struct group_table *t = &part->table[general];
	size_t done = 0;
	int bad = 0;

	while (done < n && bad == 0) {
		done += group_table_add(t, &p->layout->states, p->memory,
		    rows + done * t->words, n - done);
		if (done == n && rows_wait(p, t))
			break;
		bad = t->room > 0 ? partition_join(p, part, general, err)
				  : partition_spill(p, part, err);
		/* No row has gone to a group that was there. */
		if (bad == 0 && done < n && t->n > 0 && t->n == t->room)
			bad = partition_spill(p, part, err);
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
	bad = partition_add(p, part, general, rows, n, err);
	(void)pthread_mutex_unlock(&part->lock);
	return bad;
}

/* --- Looking at them --- */

/* What is done with groups. */
typedef int group_function(
    void *arg, struct group_row *row, struct flowd_error *err);

static int
table_each(const struct group_table *t, bool general, group_function *fn,
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

/* Join the rows that wait. */
static int
partition_settle(
    struct partitions *p, struct partition *part, struct flowd_error *err)
{
	int bad = 0;

	for (unsigned k = 0; k < 2 && bad == 0; k++)
		if (part->table[k].waiting > 0)
			bad = partition_join(p, part, k == 1, err);
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
		bad = partition_add(p, to, run->general, room, n, err);
		done += n;
	}
	return bad;
}

/* Only flat states are in a file, so that rows may be copied. */
static int
partition_take_table(struct partitions *p, struct partition *to,
    const struct group_table *t, bool general, struct flowd_error *err)
{
	int bad = 0;

	for (size_t i = 0; i < t->n && bad == 0; i += CHUNK_ROWS)
		bad = partition_add(p, to, general, group_table_row(t, i),
		    t->n - i < CHUNK_ROWS ? t->n - i : CHUNK_ROWS, err);
	return bad;
}

/*
 * A partition of which groups are in the file: all of it is put together in
 * another place, for as long as it is looked at.
 */
static int
partition_each_merged(struct partitions *p, const struct partition *part,
    group_function *fn, void *arg, struct flowd_error *err)
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
			bad = partition_take_table(
			    whole, to, &part->table[k], k == 1, err);
		if (bad == 0)
			bad = partition_settle(whole, to, err);
		for (unsigned k = 0; k < 2 && bad == 0; k++)
			bad = table_each(&to->table[k], k == 1, fn, arg, err);
		partitions_fini(whole);
	}
	free(whole);
	free(room);
	return bad;
}

/* The groups of a partition; fn NULL: they are only joined. */
static int
partition_each(struct partitions *p, struct partition *part,
    group_function *fn, void *arg, struct flowd_error *err)
{
	int bad = partition_settle(p, part, err);

	if (bad != 0 || fn == NULL)
		return bad;
	if (part->nruns > 0)
		return partition_each_merged(p, part, fn, arg, err);
	for (unsigned k = 0; k < 2 && bad == 0; k++)
		bad = table_each(&part->table[k], k == 1, fn, arg, err);
	return bad;
}

/* Threads that look at partitions, each at the next that no other has. */
struct sharing {
	struct partitions *partitions;
	group_function *fn;
	atomic_uint next;
	atomic_bool stop;
};

struct sharer {
	struct sharing *sharing;
	void *arg;
	pthread_t thread;
	int bad;
	struct flowd_error why;
};

static void *
sharer_run(void *arg)
{
	struct sharer *s = arg;
	struct sharing *all = s->sharing;
	struct partitions *p = all->partitions;
	unsigned i;

	while (!atomic_load(&all->stop) &&
	    (i = atomic_fetch_add(&all->next, 1)) < PARTITIONS) {
		s->bad = partition_each(
		    p, &p->part[i], all->fn, s->arg, &s->why);
		if (s->bad != 0)
			atomic_store(&all->stop, true);
	}
	return NULL;
}

unsigned
partitions_sharers(const struct partitions *p)
{
	size_t rows = 0;

	for (unsigned i = 0; i < PARTITIONS; i++)
		rows += partition_rows(&p->part[i]);
	return rows < ROWS_TO_SHARE || p->threads == 0 ? 1 : p->threads;
}

int
partitions_share(struct partitions *p, group_function *fn,
    void *const *arg, unsigned n, struct flowd_error *err)
{
	struct sharing sharing = { .partitions = p, .fn = fn };
	struct sharer sharer[THREADS_AT_ONCE];
	unsigned running = 1;
	int bad = 0;

	for (unsigned i = 0; i < n; i++)
		sharer[i] = (struct sharer){ .sharing = &sharing,
			.arg = arg != NULL ? arg[i] : NULL };
	while (running < n && thread_start(&sharer[running].thread, sharer_run,
				  &sharer[running]) == 0)
		running++;
	(void)sharer_run(&sharer[0]);
	for (unsigned i = 1; i < running; i++)
		(void)pthread_join(sharer[i].thread, NULL);
	for (unsigned i = 0; i < running && bad == 0; i++)
		if (sharer[i].bad != 0)
			bad = flowd_fail_again(err, &sharer[i].why);
	return bad;
}

int
partitions_each(struct partitions *p, group_function *fn, void *arg,
    struct flowd_error *err)
{
	int bad =
	    partitions_share(p, NULL, NULL, partitions_sharers(p), err);

	for (unsigned i = 0; i < PARTITIONS && bad == 0; i++)
		bad = partition_each(p, &p->part[i], fn, arg, err);
	return bad;
}
