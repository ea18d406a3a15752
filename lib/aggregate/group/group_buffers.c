/* Buffers of partitions; see group_buffers.h. */
#include <stdlib.h>

#include "group_buffers.h"

void
group_buffers_init(
    struct group_buffers *b, struct partitions *partitions, bool general)
{
	const struct key_layout *l = &partitions->layout->keys;

	*b = (struct group_buffers){ .partitions = partitions,
		.general = general,
		.key_words = general ? l->general_words : l->plain_words,
		.cap = BLOCK_ROWS_MIN };
	b->words = b->key_words + partitions->layout->states.n;
	while (2 * b->cap * b->words <= BLOCK_WORDS)
		b->cap *= 2;
}

static uint64_t *
buffer_row(const struct group_buffers *b, uint32_t row)
{
	return b->rows + (size_t)row * b->words;
}

/* How many rows the block that is being filled has. */
static uint32_t
block_rows(const struct group_buffers *b, unsigned partition)
{
	return b->next[partition] & (b->cap - 1);
}

static void
drop_rows(struct group_buffers *b, uint32_t row, size_t n)
{
	const struct states *states = &b->partitions->layout->states;

	for (size_t i = 0; i < n; i++)
		states_drop(states,
		    buffer_row(b, row + (uint32_t)i) + b->key_words);
}

void
group_buffers_fini(struct group_buffers *b)
{
	for (unsigned i = 0; i < PARTITIONS && b->rows != NULL; i++)
		drop_rows(b, b->next[i] - block_rows(b, i), block_rows(b, i));
	for (size_t i = 0; i < b->nfull; i++)
		drop_rows(b, b->full[i].row, b->cap);
	free(b->rows);
	free(b->full);
	free(b->free);
	b->rows = NULL;
	b->full = NULL;
	b->free = NULL;
	b->nfull = 0;
}

/*
 * As many blocks as parts of a batch may fill, with the rows that are there,
 * and one more of each partition.
 */
static bool
group_buffers_reserve(struct group_buffers *b)
{
	const size_t nfull = PARTITIONS + PARTS / b->cap;
	const size_t nblocks = PARTITIONS + nfull;

	if (b->rows != NULL)
		return true;
	b->full = malloc(nfull * sizeof(*b->full));
	b->free = malloc(nblocks * sizeof(*b->free));
	b->rows = malloc(nblocks * b->cap * b->words * sizeof(*b->rows));
	if (b->rows == NULL || b->full == NULL || b->free == NULL) {
		group_buffers_fini(b);
		return false;
	}
	for (b->nfree = 0; b->nfree < nfull; b->nfree++)
		b->free[b->nfree] =
		    (uint32_t)(nblocks - 1 - b->nfree) * b->cap;
	for (unsigned i = 0; i < PARTITIONS; i++)
		b->next[i] = i * b->cap;
	return true;
}

/* The next row of a partition; the block that it fills is given away later. */
static inline uint32_t
next_row(struct group_buffers *b, unsigned partition)
{
	uint32_t row = b->next[partition]++;

	if (block_rows(b, partition) == 0) {
		b->full[b->nfull++] = (struct row_block){ partition,
			b->next[partition] - b->cap };
		b->next[partition] = b->free[--b->nfree];
	}
	return row;
}

static int
give_rows(struct group_buffers *b, unsigned partition, uint32_t row, size_t n,
    struct flowd_error *err)
{
	int bad = partition_give(b->partitions, partition, b->general,
	    buffer_row(b, row), n, err);

	/* Those that were given are empty. */
	if (bad != 0)
		drop_rows(b, row, n);
	return bad;
}

static int
give_full(struct group_buffers *b, struct flowd_error *err)
{
	int bad = 0;

	while (b->nfull > 0 && bad == 0) {
		const struct row_block *block = &b->full[--b->nfull];

		bad = give_rows(b, block->partition, block->row, b->cap, err);
		b->free[b->nfree++] = block->row;
	}
	return bad;
}

/* Before groups are added. */
static int
make_room(struct group_buffers *b, struct flowd_error *err)
{
	return group_buffers_reserve(b)
	    ? give_full(b, err)
	    : flowd_fail(err, FLOWD_ENOMEM, "out of memory");
}

int
group_buffers_add(struct group_buffers *b, uint64_t hash,
    const uint64_t *key, uint64_t *state, struct flowd_error *err)
{
	const struct states *states = &b->partitions->layout->states;
	int bad = make_room(b, err);
	uint64_t *row;

	if (bad != 0) {
		states_drop(states, state);
		return bad;
	}
	row = buffer_row(b, next_row(b, partition_of(hash)));
	for (unsigned w = 0; w < b->key_words; w++)
		*row++ = key[w];
	for (unsigned w = 0; w < states->n; w++)
		*row++ = state[w];
	return 0;
}

int
group_buffers_take(struct group_buffers *b, const struct key_values *keys,
    uint32_t *row, struct flowd_error *err)
{
	const struct group_layout *l = b->partitions->layout;
	const unsigned nwords = b->key_words;
	int bad = make_room(b, err);

	for (size_t i = 0; i < keys->n && bad == 0; i++) {
		uint64_t key[KEY_WORDS], *to;

		for (unsigned w = 0; w < nwords; w++)
			key[w] = keys->word[w][i];
		row[i] = next_row(
		    b, partition_of(group_hash(l->secret, key, nwords)));
		to = buffer_row(b, row[i]);
		for (unsigned w = 0; w < nwords; w++)
			to[w] = key[w];
		states_clear(&l->states, to + nwords);
	}
	return bad;
}

int
group_buffers_flush(struct group_buffers *b, struct flowd_error *err)
{
	int bad = give_full(b, err);

	for (unsigned i = 0; i < PARTITIONS && b->rows != NULL; i++) {
		uint32_t n = block_rows(b, i);

		b->next[i] -= n;
		if (n > 0 && bad == 0)
			bad = give_rows(b, i, b->next[i], n, err);
		else
			drop_rows(b, b->next[i], n);
	}
	return bad;
}
