/*
 * Groups that threads share: groups that are given in any split and order, by
 * several threads at once, are each there once with the sum of their states;
 * memory is counted, and a limit is an error.
 */
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../random.h"
#include "distinct.h"
#include "partition.h"

enum {
	KEYS = 20000,
	GIVEN = 120000, /* groups, of which most are there already */
	MANY = 300000, /* keys, more than each partition always has room for */
	AT_ONCE = 700,
	THREADS = 4
};

struct fixture {
	struct key key;
	struct group_layout layout;
	struct group_memory memory;
	struct group_file file;
	struct partitions partitions;
};

static void
fixture_init(struct fixture *f, const char *key, const char *measures,
    size_t memory, uint64_t seed)
{
	struct measures m = { .n = 0 };
	struct flowd_error err;

	memset(f, 0, sizeof(*f));
	assert_int_equal(key_parse(&f->key, key, &err), 0);
	assert_int_equal(measures_parse(&m, measures, &err), 0);
	assert_true(states_init(&f->layout.states, &m));
	f->layout.key = &f->key;
	key_layout_init(&f->layout.keys, &f->key);
	f->layout.secret[0] = seed;
	f->layout.secret[1] = seed | 1;
	f->memory.max = memory;
	f->file.fd = -1;
	partitions_init(
	    &f->partitions, &f->layout, &f->memory, &f->file);
}

/* The key with this number: half of them are general. */
static bool
key_words(const struct fixture *f, unsigned number, uint64_t *words)
{
	struct key_value value[KEY_PARTS] = { { 0, 0, 0 } };
	bool general = number % 2 == 1;

	value[0] = (struct key_value){ KEY_PLAIN, number / 2 * 0x100, 0 };
	if (general)
		value[0] = (struct key_value){ KEY_V6, number, number << 8 };
	value[1] = (struct key_value){ KEY_PLAIN, number % 7, 0 };
	if (general)
		key_pack_general(&f->layout.keys, value, words);
	else
		key_pack_plain(&f->layout.keys, value, words);
	return general;
}

/* Groups as a thread has them before it gives them away. */
struct given {
	struct {
		uint64_t hash;
		bool general;
		unsigned nwords; /* of its key, behind which are the states */
		uint64_t words[KEY_WORDS + STATES];
	} group[AT_ONCE];
	size_t n;
};

static void
given_add(struct fixture *f, struct given *g, unsigned number, uint64_t v)
{
	const struct states *s = &f->layout.states;
	uint64_t *words = g->group[g->n].words, *state;
	bool general = key_words(f, number, words);
	unsigned nwords = general ? f->layout.keys.general_words
				  : f->layout.keys.plain_words;

	g->group[g->n].general = general;
	g->group[g->n].nwords = nwords;
	g->group[g->n].hash = group_hash(f->layout.secret, words, nwords);
	state = words + nwords;
	states_clear(s, state);
	for (unsigned i = 0; i < s->n; i++)
		if (s->state[i].kind == STATE_DISTINCT)
			assert_true(state_distinct_add(
			    &state[i], distinct_hash(v)));
		else
			state[i] = v;
	g->n++;
}

/* Give groups of one kind to a partition, all at once, unless it is bad. */
static int
give_partition(struct fixture *f, struct given *g, unsigned p, bool general,
    uint64_t *rows, int bad, struct flowd_error *err)
{
	const size_t nstates = f->layout.states.n;
	uint64_t *row = rows;
	size_t n = 0;

	for (size_t i = 0; i < g->n; i++) {
		size_t words = g->group[i].nwords + nstates;

		if (partition_of(g->group[i].hash) != p ||
		    g->group[i].general != general)
			continue;
		memcpy(row, g->group[i].words, words * sizeof(*row));
		row += words;
		n++;
	}
	if (bad == 0)
		bad = partition_give(
		    &f->partitions, p, general, rows, n, err);
	for (size_t i = 0; i < n; i++)
		states_drop(&f->layout.states,
		    rows + (i + 1) * (size_t)(row - rows) / n - nstates);
	return bad;
}

/* Give groups to their partitions. */
static int
groups_give(struct fixture *f, struct given *g, struct flowd_error *err)
{
	uint64_t *rows = calloc(g->n + 1, sizeof(g->group[0].words));
	int bad = 0;

	assert_non_null(rows);
	for (unsigned p = 0; p < 2 * PARTITIONS; p++)
		bad = give_partition(
		    f, g, p / 2, p % 2 == 1, rows, bad, err);
	g->n = 0;
	free(rows);
	return bad;
}

