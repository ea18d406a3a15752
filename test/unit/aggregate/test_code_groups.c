/*
 * Groups by code: each code that flows have makes one group, with the key that
 * packing the flow gives, also when the addresses of the batch are gone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "random_flows.h"
#include "code_groups.h"

enum {
	ROWS = 400
};

struct fixture {
	struct key key;
	struct group_layout layout;
	struct key_values keys;
	struct group_memory memory;
	struct partitions partitions;
	struct group_buffers buffers[2];
	struct code_groups groups;
	struct random_flows batches;
	struct batch *rows, *numbered;
	struct random_flows_table table;
	struct flow_parts parts;
	/* Keys that flows have, as they are packed. */
	uint64_t want[ROWS][KEY_WORDS];
	bool want_general[ROWS];
	size_t nwant;
	size_t nrows, sum; /* of what came out */
};

static void
fixture_init(struct fixture *f, const char *key, unsigned gaps, unsigned v6)
{
	const struct zone utc = { false, 0 };
	struct measures m = { .n = 0 };

	memset(f, 0, sizeof(*f));
	assert_int_equal(key_parse(&f->key, key, NULL), 0);
	assert_int_equal(measures_parse(&m, "flows", NULL), 0);
	assert_true(states_init(&f->layout.states, &m));
	f->layout.key = &f->key;
	key_layout_init(&f->layout.keys, &f->key);
	f->layout.secret[1] = 0x777777777777777;
	assert_true(key_values_init(&f->keys, &f->key, NULL, utc));
	partitions_init(&f->partitions, &f->layout, &f->memory, NULL);
	for (unsigned i = 0; i < 2; i++)
		group_buffers_init(&f->buffers[i], &f->partitions, i == 1);
	code_groups_init(&f->groups, &f->layout);
	f->batches = (struct random_flows){ .random = { gaps + v6 },
		.gaps = gaps,
		.v6 = v6,
		.unselected = 20,
		.hosts = 90,
		.longest_ns = 1 };
	f->rows = batch_new(BATCH_ROWS);
	f->numbered = batch_new(BATCH_ROWS);
	assert_non_null(f->rows);
	assert_non_null(f->numbered);
}

static void
fixture_fini(struct fixture *f)
{
	key_values_fini(&f->keys);
	code_groups_fini(&f->groups);
	batch_free(f->rows);
	batch_free(f->numbered);
	for (unsigned i = 0; i < 2; i++)
		group_buffers_fini(&f->buffers[i]);
	partitions_fini(&f->partitions);
}

/* Parts of another batch; all but the first part of the key are constant. */
static void
load_batch(struct fixture *f, uint64_t constant)
{
	struct row_list rows;

	random_flows_fill(&f->batches, f->rows, ROWS, random_flows_columns());
	random_flows_number(&f->batches, f->rows, f->numbered, &f->table);
	row_list_init(&rows);
	row_list_load(&rows, f->numbered);
	f->parts.n = f->parts.nwhole = rows.n;
	memcpy(f->parts.own_row, rows.row, rows.n * sizeof(*rows.row));
	f->parts.row = f->parts.own_row;
	key_values_load(&f->keys, f->numbered, &f->parts, 0);
	for (unsigned i = 1; i < f->key.nparts; i++) {
		f->keys.column[i].form = FORM_ONE;
		f->keys.column[i].one = (struct key_value){
			.presence = constant == 0 ? KEY_ABSENT : KEY_PLAIN,
			.lo = constant };
	}
}

/* Note a key unless it is there. */
static void
want_key(struct fixture *f, const uint64_t *words, bool general)
{
	const size_t octets = sizeof(*words) *
	    (general ? f->layout.keys.general_words
		     : f->layout.keys.plain_words);
	size_t i = 0;

	while (i < f->nwant && (f->want_general[i] != general ||
		memcmp(f->want[i], words, octets) != 0))
		i++;
	memcpy(f->want[i], words, octets);
	f->want_general[i] = general;
	if (i == f->nwant)
		f->nwant++;
}

