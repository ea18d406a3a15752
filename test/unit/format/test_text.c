/* Classic text: lib/format/fmt_text.c. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "../random.h"
#include "classic.h"
#include "rows.h"

static const struct classic full = {
	.fields = CLASSIC_ALL & ~(CLASSIC_AGENT_ADDR6 | CLASSIC_SRC_ADDR6 |
		CLASSIC_DST_ADDR6 | CLASSIC_GATEWAY_ADDR6),
	.tag = 7,
	.recv_sec = 1700000000,
	.recv_usec = 123456,
	.tcp_flags = 0x1b,
	.protocol = 6,
	.tos = 0x10,
	.agent = { .family = ADDR_V4, .v4 = 0x0a000001 },
	.src = { .family = ADDR_V4, .v4 = 0x0a010203 },
	.dst = { .family = ADDR_V4, .v4 = 0xc6336409 },
	.gateway = { .family = ADDR_V4, .v4 = 0x0a010201 },
	.src_port = 40000,
	.dst_port = 443,
	.packets = 12,
	.octets = 3456,
	.if_in = 3,
	.if_out = 4,
	.sys_uptime_ms = 3600250,
	.time_sec = 1700000001,
	.time_nanosec = 999999999,
	.netflow_version = 5,
	.flow_start_ms = 3500000,
	.flow_finish_ms = 3590500,
	.src_as = 64500,
	.dst_as = 64501,
	.src_mask = 24,
	.dst_mask = 16,
	.engine_type = 1,
	.engine_id = 2,
	.sequence = 1000,
	.source_id = 16909060,
	.crc32 = 0x0a1b2c3d,
};

/* The line of one record with the fields shown, in UTC. */
static void
assert_line(const struct classic *c, uint32_t show, const char *want)
{
	struct rows rows;

	rows_init(&rows);
	rows.batch->from_log = true;
	classic_append(rows.batch, c);
	rows.formatter.classic = show;
	clock_init(&rows.formatter.clock, true);
	assert_string_equal(rows_print(&rows, &format_text), want);
	rows_fini(&rows);
}

static void
brief_lines_have_the_usual_fields(void **state)
{
	(void)state;
	assert_line(&full, CLASSIC_BRIEF,
	    "FLOW tag 7 recv_time 2023-11-14T22:13:20.123456 "
	    "proto 6 tcpflags 1b tos 10 agent [10.0.0.1] "
	    "src [10.1.2.3]:40000 dst [198.51.100.9]:443 "
	    "packets 12 octets 3456 \n");
}

static void
full_lines_have_every_field(void **state)
{
	(void)state;
	assert_line(&full, CLASSIC_ALL,
	    "FLOW tag 7 recv_time 2023-11-14T22:13:20.123456 "
	    "proto 6 tcpflags 1b tos 10 agent [10.0.0.1] "
	    "src [10.1.2.3]:40000 dst [198.51.100.9]:443 "
	    "gateway [10.1.2.1] packets 12 octets 3456 in_if 3 out_if 4 "
	    "sys_uptime_ms 1h0s.250 time_sec 2023-11-14T22:13:21 "
	    "time_nanosec 999999999 netflow ver 5 "
	    "flow_start 58m20s.000 flow_finish 59m50s.500 "
	    "src_AS 64500 src_masklen 24 dst_AS 64501 dst_masklen 16 "
	    "engine_type 1 engine_id 2 seq 1000 source 16909060 "
	    "crc32 0a1b2c3d \n");
}

static void
a_record_without_fields_is_a_word_alone(void **state)
{
	const struct classic none = { .fields = 0 };

	(void)state;
	assert_line(&none, CLASSIC_ALL, "FLOW \n");
	assert_line(&full, 0, "FLOW \n");
}

static void
microseconds_have_five_digits_at_least(void **state)
{
	static const struct {
		uint32_t usec;
		const char *text;
	} cases[] = {
		{ 0, "00000" },
		{ 12, "00012" },
		{ 99999, "99999" },
		{ 100000, "100000" },
		{ 123456789, "123456789" },
		/* Signed, as they always were. */
		{ UINT32_MAX, "-0001" },
		{ UINT32_MAX - 11, "-0012" },
		{ UINT32_C(0x80000000), "-2147483648" },
	};
	struct classic c = { .fields = CLASSIC_RECV_TIME };
	char want[80];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		c.recv_usec = cases[i].usec;
		(void)snprintf(want, sizeof(want),
		    "FLOW recv_time 1970-01-01T00:00:00.%s \n",
		    cases[i].text);
		assert_line(&c, CLASSIC_ALL, want);
	}
}

static void
interfaces_are_signed(void **state)
{
	const struct classic c = { .fields = CLASSIC_IF_INDICES,
		.if_in = UINT32_MAX, .if_out = UINT32_C(0x80000000) };

	(void)state;
	assert_line(&c, CLASSIC_ALL, "FLOW in_if -1 out_if -2147483648 \n");
}

