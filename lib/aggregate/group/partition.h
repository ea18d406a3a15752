/*
 * Groups that all threads share, in partitions by the hashes of their keys,
 * each with a lock. Threads come with many groups of one partition at once, so
 * that they hardly wait for each other. There are so many partitions that the
 * table of each is in the cache while rows join it.
 *
 * Used by group_buffers.c and aggregate_result.c. Test: test/unit/aggregate/
 * test_partition.c.
 */
#ifndef FLOWD_PARTITION_H
#define FLOWD_PARTITION_H

#include "group_table.h"
#include "result.h"
#include "thread.h"

enum {
	PARTITION_BITS = 8,
	PARTITIONS = 1 << PARTITION_BITS
};

/*
 * A file for the groups that take more memory than they may have: those of a
 * partition are written to it, and merged when the result is made.
 */
struct group_file {
	int fd; /* of a file that nobody else uses, borrowed; -1: none */
	_Atomic uint64_t end; /* of what is in it */
};

/* Rows of a table in the file. */
struct group_run {
	uint64_t offset;
	size_t n;
	bool general;
};

struct partition {
	pthread_mutex_t lock;
	struct group_table table[2]; /* plain, general */
	struct group_run *run;
	size_t nruns;
};

struct partitions {
	const struct group_layout *layout;
	struct group_memory *memory;
	struct group_file *file; /* NULL: none */
	struct chunk_pool pool[2]; /* for plain keys, general */
	unsigned threads; /* that may look at groups; 0: one */
	struct partition part[PARTITIONS];
};

/* All of them are borrowed. */
void partitions_init(struct partitions *p, const struct group_layout *layout,
    struct group_memory *memory, struct group_file *file);
void partitions_fini(struct partitions *p);

static inline unsigned
partition_of(uint64_t hash)
{
	return (unsigned)(hash >> (64 - PARTITION_BITS));
}

/*
 * Give n groups to their partition: rows of the words of a key, which are
 * general or not, and then of states, whose contents are taken over and
 * cleared. Returns 0, or FLOWD_ENOMEM or FLOWD_EIO with err set; then what the
 * states of some rows point to is still the caller's.
 */
int partition_give(struct partitions *p, unsigned number, bool general,
    uint64_t *rows, size_t n, struct flowd_error *err);

/* A group of a partition, borrowed. */
struct group_row {
	bool general;
	uint64_t *key, *state;
};

/*
 * Call fn for each group, while nobody gives any; it returns 0, or a negative
 * FLOWD_E* with err set, which ends it and is returned.
 */
int partitions_each(struct partitions *p,
    int (*fn)(void *arg, struct group_row *row, struct flowd_error *err),
    void *arg, struct flowd_error *err);

/* How many threads all groups are worth, up to THREADS_AT_ONCE. */
unsigned partitions_sharers(const struct partitions *p);
/*
 * The same as partitions_each() with n threads at once, which have an argument
 * each, and some of the partitions. fn NULL: all rows join their groups, and
 * no more.
 */
int partitions_share(struct partitions *p,
    int (*fn)(void *arg, struct group_row *row, struct flowd_error *err),
    void *const *arg, unsigned n, struct flowd_error *err);

#endif