static void
use_batch(struct fixture *f)
{
	for (size_t i = 0; i < f->keys.n; i++) {
		uint64_t words[KEY_WORDS];
		bool general = key_values_pack_one(&f->keys, i, words);

		want_key(f, words, general);
	}
	code_groups_use(&f->groups, f->keys.column[0].code, f->keys.n);
}

/* As updates of states do it: a flow of each code that is used. */
static void
count_codes(struct fixture *f)
{
	for (size_t i = 0; i < f->keys.n; i++)
		f->groups.state[f->keys.column[0].code[i]] = 1;
}

static int
check_row(void *arg, struct group_row *row, struct flowd_error *err)
{
	struct fixture *f = arg;
	size_t nwant = f->nwant;

	(void)err;
	want_key(f, row->key, row->general);
	assert_int_equal(f->nwant, nwant);
	assert_true(row->state[0] > 0);
	f->sum += row->state[0];
	f->nrows++;
	return 0;
}

/*
 * Each key is there; of one code, unless prefixes make addresses the same. What
 * is left of the last round is not.
 */
static void
check_flush(struct fixture *f, bool once)
{
	struct flowd_error err;

	memset(f->table.v4, 0xee, sizeof(f->table.v4));
	memset(f->table.v6_hi, 0xee, sizeof(f->table.v6_hi));
	assert_int_equal(code_groups_flush(&f->groups, f->buffers, &err), 0);
	assert_int_equal(f->groups.ncodes, 0);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(group_buffers_flush(&f->buffers[i], &err), 0);
	f->nrows = f->sum = 0;
	assert_int_equal(
	    partitions_each(&f->partitions, check_row, f, &err), 0);
	assert_int_equal(f->nrows, f->nwant);
	assert_true(f->sum >= f->nwant && (!once || f->sum == f->nwant));
	f->nwant = 0;
	partitions_fini(&f->partitions);
	partitions_init(&f->partitions, &f->layout, &f->memory, NULL);
}

static void
check_key(const char *key, bool once, unsigned gaps, unsigned v6)
{
	struct fixture *f = malloc(sizeof(*f));

	assert_non_null(f);
	fixture_init(f, key, gaps, v6);
	for (uint64_t constant = 0; constant < 3; constant++) {
		load_batch(f, constant);
		assert_false(code_groups_have(&f->groups, &f->keys, 0));
		assert_true(code_groups_begin(&f->groups, &f->keys, 0));
		assert_true(code_groups_have(&f->groups, &f->keys, 0));
		use_batch(f);
		use_batch(f);
		count_codes(f);
		check_flush(f, once);
	}
	fixture_fini(f);
	free(f);
}

static void
each_code_has_its_key(void **state)
{
	static const struct {
		const char *key;
		bool once;
	} row[] = { { "src_addr", true }, { "src_addr/24,/40", false },
		{ "src_addr/0,/0", false }, { "dst_port", true },
		{ "protocol", true }, { "src_addr,dst_port,tag", true },
		{ "protocol,src_addr", true }, { "src_port,octets", true } };

	(void)state;
	for (unsigned i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		check_key(row[i].key, row[i].once, 0, 0);
		check_key(row[i].key, row[i].once, 60, 100);
		check_key(row[i].key, row[i].once, 255, 255);
	}
}

/* Another table of addresses, or another value of the other parts. */
static void
groups_are_of_one_table_and_one_rest(void **state)
{
	struct fixture *f = malloc(sizeof(*f));

	(void)state;
	assert_non_null(f);
	fixture_init(f, "src_addr,dst_port", 0, 30);
	load_batch(f, 1);
	assert_true(code_groups_begin(&f->groups, &f->keys, 0));
	f->keys.column[1].one.lo = 2;
	assert_false(code_groups_have(&f->groups, &f->keys, 0));
	f->keys.column[1].one.presence = KEY_ABSENT;
	assert_false(code_groups_have(&f->groups, &f->keys, 0));
	load_batch(f, 1);
	assert_false(code_groups_have(&f->groups, &f->keys, 0));
	fixture_fini(f);
	free(f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_code_has_its_key),
		cmocka_unit_test(groups_are_of_one_table_and_one_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