static void
ports_are_shown_behind_an_address_only(void **state)
{
	struct classic c = { .fields = CLASSIC_SRCDST_PORT, .src_port = 1,
		.dst_port = 2, .src = { .family = ADDR_V4, .v4 = 1 } };

	(void)state;
	assert_line(&c, CLASSIC_ALL, "FLOW \n");
	c.fields |= CLASSIC_SRC_ADDR4;
	assert_line(&c, CLASSIC_ALL, "FLOW src [0.0.0.1]:1 \n");
	assert_line(&c, CLASSIC_ALL & ~CLASSIC_SRCDST_PORT,
	    "FLOW src [0.0.0.1] \n");
}

static void
ipv6_addresses_stand_in_brackets(void **state)
{
	const struct classic c = {
		.fields = CLASSIC_SRC_ADDR6 | CLASSIC_DST_ADDR6 |
		    CLASSIC_AGENT_ADDR6 | CLASSIC_SRCDST_PORT,
		.agent = { .family = ADDR_V6, .v6 = { 0, 1 } },
		.src = { .family = ADDR_V6,
		    .v6 = { UINT64_C(0x20010db800000000), 1 } },
		.dst = { .family = ADDR_V6,
		    .v6 = { 0, UINT64_C(0xffffc0000201) } },
	};

	(void)state;
	assert_line(&c, CLASSIC_ALL,
	    "FLOW agent [::1] src [2001:db8::1]:0 "
	    "dst [::ffff:192.0.2.1]:0 \n");
}

static void
a_flow_that_is_of_no_log_has_no_checksum(void **state)
{
	struct rows rows;

	(void)state;
	rows_init(&rows);
	rows.formatter.classic = CLASSIC_ALL;
	batch_append(rows.batch, 1);
	batch_set_uint(rows.batch, COL_tag, 0, 5);
	assert_string_equal(rows_print(&rows, &format_text),
	    "FLOW tag 5 \n");
	rows_fini(&rows);
}

static void
only_selected_rows_are_printed(void **state)
{
	struct classic c = { .fields = CLASSIC_TAG };
	struct rows rows;

	(void)state;
	rows_init(&rows);
	for (c.tag = 0; c.tag < 130; c.tag++)
		classic_append(rows.batch, &c);
	bitmap_clear_range(rows.batch->selected, 0, 130);
	bitmap_set(rows.batch->selected, 3);
	bitmap_set(rows.batch->selected, 64);
	bitmap_set(rows.batch->selected, 129);
	assert_string_equal(rows_print(&rows, &format_text),
	    "FLOW tag 3 \nFLOW tag 64 \nFLOW tag 129 \n");
	rows_fini(&rows);
}

static void
times_are_in_the_zone_of_the_clock(void **state)
{
	const struct classic c = { .fields = CLASSIC_RECV_TIME,
		.recv_sec = 1700000000 };
	struct rows rows;

	(void)state;
	assert_int_equal(setenv("TZ", "NPT-5:45", 1), 0);
	tzset();
	rows_init(&rows);
	classic_append(rows.batch, &c);
	assert_string_equal(rows_print(&rows, &format_text),
	    "FLOW recv_time 2023-11-15T03:58:20.00000 \n");
	rows_fini(&rows);
	assert_int_equal(setenv("TZ", "UTC", 1), 0);
	tzset();
}

/* The same line made with printf(), as it was defined. */
static void
slow_address(char *out, const char *word, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	text[addr_format(a, text)] = '\0';
	(void)sprintf(out + strlen(out), "%s [%s]", word, text);
}