/* The value that is added to a key by the i-th group that is given. */
static unsigned
number_of(unsigned i)
{
	return (unsigned)((uint64_t)i * 2654435761u % KEYS);
}

struct thread {
	struct fixture *f;
	unsigned from, step;
	pthread_t thread;
	int bad;
};

static void *
thread_give(void *arg)
{
	struct given *g = calloc(1, sizeof(*g));
	struct thread *t = arg;
	struct flowd_error err;

	for (unsigned i = t->from; i < GIVEN; i += t->step) {
		given_add(t->f, g, number_of(i), i);
		if (g->n == AT_ONCE && t->bad == 0)
			t->bad = groups_give(t->f, g, &err);
	}
	if (t->bad == 0)
		t->bad = groups_give(t->f, g, &err);
	free(g);
	return NULL;
}

/* Have all rows joined their groups. */
static void
settle(struct fixture *f)
{
	struct flowd_error err;

	assert_int_equal(
	    partitions_share(&f->partitions, NULL, NULL, 1, &err), 0);
}

/* The states of a key, or NULL; each key is there once. */
static const uint64_t *
group_states(struct fixture *f, unsigned number)
{
	uint64_t words[KEY_WORDS];
	bool general = key_words(f, number, words);
	const uint64_t *found = NULL;

	for (unsigned p = 0; p < PARTITIONS; p++) {
		struct group_table *t = &f->partitions.part[p].table[general];

		for (size_t i = 0; i < t->n; i++) {
			const uint64_t *row = group_table_row(t, i);

			if (memcmp(row, words, t->key_words * 8) != 0)
				continue;
			assert_null(found);
			found = row + t->key_words;
		}
	}
	return found;
}

static size_t
count_groups(const struct fixture *f)
{
	size_t n = 0;

	for (unsigned p = 0; p < PARTITIONS; p++)
		n += f->partitions.part[p].table[0].n +
		    f->partitions.part[p].table[1].n;
	return n;
}

static void
check_groups(struct fixture *f)
{
	uint64_t *sum = calloc(KEYS, sizeof(*sum));

	settle(f);
	for (unsigned i = 0; i < GIVEN; i++)
		sum[number_of(i)] += i;
	assert_int_equal(count_groups(f), KEYS);
	for (unsigned number = 0; number < KEYS; number += 61) {
		const uint64_t *found = group_states(f, number);

		assert_non_null(found);
		assert_true(found[0] == sum[number]);
	}
	free(sum);
}

static void
check_threads(unsigned n, uint64_t seed)
{
	struct thread thread[THREADS];
	struct fixture f;

	fixture_init(&f, "src_addr,dst_port", "octets", 0, seed);
	for (unsigned i = 0; i < n; i++) {
		thread[i] = (struct thread){ .f = &f, .from = i, .step = n };
		assert_int_equal(pthread_create(&thread[i].thread, NULL,
				     thread_give, &thread[i]),
		    0);
	}
	for (unsigned i = 0; i < n; i++) {
		(void)pthread_join(thread[i].thread, NULL);
		assert_int_equal(thread[i].bad, 0);
	}
	check_groups(&f);
	assert_true(atomic_load(&f.memory.used) > KEYS * 24);
	partitions_fini(&f.partitions);
}

static void
groups_are_joined_by_their_keys(void **state)
{
	(void)state;
	check_threads(1, UINT64_C(0x123456789abcdef));
	check_threads(1, 0);
}

static void
threads_give_groups_at_once(void **state)
{
	(void)state;
	check_threads(THREADS, UINT64_C(0xfedcba987654321));
}

static void
states_that_keep_values_are_taken_over(void **state)
{
	struct given *g = calloc(1, sizeof(*g));
	struct flowd_error err;
	struct fixture f;
	bool estimate;
	size_t used;

	(void)state;
	fixture_init(&f, "src_addr,dst_port", "distinct(tag)", 0, 77);
	for (unsigned i = 0; i < 30 * AT_ONCE; i++) {
		given_add(&f, g, i % 10, i % 97);
		if (g->n == AT_ONCE)
			assert_int_equal(groups_give(&f, g, &err), 0);
	}
	settle(&f);
	assert_int_equal(count_groups(&f), 10);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(
		    state_distinct_count(*group_states(&f, i), &estimate), 97);
	used = atomic_load(&f.memory.used);
	assert_true(used > 10 * 97 * 8);
	/* More of the same takes no more. */
	for (unsigned i = 0; i < AT_ONCE; i++)
		given_add(&f, g, i % 10, i % 97);
	assert_int_equal(groups_give(&f, g, &err), 0);
	assert_true(atomic_load(&f.memory.used) == used);
	partitions_fini(&f.partitions);
	free(g);
}

