/* CSV: lib/format/fmt_csv.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../random.h"
#include "rows.h"

static void
fields_choose(struct rows *rows, const uint8_t *order, size_t n)
{
	rows->formatter.order = order;
	rows->formatter.norder = n;
}

static void
the_header_names_every_column(void **state)
{
	const char *p;
	struct rows rows;

	(void)state;
	rows_init(&rows);
	format_csv.head(&rows.formatter, &rows.out);
	buf_append_char(&rows.out, '\0');
	p = (const char *)rows.out.ptr;
	for (unsigned col = 0; col < COL_COUNT; col++) {
		size_t len = strlen(column_info[col].name);

		if (column_info[col].flags & COLUMN_RECORD)
			continue;
		assert_memory_equal(p, column_info[col].name, len);
		p += len;
		assert_true(*p == ',' || *p == '\n');
		p++;
	}
	assert_int_equal(*p, '\0');
	rows_fini(&rows);
}

static void
the_header_is_in_the_order_asked_for(void **state)
{
	static const uint8_t order[] = { COL_octets, COL_src_addr };
	struct rows rows;

	(void)state;
	rows_init(&rows);
	fields_choose(&rows, order, 2);
	format_csv.head(&rows.formatter, &rows.out);
	buf_append_char(&rows.out, '\0');
	assert_string_equal((const char *)rows.out.ptr, "octets,src_addr\n");
	rows_fini(&rows);
}

static void
absent_values_are_empty(void **state)
{
	static const uint8_t order[] = { COL_tag, COL_src_port, COL_octets };
	struct rows rows;

	(void)state;
	rows_init(&rows);
	fields_choose(&rows, order, 3);
	batch_append(rows.batch, 4);
	batch_set_uint(rows.batch, COL_tag, 0, 1);
	batch_set_uint(rows.batch, COL_src_port, 1, 2);
	batch_set_uint(rows.batch, COL_octets, 2, 3);
	assert_string_equal(rows_print(&rows, &format_csv),
	    "1,,\n,2,\n,,3\n,,\n");
	rows_fini(&rows);
}

static void
values_are_as_in_json_without_quotes(void **state)
{
	static const uint8_t order[] = { COL_recv_time, COL_src_addr,
		COL_dst_addr, COL_src_mac, COL_octets };
	const struct addr v4 = addr_from_v4(0x0a000001);
	const struct addr v6 = addr_from_v6((struct addr6) { 0, 1 });
	struct rows rows;

	(void)state;
	rows_init(&rows);
	fields_choose(&rows, order, 5);
	batch_append(rows.batch, 1);
	batch_set_uint(rows.batch, COL_recv_time, 0,
	    UINT64_C(1795408432674663000));
	batch_set_addr(rows.batch, COL_src_addr, 0, &v4);
	batch_set_addr(rows.batch, COL_dst_addr, 0, &v6);
	batch_set_uint(rows.batch, COL_src_mac, 0, UINT64_C(0x001122aabbcc));
	batch_set_uint(rows.batch, COL_octets, 0, UINT64_MAX);
	assert_string_equal(rows_print(&rows, &format_csv),
	    "2026-11-23T04:33:52.674663Z,10.0.0.1,::1,00:11:22:aa:bb:cc,"
	    "18446744073709551615\n");
	rows_fini(&rows);
}

static void
other_is_its_object_in_quotes(void **state)
{
	static const uint8_t order[] = { COL_tag, COL_other, COL_src_port };
	struct rows rows;

	(void)state;
	rows_init(&rows);
	fields_choose(&rows, order, 3);
	batch_append(rows.batch, 2);
	batch_set_uint(rows.batch, COL_tag, 0, 1);
	batch_set_uint(rows.batch, COL_src_port, 0, 2);
	rows_other(&rows, 0);
	rows_element(&rows, 0, PEN_IANA, ELEMENT_STRING, "a,\"b\"\n", 6);
	rows_element(&rows, 0, PEN_IANA, ELEMENT_UNSIGNED, "\5", 1);
	rows_other(&rows, 1);
	assert_string_equal(rows_print(&rows, &format_csv),
	    "1,\"{\"\"aString\"\":\"\"a,\\\"\"b\\\"\"\\u000a\"\","
	    "\"\"anUnsigned\"\":5}\",2\n,\"{}\",\n");
	rows_fini(&rows);
}

/* The next field of a line, its quotes taken off; returns behind it. */
static const char *
read_field(const char *p, char *field)
{
	bool quoted = *p == '"';

	p += quoted;
	while (quoted ? *p != '"' || p[1] == '"' : strchr(",\n", *p) == NULL) {
		assert_int_not_equal(*p, '\n');
		assert_int_not_equal(*p, '\0');
		p += *p == '"';
		*field++ = *p++;
	}
	*field = '\0';
	return p + quoted;
}

