/*
 * Values of keys in parts of random batches, with garbage for what is missing,
 * against each row looked at by itself; and their words.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "key_values.h"
#include "other.h"
#include "slow_keys.h"
#include "tables.h"

enum {
	ROUNDS = 8
};

static const struct zone zone_of_test = { false, SLOW_EAST_SEC };

static const char *const keys[] = { "src_addr", "src_addr/24", "src_addr/0,/0",
	"src_addr/20,/40,dst_addr/33", "dst_port", "protocol,src_port",
	"octets", "src_mac,tag", "recv_time", "flow_start", "host", "port",
	"as,interface,mac", "host/24,/64,protocol", "service",
	"service,host", "hour,weekday,day", "pair", "pair/16,/48",
	"conversation", "conversation/24,/56,protocol",
	"if_in_name,if_out_name", "interface_name",
	"src_addr:customers", "dst_addr:customers,dst_addr,agent_addr:acme",
	"customers,port", "host:acme,customers,host/24",
	"src_addr,dst_addr,src_port,dst_port,protocol,if_in,if_out" };

#define NKEYS (sizeof(keys) / sizeof(keys[0]))

/* Is the key of part i packed to what it is to be, by both ways? */
static void
check_key(struct key_values *v, size_t i, const struct key_value *value)
{
	uint64_t words[KEY_WORDS];
	bool plain = true;
	bool general = key_values_pack_one(v, i, words);

	for (unsigned p = 0; p < v->key->nparts; p++) {
		struct key_value got = key_unpack(
		    &v->layout, general, words, p);

		plain &= value[p].presence == KEY_PLAIN;
		if (key_value_compare(&got, &value[p]) != 0)
			fail_msg("%s of part %zu", v->key->part[p].name, i);
	}
	assert_int_equal(general, !plain);
	if (v->plain)
		for (unsigned w = 0; w < v->layout.plain_words; w++)
			assert_true(v->word[w][i] == words[w]);
}

/* rows is the same as batch, where that has numbers of addresses. */
static void
check_batch(struct key_values *v, const struct batch *batch,
    const struct batch *rows, const struct flow_parts *parts, unsigned side)
{
	assert_true(key_values_load(v, batch, parts, side));
	v->plain = false;
	assert_int_equal(v->n, parts->n);
	for (size_t i = 0; i < parts->n; i++) {
		struct key_value value[KEY_PARTS];

		slow_keys(v->key, side, rows, parts->row[i], value);
		check_key(v, i, value);
	}
	key_values_expand(v);
	if (v->plain)
		key_values_pack(v);
	for (size_t i = 0; i < parts->n; i++) {
		struct key_value value[KEY_PARTS];

		slow_keys(v->key, side, rows, parts->row[i], value);
		check_key(v, i, value);
		for (unsigned p = 0; p < v->key->nparts; p++) {
			const struct key_part *part = &v->key->part[p];
			struct key_value one, want;

			if (part->function != KEY_COLUMN &&
			    part->function != KEY_ENTRY)
				continue;
			one = key_part_value(part, side, batch, parts->row[i]);
			want = slow_key(part, side, rows, parts->row[i]);
			assert_int_equal(key_value_compare(&one, &want), 0);
		}
	}
}

/* Rows that are selected, some of them more than once, as bins do it. */
static void
parts_of(struct flow_parts *parts, const struct batch *batch, bool twice)
{
	struct row_list rows;

	row_list_init(&rows);
	row_list_load(&rows, batch);
	parts->n = 0;
	parts->row = parts->own_row;
	parts->dense = rows.dense && !twice;
	parts->one_bin = false;
	parts->nwhole = 0;
	for (size_t i = 0; i < rows.n; i++)
		for (unsigned k = 0; k < (twice ? 1 + i % 3 % 2 : 1); k++) {
			parts->bin[parts->n] = k;
			parts->own_row[parts->n++] = rows.row[i];
		}
	parts->nwhole = parts->n;
}

