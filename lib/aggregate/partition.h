/*
 * Groups that all threads share, in partitions by the hashes of their keys,
 * each with a lock. Threads come with many groups at once, sorted by partition,
 * so that they hardly wait for each other.
 *
 * Used by local_groups.c and aggregate_result.c. Test: test/unit/aggregate/
 * test_partition.c.
 */
#ifndef FLOWD_PARTITION_H
#define FLOWD_PARTITION_H

#include <pthread.h>
#include <stdatomic.h>

#include "key_layout.h"
#include "measure_state.h"
#include "result.h"

enum {
	PARTITION_BITS = 6,
	PARTITIONS = 1 << PARTITION_BITS
};

/* What groups of an output are like. */
struct group_layout {
	const struct key *key;
	struct key_layout keys;
	struct states states;
	uint64_t secret[2]; /* of hashes */
};

/*
 * What bounds the groups of all outputs together. When they take more, those of
 * a partition are written to a file, and merged when the result is made.
 */
struct group_memory {
	atomic_size_t used;
	size_t max; /* 0: none */
	int fd; /* of a file that nobody else uses, borrowed; -1: none */
	_Atomic uint64_t end; /* of what is in the file */
};

/*
 * Groups of one kind, plain or general: rows of the words of their keys and
 * then of their states, found by a hash table with open addressing.
 */
struct group_table {
	unsigned key_words, words; /* of a row: keys, all */
	size_t n, cap;
	uint64_t *row;
	uint64_t *slot; /* upper half of the hash, and row + 1; 0: free */
	size_t nslots; /* a power of two */
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
	struct partition part[PARTITIONS];
};

/* A group that is given to a partition. */
struct group {
	uint64_t hash;
	bool general;
	const uint64_t *key;
	uint64_t *state; /* is cleared: what it points to is taken over */
};

/* layout and memory are borrowed. */
void partitions_init(struct partitions *p, const struct group_layout *layout,
    struct group_memory *memory);
void partitions_fini(struct partitions *p);

/* The hash of a key of so many words, by which partitions are chosen. */
uint64_t group_hash(
    const uint64_t secret[2], const uint64_t *words, unsigned n);

static inline unsigned
partition_of(uint64_t hash)
{
	return (unsigned)(hash >> (64 - PARTITION_BITS));
}

/*
 * Give n groups of one partition to it. Returns 0, or FLOWD_ENOMEM or FLOWD_EIO
 * with err set; then some of them are lost.
 */
int partition_merge(struct partitions *p, unsigned number,
    const struct group *groups, size_t n, struct flowd_error *err);

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

#endif
