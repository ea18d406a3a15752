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
#include "tables.h"

static struct key
key_of(const char *text)
{
	struct flowd_error err = { .text = "" };
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
		{ "if_in_name", "agent_addr if_in_name" },
		{ "tos,agent_addr,if_out_name",
		    "tos agent_addr if_out_name" },
		{ "agent_addr/24,if_in_name,if_out_name",
		    "agent_addr/24 agent_addr if_in_name if_out_name" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct key key = key_of(cases[i].text);
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
		struct key key = key_of(cases[i].text);

		assert_int_equal(key.part[0].prefix4, cases[i].prefix4);
		assert_int_equal(key.part[0].prefix6, cases[i].prefix6);
	}
}

static void
parts_know_sides_types_and_bits(void **state)
{
	struct key key = key_of(
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
	assert_false(key_of("pair").either);
	assert_int_equal(key_of("pair").unordered, -1);
	assert_int_equal(key_of("protocol,conversation").unordered, 1);
}

static void
interfaces_are_behind_their_exporter(void **state)
{
	struct key key = key_of("if_in_name,tos,interface_name");

	(void)state;
	assert_int_equal(key.nparts, 4);
	assert_int_equal(key.part[1].function, KEY_INTERFACE);
	assert_int_equal(key.part[1].exporter, 1);
	assert_int_equal(key.part[3].exporter, 3);
	assert_false(key_part_is_sided(&key.part[1]));
	assert_true(key_part_is_sided(&key.part[3]));
	assert_true(key.either);
	assert_false(key_of("if_in_name").either);
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
		struct flowd_error err = { .text = "" };
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
	struct key key = key_of("service,hour,host");
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
		{ "in_if", "in_if: is no key; do you mean if_in?" },
		{ "if_in_names",
		    "if_in_names: is no key; do you mean if_in_name?" },
		{ "if_in_name/24", "if_in_name/24: is no address" },
		{ "if_in_name,agent_addr", "agent_addr: is there twice" },
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
		{ "a123456789b123456789c123456789d123456789e123456789"
		  "f123456789g123456789",
		    "a123456789b123456789c123456789d123456789...: is no key" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct flowd_error err = { .text = "" };
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
	struct flowd_error err = { .text = "" };
	struct key key;

	(void)state;
	if (key_parse(&key, "src_addr/0000000024", &err) == 0)
		assert_int_equal(key.part[0].prefix4, 24);
	assert_int_equal(
	    key_parse(&key,
		"src_addr/"
		"00000000000000000000000000000000000000000000000000000000000"
		"00000024",
		&err),
	    FLOWD_EINVAL);
}

static void
entries_of_tables_are_keys(void **state)
{
	struct flowd_error err = { .text = "" };
	struct key key;
	struct colset set;

	(void)state;
	assert_int_equal(key_parse_names(&key,
			     "customers,next_hop:acme,src_addr:customers,"
			     "host:acme",
			     tables_names(), &err),
	    0);
	assert_int_equal(key.nparts, 4);
	assert_true(key.either && key.either_entry);
	for (unsigned i = 0; i < key.nparts; i++) {
		assert_int_equal(key.part[i].function, KEY_ENTRY);
		assert_int_equal(key.part[i].type, KEY_UINT);
		assert_int_equal(key_part_is_sided(&key.part[i]), i % 3 == 0);
	}
	assert_string_equal(key.part[0].name, "customers");
	assert_string_equal(key.part[1].name, "next_hop:acme");
	assert_ptr_equal(key.part[0].map, key.part[2].map);
	assert_ptr_not_equal(key.part[0].map, key.part[1].map);
	set = key_part_columns(&key.part[0]);
	assert_true(colset_has(&set, COL_src_addr));
	assert_true(colset_has(&set, COL_dst_addr));
	assert_int_equal(
	    key_parse_names(
		&key, "src_addr:acme,port", tables_names(), &err),
	    0);
	assert_true(key.either && !key.either_entry);
}

static void
elements_without_a_column_are_keys(void **state)
{
	struct flowd_error err = { .text = "" };
	struct key key;
	struct colset set;

	(void)state;
	assert_int_equal(key_parse_names(&key, "applicationName,6871:40",
			     tables_names(), &err),
	    0);
	assert_int_equal(key.part[0].function, KEY_ELEMENT_OCTETS);
	assert_int_equal(key.part[0].element.id[0].id, 96);
	assert_int_equal(key.part[1].function, KEY_ELEMENT_UINT);
	assert_string_equal(key.part[1].name, "6871:40");
	set = key_part_columns(&key.part[1]);
	assert_true(colset_has(&set, COL_other));
	assert_false(key.either);
}

static void
errors_name_what_names_are_meant(void **state)
{
	static const struct {
		const char *text, *said, *without;
	} cases[] = {
		{ "customer", "customer: is no key; do you mean customers?",
		    "customer: is no key" },
		{ "src_addr:customer",
		    "src_addr:customer: there is no table <customer>; do you "
		    "mean <customers>?",
		    "src_addr:customer: there are no tables; a file of -f "
		    "defines them" },
		{ "host:xyzzy", "host:xyzzy: there is no table <xyzzy>",
		    "host:xyzzy: there are no tables; a file of -f defines "
		    "them" },
		{ "src_adr:acme", "src_adr: is no key; do you mean src_addr?",
		    "src_adr: is no key; do you mean src_addr?" },
		{ "src_port:acme",
		    "src_port:acme: src_port is no address, so it is in no "
		    "table",
		    "src_port:acme: src_port is no address, so it is in no "
		    "table" },
		{ "pair:acme", "pair:acme: write src_addr:acme,dst_addr:acme",
		    "pair:acme: write src_addr:acme,dst_addr:acme" },
		{ "src_addr:acme/24",
		    "src_addr:acme/24: is no address, so it has no networks",
		    "src_addr:acme: there are no tables; a file of -f defines "
		    "them" },
		{ "acme,conversation",
		    "conversation: cannot be a key beside one of both ends",
		    "acme: is no key" },
		{ "vlanId", "vlanId: is the column vlan",
		    "vlanId: is no key; do you mean vlan?" },
		{ "applicationNam",
		    "applicationNam: is no key; do you mean applicationName?",
		    "applicationNam: is no key" },
		{ "applicationName/24",
		    "applicationName/24: is no address, so it has no networks",
		    "applicationName: is no key" },
		{ "other", "other: flows cannot be grouped by this column",
		    "other: flows cannot be grouped by this column" },
		{ "src_addr:", "src_addr:: there is no table <>",
		    "src_addr:: there are no tables; a file of -f defines "
		    "them" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct flowd_error err = { .text = "" };
		struct key key;

		assert_int_equal(
		    key_parse_names(&key, cases[i].text, tables_names(), &err),
		    FLOWD_EINVAL);
		assert_string_equal(err.text, cases[i].said);
		assert_int_equal(
		    key_parse(&key, cases[i].text, &err), FLOWD_EINVAL);
		assert_string_equal(err.text, cases[i].without);
	}
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
		cmocka_unit_test(interfaces_are_behind_their_exporter),
		cmocka_unit_test(every_column_is_a_key_or_is_refused),
		cmocka_unit_test(parts_name_the_columns_that_they_need),
		cmocka_unit_test(errors_name_what_is_wrong_and_what_is_meant),
		cmocka_unit_test(long_prefix_lengths_are_never_cut),
		cmocka_unit_test(entries_of_tables_are_keys),
		cmocka_unit_test(elements_without_a_column_are_keys),
		cmocka_unit_test(errors_name_what_names_are_meant),
		cmocka_unit_test(help_has_a_line_for_each_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