static void
check_keys(const struct batch *batch, const struct batch *rows,
    struct flow_parts *parts)
{
	for (size_t k = 0; k < NKEYS; k++) {
		struct flowd_error err;
		struct key_values v;
		struct key key;

		assert_int_equal(
		    key_parse_names(&key, keys[k], tables_names(), &err), 0);
		assert_true(key_values_init(&v, &key, NULL, zone_of_test));
		for (unsigned twice = 0; twice < 2; twice++) {
			parts_of(parts, batch, twice);
			check_batch(&v, batch, rows, parts, 0);
			check_batch(&v, batch, rows, parts, 1);
		}
		key_values_fini(&v);
	}
}

static void
check_batches(unsigned gaps, unsigned v6, unsigned unselected)
{
	struct random_flows b = { .random = { 16 + gaps },
		.gaps = gaps,
		.v6 = v6,
		.unselected = unselected,
		.hosts = 60,
		.longest_ns = 100 * SECOND_NS };
	struct flow_parts *parts = calloc(1, sizeof(*parts));
	struct batch *batch = batch_new(BATCH_ROWS);
	struct batch *numbered = batch_new(BATCH_ROWS);
	struct random_flows_table *table = calloc(1, sizeof(*table));
	const size_t rows[] = { 300, 64, 1, 129 };

	assert_non_null(parts);
	assert_non_null(table);
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct colset columns = random_flows_columns();

		columns.word[0] &= i % 2 == 0 ? UINT64_MAX
					      : random_u64(&b.random);
		random_flows_fill(&b, batch, rows[i % 4], columns);
		check_keys(batch, batch, parts);
		random_flows_number(&b, batch, numbered, table);
		check_keys(numbered, batch, parts);
	}
	batch_free(batch);
	batch_free(numbered);
	free(table);
	free(parts);
}

static void
values_of_rows_that_have_all(void **state)
{
	(void)state;
	check_batches(0, 0, 0);
	check_batches(0, 0, 120);
}

static void
values_of_rows_that_lack_some(void **state)
{
	(void)state;
	check_batches(3, 0, 0);
	check_batches(120, 0, 100);
	check_batches(255, 0, 0);
}

static void
values_of_both_families(void **state)
{
	(void)state;
	check_batches(0, 128, 60);
	check_batches(0, 255, 0);
	check_batches(100, 100, 0);
}

/* Whichever row is not selected, its garbage makes no key general. */
static void
only_selected_rows_make_keys_general(void **state)
{
	struct random_flows b = { .random = { 17 },
		.hosts = 9,
		.longest_ns = 1 };
	struct flow_parts *parts = calloc(1, sizeof(*parts));
	struct batch *batch = batch_new(BATCH_ROWS);
	struct flowd_error err;
	struct key_values v;
	struct key key;

	(void)state;
	assert_non_null(parts);
	assert_int_equal(key_parse(&key, "src_addr,dst_port", &err), 0);
	assert_true(key_values_init(&v, &key, NULL, zone_of_test));
	random_flows_fill(&b, batch, 100, random_flows_columns());
	bitmap_clear(batch->selected, 70);
	bitmap_clear(batch->col[COL_dst_port].valid, 70);
	bitmap_set(batch->col[COL_src_addr].is6, 70);
	parts_of(parts, batch, false);
	assert_true(key_values_load(&v, batch, parts, 0));
	key_values_expand(&v);
	assert_true(v.plain);
	bitmap_set(batch->selected, 70);
	parts_of(parts, batch, false);
	assert_true(key_values_load(&v, batch, parts, 0));
	key_values_expand(&v);
	assert_false(v.plain);
	key_values_fini(&v);
	batch_free(batch);
	free(parts);
}

