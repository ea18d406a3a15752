/*
 * Entries of tables: which one has an address, in words, and of random tables
 * against each entry looked at by itself.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../folder.h"
#include "../random.h"
#include "../syntax/collect.h"
#include "parse.h"
#include "prefix_map.h"

enum {
	ROUNDS = 200,
	PREFIXES = 24,
	TABLES = 5
};

static struct filter filter;
static struct ast ast;
static struct source src;
static struct collected got;
static struct prefix_map map;

static void
load(const char *text)
{
	struct flowd_error err;
	struct prefix_table *last;

	prefix_map_fini(&map);
	filter_fini(&filter);
	assert_int_equal(filter_init(&filter), 0);
	ast_init(&ast, &filter);
	collected_init(&got);
	src = source_of_text("t.conf", bytes_of_text(text));
	assert_int_equal(parse_config(&ast, &src, &got.sink), 0);
	assert_int_equal(prefix_tables_load(filter.tables, &got.sink), 0);
	last = filter.tables;
	while (last->next != NULL)
		last = last->next;
	if (prefix_map_init(&map, last, &err) != 0)
		fail_msg("%s", err.text);
}

static uint32_t
find_entry(const struct addr *a)
{
	return a->family == ADDR_V4 ? prefix_map_find4(&map, a->v4)
				    : prefix_map_find6(&map, a->v6);
}

/* The entry as text; "-" for none. */
static const char *
entry_of(const char *address)
{
	static char text[ADDR_TEXT_MAX + 8];
	const struct prefix_map_entry *e;
	struct addr a;
	uint32_t entry;
	size_t len;

	assert_int_equal(addr_parse(address, &a), 0);
	entry = find_entry(&a);
	if (entry == 0)
		return "-";
	assert_true(entry <= map.n);
	e = &map.entry[entry - 1];
	if (e->name != NULL)
		return e->name;
	len = addr_format(&e->prefix.addr, text);
	(void)snprintf(text + len, sizeof(text) - len, "/%u", e->prefix.len);
	return text;
}

