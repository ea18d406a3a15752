/* Classic CSV for flow-tools: lib/format/fmt_flowtools.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "classic.h"
#include "rows.h"

static void
the_header_names_the_columns_of_flow_import(void **state)
{
	struct rows rows;

	(void)state;
	rows_init(&rows);
	format_flowtools.head(&rows.formatter, &rows.out);
	buf_append_char(&rows.out, '\0');
	assert_string_equal((const char *)rows.out.ptr,
	    "#:unix_secs,unix_nsecs,sysuptime,exaddr,dpkts,doctets,first,last,"
	    "engine_type,engine_id,srcaddr,dstaddr,nexthop,input,output,"
	    "srcport,dstport,prot,tos,tcp_flags,src_mask,dst_mask,src_as,"
	    "dst_as\n");
	rows_fini(&rows);
}

static void
every_number_is_unsigned_and_decimal(void **state)
{
	const struct classic c = {
		.fields = CLASSIC_ALL & ~(CLASSIC_AGENT_ADDR6 |
			CLASSIC_SRC_ADDR4 | CLASSIC_DST_ADDR4 |
			CLASSIC_GATEWAY_ADDR4),
		.time_sec = 4294967295,
		.time_nanosec = 999999999,
		.sys_uptime_ms = 3600250,
		.agent = { .family = ADDR_V4, .v4 = 0x0a000001 },
		.packets = UINT64_MAX,
		.octets = 3456,
		.flow_start_ms = 3500000,
		.flow_finish_ms = 3590500,
		.engine_type = 1,
		.engine_id = 65535,
		.src = { .family = ADDR_V6, .v6 = { 0, 1 } },
		.dst = { .family = ADDR_V6, .v6 = { 0, 2 } },
		.gateway = { .family = ADDR_V6, .v6 = { 0, 3 } },
		.if_in = 4294967295,
		.if_out = 4,
		.src_port = 40000,
		.dst_port = 443,
		.protocol = 6,
		.tos = 0xff,
		.tcp_flags = 0x1b,
		.src_mask = 24,
		.dst_mask = 16,
		.src_as = 4294967294,
		.dst_as = 64501,
	};
	struct rows rows;

	(void)state;
	rows_init(&rows);
	classic_append(rows.batch, &c);
	/* What is to be shown has no influence. */
	rows.formatter.classic = 0;
	assert_string_equal(rows_print(&rows, &format_flowtools),
	    "4294967295,999999999,3600250,10.0.0.1,18446744073709551615,3456,"
	    "3500000,3590500,1,65535,::1,::2,::3,4294967295,4,40000,443,6,255,"
	    "27,24,16,4294967294,64501\n");
	rows_fini(&rows);
}

static void
what_a_flow_lacks_is_zero(void **state)
{
	struct rows rows;

	(void)state;
	rows_init(&rows);
	rows.batch->from_log = true;
	batch_append(rows.batch, 1);
	assert_string_equal(rows_print(&rows, &format_flowtools),
	    "0,0,0,0.0.0.0,0,0,0,0,0,0,0.0.0.0,0.0.0.0,0.0.0.0,0,0,0,0,0,0,"
	    "0,0,0,0,0\n");
	rows_fini(&rows);
}

static void
only_selected_rows_are_printed(void **state)
{
	struct rows rows;
	const char *text;

	(void)state;
	rows_init(&rows);
	batch_append(rows.batch, 100);
	batch_fill_uint(rows.batch, COL_octets, 0, 100, 5);
	batch_set_uint(rows.batch, COL_octets, 77, 6);
	bitmap_clear_range(rows.batch->selected, 0, 100);
	assert_string_equal(rows_print(&rows, &format_flowtools), "");
	bitmap_set(rows.batch->selected, 77);
	text = rows_print(&rows, &format_flowtools);
	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	assert_non_null(strstr(text, ",0,6,0,"));
	rows_fini(&rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_header_names_the_columns_of_flow_import),
		cmocka_unit_test(every_number_is_unsigned_and_decimal),
		cmocka_unit_test(what_a_flow_lacks_is_zero),
		cmocka_unit_test(only_selected_rows_are_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