/* Append an element to the list of a row. */
static void
put_element(struct batch *batch, size_t row, uint32_t pen, uint16_t id,
    const void *value, uint16_t len)
{
	struct span old = { 0, 0 };
	struct column *c = &batch->col[COL_other];
	uint8_t *p;

	if (batch_has(batch, COL_other, row))
		old = c->span[row];
	p = batch_heap_take(batch, old.len + OTHER_HEAD + len);
	assert_non_null(p);
	memcpy(p, batch->heap + old.off, old.len);
	other_put_head(p + old.len, pen, id, len);
	memcpy(p + old.len + OTHER_HEAD, value, len);
	c->span[row] = (struct span){ (uint32_t)(p - batch->heap),
		old.len + OTHER_HEAD + len };
	batch_mark(batch, COL_other, row, 1);
}

static void
elements_are_found_in_their_list(void **state)
{
	static const struct {
		bool has_name, has_number;
		const char *name;
		uint64_t number;
	} want[] = {
		{ false, false, "", 0 },
		{ true, false, "web", 0 },
		{ true, true, "mail", 258 },
		{ false, true, "", 258 },
		{ false, false, "", 0 },
		{ true, false, "", 0 },
		{ false, true, "", UINT64_MAX },
	};
	struct flow_parts *parts = calloc(1, sizeof(*parts));
	struct batch *batch = batch_new(BATCH_ROWS);
	struct group_memory memory = { .max = 0 };
	struct octets_pool pool;
	struct flowd_error err;
	struct key_values v;
	struct key key;

	(void)state;
	assert_non_null(parts);
	assert_true(octets_pool_init(&pool, &memory, 77));
	assert_int_equal(key_parse_names(&key, "applicationName,6871:40",
			     tables_names(), &err),
	    0);
	assert_true(key_values_init(&v, &key, &pool, zone_of_test));
	(void)batch_append(batch, 7);
	put_element(batch, 1, 0, 96, "web\0\0", 5);
	put_element(batch, 2, 6871, 40, "\1\2", 2);
	put_element(batch, 2, 0, 96, "web", 3);
	put_element(batch, 2, 0, 96, "mail", 4); /* the last one counts */
	put_element(batch, 3, 0, 40000, "\0\0\1\2", 4);
	put_element(batch, 4, 6871, 40, "123456789", 9); /* no number */
	put_element(batch, 4, 6871, 96, "web", 3); /* another element */
	put_element(batch, 5, 0, 96, "\0", 1);
	put_element(batch, 6, 6871, 40, "\377\377\377\377\377\377\377\377",
	    8);
	parts_of(parts, batch, false);
	assert_true(key_values_load(&v, batch, parts, 0));
	assert_int_equal(v.seen, 3);
	for (size_t i = 0; i < 7; i++) {
		uint64_t words[KEY_WORDS];
		bool general = key_values_pack_one(&v, i, words);
		struct key_value name =
		    key_unpack(&v.layout, general, words, 0);
		struct key_value number =
		    key_unpack(&v.layout, general, words, 1);
		struct bytes text = { NULL, 0 };

		assert_int_equal(
		    name.presence != KEY_ABSENT, want[i].has_name);
		assert_int_equal(
		    number.presence != KEY_ABSENT, want[i].has_number);
		assert_true(number.lo == want[i].number);
		if (want[i].has_name)
			text = octets_pool_get(&pool, (uint32_t)name.lo);
		assert_int_equal(text.len, strlen(want[i].name));
		if (text.len > 0)
			assert_memory_equal(
			    text.ptr, want[i].name, text.len);
	}
	memory.max = 1;
	put_element(batch, 0, 0, 96, "new", 3);
	assert_false(key_values_load(&v, batch, parts, 0));
	key_values_fini(&v);
	octets_pool_fini(&pool);
	batch_free(batch);
	free(parts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_of_rows_that_have_all),
		cmocka_unit_test(values_of_rows_that_lack_some),
		cmocka_unit_test(values_of_both_families),
		cmocka_unit_test(only_selected_rows_make_keys_general),
		cmocka_unit_test(elements_are_found_in_their_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