static void
entries_are_tables_and_prefixes(void **state)
{
	static const char *const cases[][2] = {
		{ "10.1.0.0", "acme" },
		{ "10.1.255.255", "acme" },
		{ "10.2.0.1", "globex" },
		{ "10.3.0.1", "-" },
		{ "192.0.2.1", "192.0.2.0/24" },
		{ "192.0.2.77", "192.0.2.64/26" },
		{ "255.255.255.255", "255.255.255.255/32" },
		{ "0.0.0.0", "-" },
		{ "2001:db8:1::7", "acme" },
		{ "2001:db8:2::7", "2001:db8:2::/48" },
		{ "2001:db8:3::7", "-" },
		{ "::", "-" },
		{ "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
		    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128" },
	};

	(void)state;
	load("table <acme> { 10.1/16, 2001:db8:1::/48 }\n"
	     "table <globex> { 10.2/16 }\n"
	     "table <customers> { <acme>, 192.0.2.0/24, <globex>,\n"
	     "  192.0.2.64/26, 255.255.255.255, 2001:db8:2::/48,\n"
	     "  ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff }\n");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(entry_of(cases[i][0]), cases[i][1]);
}

static void
prefixes_go_before_tables_and_tables_by_their_order(void **state)
{
	(void)state;
	load("table <all> { 10/8 }\n"
	     "table <some> { 10.1/16, 11/8 }\n"
	     "table <t> { <all>, <some>, 10.1.2/24 }\n");
	assert_string_equal(entry_of("10.1.2.3"), "10.1.2.0/24");
	assert_string_equal(entry_of("10.1.3.3"), "all");
	assert_string_equal(entry_of("11.0.0.1"), "some");
	load("table <all> { 10/8 }\n"
	     "table <some> { 10.1/16, 11/8 }\n"
	     "table <t> { <some>, <all> }\n");
	assert_string_equal(entry_of("10.1.3.3"), "some");
	assert_string_equal(entry_of("10.2.3.3"), "all");
}

static void
exceptions_have_no_entry(void **state)
{
	(void)state;
	load("table <guests> { 10.1.2/24 }\n"
	     "table <all> { 10.3/16 }\n"
	     "table <t> { 10/8, ! 10.1/16, 10.1.2/23, ! 10.3/16, <all>,\n"
	     "  ! <guests> }\n");
	assert_string_equal(entry_of("10.2.0.1"), "10.0.0.0/8");
	assert_string_equal(entry_of("10.1.0.1"), "-");
	assert_string_equal(entry_of("10.1.3.1"), "10.1.2.0/23");
	assert_string_equal(entry_of("10.1.2.1"), "-");
	assert_string_equal(entry_of("10.3.0.1"), "all");
}

static void
an_empty_table_has_no_entries(void **state)
{
	(void)state;
	load("table <t> { }\n");
	assert_int_equal(map.n, 0);
	assert_string_equal(entry_of("10.0.0.1"), "-");
	assert_string_equal(entry_of("::1"), "-");
}

static void
everything_is_in_a_prefix_of_no_bits(void **state)
{
	(void)state;
	load("table <t> { 0.0.0.0/0, ::/0, 10/8 }\n");
	assert_string_equal(entry_of("0.0.0.0"), "0.0.0.0/0");
	assert_string_equal(entry_of("255.255.255.255"), "0.0.0.0/0");
	assert_string_equal(entry_of("10.255.255.255"), "10.0.0.0/8");
	assert_string_equal(entry_of("11.0.0.0"), "0.0.0.0/0");
	assert_string_equal(entry_of("::"), "::/0");
}

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static void
prefixes_of_files_are_entries(void **state)
{
	char folder[FOLDER_PATH], path[FOLDER_PATH + 10], text[200];
	struct flowd_error err = { .text = "" };

	(void)state;
	assert_int_equal(folder_make(folder), 0);
	(void)snprintf(path, sizeof(path), "%s/prefixes", folder);
	write_file(path, "10.1.0.0/16 # one\n! 10.1.2.0/24\n");
	(void)snprintf(text, sizeof(text),
	    "table <t> { 10/8 } file \"%s\"\n", path);
	load(text);
	assert_string_equal(entry_of("10.1.1.1"), "10.1.0.0/16");
	assert_string_equal(entry_of("10.1.2.1"), "-");
	assert_string_equal(entry_of("10.2.2.1"), "10.0.0.0/8");
	prefix_map_fini(&map);
	write_file(path, "prefix\n");
	assert_true(prefix_map_init(&map, filter.tables, &err) < 0);
	assert_string_equal(err.text, "table <t>: not a prefix");
	(void)unlink(path);
	(void)rmdir(folder);
}

/* --- Random tables --- */

/* Prefixes of few bits, so that they nest and meet. */
static void
put_prefix(struct random *r, struct buf *out, struct prefix *p, bool *except)
{
	char text[ADDR_TEXT_MAX];

	if (random_u32(r) % 2 == 0) {
		p->len = (uint8_t)(random_u32(r) % 9);
		p->addr = addr_from_v4(p->len == 0
			? 0
			: (random_u32(r) % 256) << 24 &
			    UINT32_MAX << (32 - p->len));
	} else {
		struct addr6 mask;

		p->len = (uint8_t)(120 + random_u32(r) % 9);
		mask = addr6_mask(p->len);
		p->addr = addr_from_v6((struct addr6){ UINT64_MAX,
		    (UINT64_MAX - 255 + random_u32(r) % 256) & mask.lo });
	}
	*except = random_u32(r) % 4 == 0;
	text[addr_format(&p->addr, text)] = '\0';
	buf_printf(out, "%s%s/%u\n", *except ? "! " : "", text, p->len);
}

/* The entry by its text in the table, or none, with each looked at. */
static bool
slow_find(const struct addr *a, const struct prefix *p, const bool *except,
    size_t n, const struct prefix_map_entry **entry)
{
	const struct filter_value *values = NULL;
	int best = -1;
	bool in = false;

	for (struct prefix_table *t = filter.tables; t != NULL; t = t->next)
		values = t->entries;
	for (const struct filter_value *v = values; v != NULL; v = v->next)
		if (v->kind == VALUE_TABLE && v->except &&
		    prefix_set_has(&v->table->set, a))
			return false;
	for (size_t i = 0; i < n; i++) {
		if (!prefix_match(&p[i], a) || p[i].len < best)
			continue;
		in = p[i].len > best ? !except[i] : in && !except[i];
		best = p[i].len;
	}
	for (size_t i = 0; in && i < map.n; i++)
		if (map.entry[i].name == NULL &&
		    map.entry[i].prefix.len == best &&
		    prefix_match(&map.entry[i].prefix, a)) {
			*entry = &map.entry[i];
			return true;
		}
	for (const struct filter_value *v = values; v != NULL; v = v->next)
		if (v->kind == VALUE_TABLE && !v->except &&
		    prefix_set_has(&v->table->set, a)) {
			for (size_t i = 0; map.entry[i].name != NULL; i++)
				if (strcmp(map.entry[i].name,
					v->table->name) == 0) {
					*entry = &map.entry[i];
					return true;
				}
		}
	return false;
}

static void
check_address(const struct addr *a, const struct prefix *p, const bool *except,
    size_t n)
{
	const struct prefix_map_entry *want = NULL, *have;
	bool in = slow_find(a, p, except, n, &want);
	uint32_t entry = find_entry(a);
	struct prefix_table *last = filter.tables;

	while (last->next != NULL)
		last = last->next;
	assert_int_equal(in, prefix_set_has(&last->set, a));
	assert_int_equal(entry != 0, in);
	if (!in)
		return;
	have = &map.entry[entry - 1];
	/* A table that is listed twice is the first of the two. */
	assert_ptr_equal(have, want);
}

static void
random_tables_are_as_their_entries_say(void **state)
{
	struct random r = { 77 };
	struct prefix p[PREFIXES];
	bool except[PREFIXES];
	struct buf text;

	(void)state;
	buf_init(&text, 64 * 1024);
	for (unsigned round = 0; round < ROUNDS; round++) {
		size_t n = random_u32(&r) % PREFIXES;
		size_t ntables = random_u32(&r) % (2 * TABLES);

		buf_reset(&text);
		for (unsigned t = 0; t < TABLES; t++) {
			buf_printf(&text, "table <t%u> {\n", t);
			for (size_t i = random_u32(&r) % 6; i > 0; i--)
				put_prefix(&r, &text, &p[0], &except[0]);
			buf_append_text(&text, "}\n");
		}
		buf_append_text(&text, "table <all> {\n");
		for (size_t i = 0; i < n; i++)
			put_prefix(&r, &text, &p[i], &except[i]);
		for (size_t t = 0; t < ntables; t++)
			buf_printf(&text, "%s<t%u>\n",
			    random_u32(&r) % 4 == 0 ? "! " : "",
			    random_u32(&r) % TABLES);
		buf_append_text(&text, "}\n");
		buf_append_char(&text, '\0');
		load((const char *)text.ptr);
		for (unsigned i = 0; i < 256; i++) {
			struct addr a4 = addr_from_v4(
			    i << 24 | random_u32(&r) >> 8);
			struct addr a6 = addr_from_v6((struct addr6){
			    UINT64_MAX, UINT64_MAX - 255 + i });

			check_address(&a4, p, except, n);
			check_address(&a6, p, except, n);
		}
	}
	buf_fini(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_are_tables_and_prefixes),
		cmocka_unit_test(
		    prefixes_go_before_tables_and_tables_by_their_order),
		cmocka_unit_test(exceptions_have_no_entry),
		cmocka_unit_test(an_empty_table_has_no_entries),
		cmocka_unit_test(everything_is_in_a_prefix_of_no_bits),
		cmocka_unit_test(prefixes_of_files_are_entries),
		cmocka_unit_test(random_tables_are_as_their_entries_say),
	};
	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	prefix_map_fini(&map);
	filter_fini(&filter);
	return failed;
}