static void
slow_time(char *out, const char *word, uint32_t sec)
{
	time_t t = (time_t)sec;
	struct tm tm;
	char text[32];

	(void)gmtime_r(&t, &tm);
	(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	(void)sprintf(out + strlen(out), "%s %s", word, text);
}

static void
slow_uptime(char *out, const char *word, uint32_t ms)
{
	static const struct {
		uint32_t sec;
		char unit;
	} units[] = { { 31449600, 'y' }, { 604800, 'w' }, { 86400, 'd' },
		{ 3600, 'h' }, { 60, 'm' } };
	uint32_t sec = ms / 1000;

	(void)sprintf(out + strlen(out), "%s ", word);
	for (size_t i = 0; i < 5; i++) {
		if (sec >= units[i].sec)
			(void)sprintf(out + strlen(out), "%" PRIu32 "%c",
			    sec / units[i].sec, units[i].unit);
		sec %= units[i].sec;
	}
	(void)sprintf(out + strlen(out), "%" PRIu32 "s.%03" PRIu32 " ", sec,
	    ms % 1000);
}

#define ADD(...) ((void)sprintf(out + strlen(out), __VA_ARGS__))

static void
slow_line(char *out, const struct classic *c)
{
	strcpy(out, "FLOW ");
	ADD("tag %" PRIu32 " ", c->tag);
	slow_time(out, "recv_time", c->recv_sec);
	ADD(".%05" PRId32 " ", (int32_t)c->recv_usec);
	ADD("proto %d tcpflags %02x tos %02x ", c->protocol, c->tcp_flags,
	    c->tos);
	slow_address(out, "agent", &c->agent);
	slow_address(out, " src", &c->src);
	ADD(":%d", c->src_port);
	slow_address(out, " dst", &c->dst);
	ADD(":%d", c->dst_port);
	slow_address(out, " gateway", &c->gateway);
	ADD(" packets %" PRIu64 " octets %" PRIu64 " ", c->packets, c->octets);
	ADD("in_if %" PRId32 " out_if %" PRId32 " ", (int32_t)c->if_in,
	    (int32_t)c->if_out);
	slow_uptime(out, "sys_uptime_ms", c->sys_uptime_ms);
	slow_time(out, "time_sec", c->time_sec);
	ADD(" time_nanosec %" PRIu32 " netflow ver %u ", c->time_nanosec,
	    (unsigned)c->netflow_version);
	slow_uptime(out, "flow_start", c->flow_start_ms);
	slow_uptime(out, "flow_finish", c->flow_finish_ms);
	ADD("src_AS %" PRIu32 " src_masklen %u ", c->src_as,
	    (unsigned)c->src_mask);
	ADD("dst_AS %" PRIu32 " dst_masklen %u ", c->dst_as,
	    (unsigned)c->dst_mask);
	ADD("engine_type %u engine_id %u ", (unsigned)c->engine_type,
	    (unsigned)c->engine_id);
	ADD("seq %" PRIu32 " source %" PRIu32 " ", c->sequence, c->source_id);
	ADD("crc32 %08" PRIx32 " \n", c->crc32);
}

static struct classic
random_record(struct random *r)
{
	struct classic c = full;

	c.tag = (uint32_t)random_bits(r);
	c.recv_sec = random_u32(r);
	c.recv_usec = (uint32_t)random_bits(r);
	c.tcp_flags = (uint8_t)random_u32(r);
	c.protocol = (uint8_t)random_u32(r);
	c.tos = (uint8_t)random_u32(r);
	c.agent.v4 = random_u32(r);
	c.src.v4 = random_u32(r);
	c.dst.v4 = random_u32(r);
	c.gateway.v4 = random_u32(r);
	c.src_port = (uint16_t)random_bits(r);
	c.dst_port = (uint16_t)random_bits(r);
	c.packets = random_bits(r);
	c.octets = random_bits(r);
	c.if_in = (uint32_t)random_bits(r);
	c.if_out = (uint32_t)random_bits(r);
	c.sys_uptime_ms = (uint32_t)random_bits(r);
	c.time_sec = random_u32(r);
	c.time_nanosec = (uint32_t)random_bits(r);
	c.netflow_version = (uint16_t)random_bits(r);
	c.flow_start_ms = (uint32_t)random_bits(r);
	c.flow_finish_ms = (uint32_t)random_bits(r);
	c.src_as = (uint32_t)random_bits(r);
	c.dst_as = (uint32_t)random_bits(r);
	c.src_mask = (uint8_t)random_u32(r);
	c.dst_mask = (uint8_t)random_u32(r);
	c.engine_type = (uint16_t)random_bits(r);
	c.engine_id = (uint16_t)random_bits(r);
	c.sequence = (uint32_t)random_bits(r);
	c.source_id = (uint32_t)random_bits(r);
	c.crc32 = (uint32_t)random_bits(r);
	return c;
}

static void
any_record_is_printed_as_printf_would(void **state)
{
	struct random r = { 1 };
	struct rows rows;

	(void)state;
	rows_init(&rows);
	rows.formatter.classic = CLASSIC_ALL;
	clock_init(&rows.formatter.clock, true);
	for (unsigned i = 0; i < 20000; i++) {
		struct classic c = random_record(&r);
		char want[2048];

		batch_reset(rows.batch);
		rows.batch->from_log = true;
		classic_append(rows.batch, &c);
		slow_line(want, &c);
		assert_string_equal(rows_print(&rows, &format_text), want);
	}
	rows_fini(&rows);
}

static void
a_full_buffer_is_a_failure(void **state)
{
	struct rows rows;

	(void)state;
	rows_init(&rows);
	classic_append(rows.batch, &full);
	buf_fini(&rows.out);
	buf_init(&rows.out, 10);
	format_text.rows(&rows.formatter, rows.batch, &rows.out);
	assert_false(buf_ok(&rows.out));
	rows_fini(&rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(brief_lines_have_the_usual_fields),
		cmocka_unit_test(full_lines_have_every_field),
		cmocka_unit_test(a_record_without_fields_is_a_word_alone),
		cmocka_unit_test(microseconds_have_five_digits_at_least),
		cmocka_unit_test(interfaces_are_signed),
		cmocka_unit_test(ports_are_shown_behind_an_address_only),
		cmocka_unit_test(ipv6_addresses_stand_in_brackets),
		cmocka_unit_test(a_flow_that_is_of_no_log_has_no_checksum),
		cmocka_unit_test(only_selected_rows_are_printed),
		cmocka_unit_test(times_are_in_the_zone_of_the_clock),
		cmocka_unit_test(any_record_is_printed_as_printf_would),
		cmocka_unit_test(a_full_buffer_is_a_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
