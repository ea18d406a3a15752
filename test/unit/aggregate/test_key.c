/*
 * The text of keys: which parts a list of words makes, and what is said of
 * texts that are wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "key.h"

static struct key
parse(const char *text)
{
	struct flowd_error err = { "" };
	struct key key;

	if (key_parse(&key, text, &err) != 0)
		fail_msg("%s: %s", text, err.text);
	return key;
}

/* The names of parts, joined by spaces. */
static void
key_has_the_parts_of_its_words(void **state)
{
	static const struct {
		const char *text, *names;
	} cases[] = {
		{ "src_addr", "src_addr" },
		{ "src_addr,dst_port", "src_addr dst_port" },
		{ "src_addr/24", "src_addr/24" },
		{ "src_addr/24,dst_port", "src_addr/24 dst_port" },
		{ "src_addr/24,/48,dst_port", "src_addr/24,/48 dst_port" },
		{ "src_addr/48", "src_addr/48" },
		{ "src_addr/0,/0", "src_addr/0,/0" },
		{ "src_addr,src_addr/24", "src_addr src_addr/24" },
		{ "host/16", "host/16" },
		{ "pair", "src_addr dst_addr" },
		{ "pair/24", "src_addr/24 dst_addr/24" },
		{ "pair/24,/64", "src_addr/24,/64 dst_addr/24,/64" },
		{ "conversation", "addr_a addr_b" },
		{ "protocol,conversation/8", "protocol addr_a/8 addr_b/8" },
		{ "service,hour,weekday,day", "service hour weekday day" },
		{ "host,port,as", "host port as" },
		{ "post_nat_src_addr/24,/128", "post_nat_src_addr/24,/128" },
		{ "flow_start", "flow_start" },
		{ "src_mac,mac", "src_mac mac" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct key key = parse(cases[i].text);
		char names[512] = "";

		for (unsigned p = 0; p < key.nparts; p++) {
			strcat(names, p > 0 ? " " : "");
			strcat(names, key.part[p].name);
		}
		assert_string_equal(names, cases[i].names);
	}
}

static void
one_length_is_for_the_family_that_can_have_it(void **state)
{
	static const struct {
		const char *text;
		unsigned prefix4, prefix6;
	} cases[] = {
		{ "src_addr", 32, 128 },
		{ "src_addr/24", 24, 128 },
		{ "src_addr/0", 0, 128 },
		{ "src_addr/32", 32, 128 },
		{ "src_addr/33", 32, 33 },
		{ "src_addr/128", 32, 128 },
		{ "src_addr/24,/48", 24, 48 },
		{ "src_addr/32,/32", 32, 32 },
		{ "src_addr/0,/0", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct key key = parse(cases[i].text);

		assert_int_equal(key.part[0].prefix4, cases[i].prefix4);
		assert_int_equal(key.part[0].prefix6, cases[i].prefix6);
	}
}

static void
parts_know_sides_types_and_bits(void **state)
{
	struct key key = parse(
	    "host,port,as,interface,mac,tcp_flags,recv_time");
	static const unsigned bits[] = { 0, 16, 32, 32, 48, 16, 64 };

	(void)state;
	assert_true(key.either);
	assert_int_equal(key.unordered, -1);
	for (unsigned i = 0; i < key.nparts; i++) {
		bool sides = key.part[i].col[0] != key.part[i].col[1];

		assert_int_equal(key.part[i].bits, bits[i]);
		assert_int_equal(
		    key.part[i].type, i == 0 ? KEY_ADDR : KEY_UINT);
		assert_int_equal(sides, i < 5);
	}
	assert_false(parse("pair").either);
	assert_int_equal(parse("pair").unordered, -1);
	assert_int_equal(parse("protocol,conversation").unordered, 1);
}

/* What can be asked for of each column, and nothing that cannot. */
static void
every_column_is_a_key_or_is_refused(void **state)
{
	(void)state;
	for (unsigned col = 0; col < COL_COUNT; col++) {
		const struct column_info *info = &column_info[col];
		bool can = info->type != COLUMN_BYTES &&
		    !(info->flags & COLUMN_RECORD);
		struct flowd_error err = { "" };
		struct key key;
		struct colset set;

		assert_int_equal(key_parse(&key, info->name, &err) == 0, can);
		if (!can) {
			assert_non_null(strstr(err.text, "cannot be grouped"));
			continue;
		}
		set = key_part_columns(&key.part[0]);
		assert_true(colset_has(&set, col));
		colset_remove(&set, col);
		assert_true(set.word[0] == 0 && set.word[1] == 0);
	}
}

static void
parts_name_the_columns_that_they_need(void **state)
{
	struct key key = parse("service,hour,host");
	struct colset service = key_part_columns(&key.part[0]);
	struct colset hour = key_part_columns(&key.part[1]);
	struct colset host = key_part_columns(&key.part[2]);

	(void)state;
	assert_true(colset_has(&service, COL_protocol));
	assert_true(colset_has(&service, COL_src_port));
	assert_true(colset_has(&service, COL_dst_port));
	assert_true(colset_has(&hour, COL_recv_time));
	assert_true(colset_has(&hour, COL_flow_end));
	assert_true(colset_has(&host, COL_src_addr));
	assert_true(colset_has(&host, COL_dst_addr));
}

static void
errors_name_what_is_wrong_and_what_is_meant(void **state)
{
	static const struct {
		const char *text, *said;
	} cases[] = {
		{ "", "a key is missing" },
		{ ",", "a key is missing" },
		{ "src_addr,", "a key is missing" },
		{ "src_addr,,dst_addr", "a key is missing" },
		{ "/24", "a key is missing" },
		{ "src_adr", "src_adr: is no key; do you mean src_addr?" },
		{ "dport", "dport: is no key; do you mean dst_port?" },
		{ "hosts", "hosts: is no key; do you mean host?" },
		{ "sevrice", "sevrice: is no key; do you mean service?" },
		{ "conversations",
		    "conversations: is no key; do you mean conversation?" },
		{ "pairs", "pairs: is no key; do you mean pair?" },
		{ "xyzzy", "xyzzy: is no key" },
		{ "SRC_ADDR/24", "SRC_ADDR: is no key" },
		{ "other", "other: flows cannot be grouped by this column" },
		{ "crc32", "crc32: flows cannot be grouped by this column" },
		{ "src_addr/", "src_addr/: a prefix length is 0 to 32, or to "
			       "128 for IPv6" },
		{ "src_addr/129", "src_addr/129: a prefix length is" },
		{ "src_addr/-1", "src_addr/-1: a prefix length is" },
		{ "src_addr/24x", "src_addr/24x: a prefix length is" },
		{ "src_addr/1000000024", "src_addr/1000000024: a prefix" },
		{ "src_addr/24,/129", "src_addr/129: a prefix length is" },
		{ "src_addr/33,/48",
		    "src_addr/33,/48: the first length is for IPv4" },
		{ "src_addr/24,/48,/56",
		    "src_addr: has more than two prefix lengths" },
		{ "protocol/24",
		    "protocol/24: is no address, so it has no networks" },
		{ "service/24", "service/24: is no address" },
		{ "day/8", "day/8: is no address" },
		{ "host,conversation", "conversation: cannot be a key beside" },
		{ "conversation,port", "conversation: cannot be a key beside" },
		{ "src_addr,src_addr", "src_addr: is there twice" },
		{ "src_addr/24,dst_addr,src_addr/24",
		    "src_addr/24: is there twice" },
		{ "pair,dst_addr", "dst_addr: is there twice" },
		{ "dst_addr,pair", "dst_addr: is there twice" },
		{ "conversation,conversation", "addr_a: is there twice" },
		{ "tos,vlan,tag,src_as,dst_as,src_mask,dst_mask,direction",
		    "direction: a key has at most 7 parts" },
		{ "a123456789b123456789c123456789d123456789e123456789",
		    "a123456789b123456789c123456789d123456789...: is no key" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct flowd_error err = { "" };
		struct key key;

		assert_int_equal(
		    key_parse(&key, cases[i].text, &err), FLOWD_EINVAL);
		if (strncmp(err.text, cases[i].said, strlen(cases[i].said)) !=
		    0)
			fail_msg("%s: said %s, not %s", cases[i].text,
			    err.text, cases[i].said);
	}
}

/* Zeros in front do not change a number, however many there are. */
static void
long_prefix_lengths_are_never_cut(void **state)
{
	struct flowd_error err = { "" };
	struct key key;

	(void)state;
	if (key_parse(&key, "src_addr/0000000024", &err) == 0)
		assert_int_equal(key.part[0].prefix4, 24);
	assert_int_equal(
	    key_parse(&key,
		"src_addr/"
		"00000000000000000000000000000000000000000000000000000000024",
		&err),
	    FLOWD_EINVAL);
}

static void
help_has_a_line_for_each_word(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 64 * 1024);
	key_describe(&out);
	buf_append_char(&out, '\0');
	assert_true(buf_ok(&out));
	assert_non_null(strstr((const char *)out.ptr, "host\t"));
	assert_non_null(strstr((const char *)out.ptr, "\nservice\t"));
	assert_non_null(strstr((const char *)out.ptr, "\nconversation\t"));
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_has_the_parts_of_its_words),
		cmocka_unit_test(one_length_is_for_the_family_that_can_have_it),
		cmocka_unit_test(parts_know_sides_types_and_bits),
		cmocka_unit_test(every_column_is_a_key_or_is_refused),
		cmocka_unit_test(parts_name_the_columns_that_they_need),
		cmocka_unit_test(errors_name_what_is_wrong_and_what_is_meant),
		cmocka_unit_test(long_prefix_lengths_are_never_cut),
		cmocka_unit_test(help_has_a_line_for_each_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