/* Keys of which each is given twice, until that is an error. */
static int
give_many(struct fixture *f, unsigned nkeys, struct flowd_error *err)
{
	struct given *g = calloc(1, sizeof(*g));
	int bad = 0;

	for (unsigned i = 0; i < 2 * nkeys && bad == 0; i++) {
		given_add(f, g, i % nkeys, i);
		if (g->n == AT_ONCE)
			bad = groups_give(f, g, err);
	}
	if (bad == 0)
		bad = groups_give(f, g, err);
	free(g);
	return bad;
}

static int
give_to(const char *measures, size_t memory, unsigned nkeys,
    struct flowd_error *err)
{
	struct fixture f;
	int bad;

	fixture_init(&f, "src_addr,dst_port", measures, memory, 5);
	bad = give_many(&f, nkeys, err);
	partitions_fini(&f.partitions);
	return bad;
}

static void
more_than_the_memory_is_an_error(void **state)
{
	struct flowd_error err = { .text = "" };

	(void)state;
	assert_int_equal(give_to("octets", 5000000, MANY, &err), FLOWD_ENOMEM);
	assert_string_equal(err.text,
	    "groups take more than the 5 MB of memory that they may have");
	assert_int_equal(
	    give_to("distinct(tag)", 5000000, MANY, &err), FLOWD_ENOMEM);
	assert_int_equal(give_to("octets", 100000000, MANY, &err), 0);
	assert_int_equal(give_to("octets", 0, MANY, &err), 0);
}

/* Rows that wait take memory, but not that of groups. */
static void
memory_is_that_of_groups(void **state)
{
	struct given *g = calloc(1, sizeof(*g));
	struct flowd_error err;
	struct fixture f;

	(void)state;
	assert_non_null(g);
	fixture_init(&f, "src_addr,dst_port", "octets", 0, 12);
	for (unsigned i = 0; i < 20 * GIVEN; i++) {
		given_add(&f, g, i % 100, i);
		if (g->n == AT_ONCE)
			assert_int_equal(groups_give(&f, g, &err), 0);
	}
	assert_int_equal(groups_give(&f, g, &err), 0);
	/* 100 keys are in as many partitions; each has a chunk or two. */
	assert_in_range(atomic_load(&f.memory.used), 100,
	    100 * 3 * CHUNK_ROWS * 7 * sizeof(uint64_t));
	settle(&f);
	assert_int_equal(count_groups(&f), 100);
	partitions_fini(&f.partitions);
	/* There is hardly more memory than groups take, and no file. */
	fixture_init(&f, "src_addr,dst_port", "octets", 0, 12);
	assert_int_equal(give_many(&f, MANY, &err), 0);
	settle(&f);
	f.memory.max = atomic_load(&f.memory.used);
	for (unsigned i = 0; i < 4 * MANY; i++) {
		given_add(&f, g, i % MANY, 1);
		if (g->n == AT_ONCE)
			assert_int_equal(groups_give(&f, g, &err), 0);
	}
	assert_int_equal(groups_give(&f, g, &err), 0);
	settle(&f);
	assert_int_equal(count_groups(&f), MANY);
	partitions_fini(&f.partitions);
	free(g);
}

/* Counts groups, and sums what they have. */
struct totals {
	uint64_t n, sum, least;
	unsigned fail_after;
};

static int
add_totals(void *arg, struct group_row *row, struct flowd_error *err)
{
	struct totals *t = arg;

	if (t->fail_after > 0 && t->n == t->fail_after)
		return flowd_fail(err, FLOWD_EIO, "no more");
	t->n++;
	t->sum += row->state[0];
	t->least += row->state[1];
	return 0;
}

/* What does not fit in memory goes to a file, and each key is there once. */
static void
groups_that_do_not_fit_go_to_a_file(void **state)
{
	struct totals t = { .n = 0 };
	FILE *file = tmpfile();
	struct flowd_error err;
	struct fixture f;
	uint64_t want = (uint64_t)MANY * (2 * MANY - 1);

	(void)state;
	assert_non_null(file);
	fixture_init(&f, "src_addr,dst_port", "octets,min(tag)", 5000000, 6);
	f.file.fd = fileno(file);
	assert_int_equal(give_many(&f, MANY, &err), 0);
	assert_true(atomic_load(&f.file.end) > 1000000);
	for (unsigned i = 0; i < 2; i++) {
		t = (struct totals){ .n = 0 };
		assert_int_equal(
		    partitions_each(&f.partitions, add_totals, &t, &err), 0);
		assert_true(t.n == MANY);
		assert_true(t.sum == want);
		assert_true(t.least == (uint64_t)MANY * (MANY - 1) / 2);
	}
	t = (struct totals){ .fail_after = 1000 };
	assert_int_equal(partitions_each(&f.partitions, add_totals, &t, &err),
	    FLOWD_EIO);
	assert_int_equal(t.n, 1000);
	partitions_fini(&f.partitions);
	(void)fclose(file);
}