static void
whatever_the_octets_a_line_has_its_fields(void **state)
{
	static const uint8_t order[] = { COL_other, COL_tag };
	struct random r = { 1 };
	struct rows rows;

	(void)state;
	rows_init(&rows);
	fields_choose(&rows, order, 2);
	for (unsigned i = 0; i < 5000; i++) {
		char want[8192], field[8192];
		const char *p;

		batch_reset(rows.batch);
		batch_append(rows.batch, 1);
		batch_set_uint(rows.batch, COL_tag, 0, 12345);
		rows_other(&rows, 0);
		for (unsigned n = random_u32(&r) % 6; n > 0; n--) {
			uint8_t value[40];

			for (size_t k = 0; k < sizeof(value); k++)
				value[k] = random_u32(&r) % 4 == 0 ? '"'
				    : (uint8_t)random_u64(&r);
			rows_element(&rows, 0, PEN_IANA, ELEMENT_STRING,
			    value, random_u32(&r) % sizeof(value));
		}
		/* What JSON has between {"other": and ,"tag":12345}. */
		p = rows_print(&rows, &format_json) + strlen("{\"other\":");
		strcpy(want, p);
		want[strlen(want) - strlen(",\"tag\":12345}\n")] = '\0';
		p = read_field(rows_print(&rows, &format_csv), field);
		assert_string_equal(field, want);
		assert_string_equal(p, ",12345\n");
	}
	rows_fini(&rows);
}

static void
every_column_has_its_place(void **state)
{
	struct rows rows;
	const char *p;
	size_t commas = 0;

	(void)state;
	rows_init(&rows);
	batch_append(rows.batch, 1);
	for (p = rows_print(&rows, &format_csv); *p == ','; p++)
		commas++;
	assert_string_equal(p, "\n");
	/* All but the three that describe a log record. */
	assert_int_equal(commas, COL_COUNT - 3 - 1);
	rows_fini(&rows);
}

static void
only_selected_rows_are_printed(void **state)
{
	static const uint8_t order[] = { COL_tag };
	struct rows rows;

	(void)state;
	rows_init(&rows);
	fields_choose(&rows, order, 1);
	batch_append(rows.batch, 100);
	for (size_t row = 0; row < 100; row++)
		batch_set_uint(rows.batch, COL_tag, row, row);
	bitmap_clear_range(rows.batch->selected, 0, 100);
	bitmap_set(rows.batch->selected, 0);
	bitmap_set(rows.batch->selected, 64);
	assert_string_equal(rows_print(&rows, &format_csv), "0\n64\n");
	rows_fini(&rows);
}

static void
a_full_buffer_is_a_failure(void **state)
{
	struct rows rows;

	(void)state;
	rows_init(&rows);
	batch_append(rows.batch, 1);
	rows_other(&rows, 0);
	rows_element(&rows, 0, 7, 1, "\1", 1);
	for (size_t max = 0; max < 10000; max += 41) {
		buf_fini(&rows.out);
		buf_init(&rows.out, max);
		format_csv.rows(&rows.formatter, rows.batch, &rows.out);
		assert_true(rows.out.len <= max);
		if (max < 1000)
			assert_false(buf_ok(&rows.out));
	}
	assert_true(buf_ok(&rows.out));
	rows_fini(&rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_header_names_every_column),
		cmocka_unit_test(the_header_is_in_the_order_asked_for),
		cmocka_unit_test(absent_values_are_empty),
		cmocka_unit_test(values_are_as_in_json_without_quotes),
		cmocka_unit_test(other_is_its_object_in_quotes),
		cmocka_unit_test(whatever_the_octets_a_line_has_its_fields),
		cmocka_unit_test(every_column_has_its_place),
		cmocka_unit_test(only_selected_rows_are_printed),
		cmocka_unit_test(a_full_buffer_is_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
