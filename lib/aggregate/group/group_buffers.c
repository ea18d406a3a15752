/* Buffers of partitions; see group_buffers.h. */
#include <stdlib.h>

#include "group_buffers.h"

_Static_assert(PARTITIONS <= UINT8_MAX + 1, "a partition is an octet");

void
group_buffers_init(
    struct group_buffers *b, struct partitions *partitions, bool general)
{
	const struct key_layout *l = &partitions->layout->keys;

	*b = (struct group_buffers){ .partitions = partitions,
		.general = general,
		.key_words = general ? l->general_words : l->plain_words };
	b->words = b->key_words + partitions->layout->states.n;
	b->cap = BUFFER_WORDS / b->words;
}

static void
drop_rows(struct group_buffers *b, unsigned partition)
{
	const struct states *states = &b->partitions->layout->states;
	uint64_t *state = group_buffers_states(b) +
	    partition * b->cap * b->words;

	for (size_t i = 0; i < b->n[partition]; i++)
		states_drop(states, state + i * b->words);
	b->n[partition] = 0;
}

void
group_buffers_fini(struct group_buffers *b)
{
	for (unsigned i = 0; i < PARTITIONS && b->rows != NULL; i++)
		drop_rows(b, i);
	free(b->rows);
	b->rows = NULL;
}

static bool
group_buffers_reserve(struct group_buffers *b)
{
	if (b->rows == NULL)
		b->rows = malloc(
		    PARTITIONS * b->cap * b->words * sizeof(*b->rows));
	return b->rows != NULL;
}

static int
give_partition(
    struct group_buffers *b, unsigned partition, struct flowd_error *err)
{
	int bad = 0;

	if (b->n[partition] > 0)
		bad = partition_give(b->partitions, partition, b->general,
		    b->rows + partition * b->cap * b->words,
		    b->n[partition], err);
	/* Those that were given are empty. */
	if (bad != 0)
		drop_rows(b, partition);
	b->n[partition] = 0;
	return bad;
}

int
group_buffers_add(struct group_buffers *b, uint64_t hash,
    const uint64_t *key, uint64_t *state, struct flowd_error *err)
{
	const struct states *states = &b->partitions->layout->states;
	unsigned partition = partition_of(hash);
	uint64_t *row;
	int bad = 0;

	if (!group_buffers_reserve(b))
		bad = flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	else if (b->n[partition] == b->cap)
		bad = give_partition(b, partition, err);
	if (bad != 0) {
		states_drop(states, state);
		return bad;
	}
	row = b->rows +
	    (partition * b->cap + b->n[partition]++) * b->words;
	for (unsigned w = 0; w < b->key_words; w++)
		*row++ = key[w];
	for (unsigned w = 0; w < states->n; w++)
		*row++ = state[w];
	return 0;
}

/* The partition of each part, and how many are of each. */
static void
count_partitions(struct group_buffers *b, const struct key_values *keys,
    size_t count[PARTITIONS])
{
	const struct group_layout *l = b->partitions->layout;
	const unsigned nwords = b->key_words;

	for (unsigned i = 0; i < PARTITIONS; i++)
		count[i] = 0;
	for (size_t i = 0; i < keys->n; i++) {
		uint64_t key[KEY_WORDS];
		unsigned partition;

		for (unsigned w = 0; w < nwords; w++)
			key[w] = keys->word[w][i];
		partition = partition_of(group_hash(l->secret, key, nwords));
		b->partition[i] = (uint8_t)partition;
		count[partition]++;
	}
}

static void
fill_rows(
    struct group_buffers *b, const struct key_values *keys, uint32_t *row)
{
	const struct states *states = &b->partitions->layout->states;
	const unsigned nwords = b->key_words;

	for (size_t i = 0; i < keys->n; i++) {
		unsigned partition = b->partition[i];
		size_t number = partition * b->cap + b->n[partition]++;
		uint64_t *to = b->rows + number * b->words;

		for (unsigned w = 0; w < nwords; w++)
			to[w] = keys->word[w][i];
		states_clear(states, to + nwords);
		row[i] = (uint32_t)number;
	}
}

int
group_buffers_take(struct group_buffers *b, const struct key_values *keys,
    uint32_t *row, struct flowd_error *err)
{
	size_t count[PARTITIONS];
	int bad = 0;

	if (!group_buffers_reserve(b))
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	count_partitions(b, keys, count);
	for (unsigned i = 0; i < PARTITIONS; i++)
		if (count[i] > b->cap)
			return 0;
	for (unsigned i = 0; i < PARTITIONS && bad == 0; i++)
		if (b->n[i] + count[i] > b->cap)
			bad = give_partition(b, i, err);
	if (bad != 0)
		return bad;
	fill_rows(b, keys, row);
	return 1;
}

int
group_buffers_flush(struct group_buffers *b, struct flowd_error *err)
{
	int bad = 0;

	for (unsigned i = 0; i < PARTITIONS && bad == 0; i++)
		bad = give_partition(b, i, err);
	return bad;
}