/* What all threads have seen; n of them. */
static int
share_totals(struct fixture *f, unsigned n, unsigned fail_after,
    struct totals *all, struct flowd_error *err)
{
	struct totals t[THREADS] = { { .n = 0 } };
	void *arg[THREADS] = { NULL };
	int bad;

	*all = (struct totals){ .n = 0 };
	for (unsigned i = 0; i < n; i++) {
		t[i].fail_after = fail_after;
		arg[i] = &t[i];
	}
	bad = partitions_share(&f->partitions, add_totals, arg, n, err);
	for (unsigned i = 0; i < n; i++) {
		all->n += t[i].n;
		all->sum += t[i].sum;
		all->least += t[i].least;
	}
	return bad;
}

/* Threads that look at groups see each once: in memory, or in a file. */
static void
threads_share_what_they_look_at(void **state)
{
	static const size_t memory[] = { 0, 5000000 };
	uint64_t want = (uint64_t)MANY * (2 * MANY - 1);

	(void)state;
	for (unsigned i = 0; i < 2 * THREADS; i++) {
		const unsigned n = i / 2 + 1;
		struct flowd_error err = { .text = "" };
		FILE *file = tmpfile();
		struct fixture f;
		struct totals t;

		assert_non_null(file);
		fixture_init(&f, "src_addr,dst_port", "octets,min(tag)",
		    memory[i % 2], 14 + i);
		f.file.fd = fileno(file);
		assert_int_equal(give_many(&f, MANY, &err), 0);
		assert_int_equal(atomic_load(&f.file.end) > 0, i % 2);
		f.partitions.threads = n;
		assert_int_equal(partitions_sharers(&f.partitions), n);
		assert_int_equal(share_totals(&f, n, 0, &t, &err), 0);
		assert_true(t.n == MANY);
		assert_true(t.sum == want);
		assert_true(t.least == (uint64_t)MANY * (MANY - 1) / 2);
		assert_int_equal(
		    share_totals(&f, n, 1000, &t, &err), FLOWD_EIO);
		assert_string_equal(err.text, "no more");
		assert_in_range(t.n, 1000, MANY - 1);
		partitions_fini(&f.partitions);
		(void)fclose(file);
	}
}

static void
a_file_that_cannot_be_written_is_said(void **state)
{
	int fd = open("/dev/full", O_RDWR);
	struct flowd_error err = { .text = "" };
	struct fixture f;

	(void)state;
	if (fd < 0)
		skip();
	fixture_init(&f, "src_addr,dst_port", "octets", 5000000, 7);
	f.file.fd = fd;
	assert_int_equal(give_many(&f, MANY, &err), FLOWD_EIO);
	assert_non_null(
	    strstr(err.text, "the temporary file cannot be written: "));
	partitions_fini(&f.partitions);
	(void)close(fd);
}

/* Keys of one network that differ in a few bits are spread over all. */
static void
hashes_spread_similar_keys(void **state)
{
	const uint64_t secret[2] = { UINT64_C(0x8c3f1be6b9e97a55),
		UINT64_C(0x51a3c4be9d1b2c37) };
	unsigned count[PARTITIONS] = { 0 }, low[256] = { 0 };

	(void)state;
	for (uint64_t i = 0; i < 64000; i++) {
		uint64_t key = i << 40;
		uint64_t hash = group_hash(secret, &key, 1);

		count[partition_of(hash)]++;
		low[hash & 255]++;
	}
	for (unsigned i = 0; i < PARTITIONS; i++)
		assert_in_range(count[i], 125, 375);
	for (unsigned i = 0; i < 256; i++)
		assert_in_range(low[i], 125, 375);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_are_joined_by_their_keys),
		cmocka_unit_test(threads_give_groups_at_once),
		cmocka_unit_test(states_that_keep_values_are_taken_over),
		cmocka_unit_test(more_than_the_memory_is_an_error),
		cmocka_unit_test(memory_is_that_of_groups),
		cmocka_unit_test(groups_that_do_not_fit_go_to_a_file),
		cmocka_unit_test(threads_share_what_they_look_at),
		cmocka_unit_test(a_file_that_cannot_be_written_is_said),
		cmocka_unit_test(hashes_spread_similar_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
