/* The classic view of a flow: lib/batch/classic.c. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../random.h"
#include "classic.h"

enum {
	ROWS = 128
};

static const int64_t second_ns = 1000000000;
static const int64_t ms_ns = 1000000;
static const int64_t agent_ns = INT64_C(1700000000) * 1000000000;

static int
setup(void **state)
{
	*state = batch_new(ROWS);
	return *state == NULL;
}

static int
teardown(void **state)
{
	batch_free(*state);
	return 0;
}

/* Of either family if the field is there; returns fields with its bit. */
static uint32_t
random_address(struct random *r, uint32_t fields, uint32_t field4,
    struct addr *a)
{
	uint32_t field = field4 | field4 << 1;

	if (!(fields & field))
		return fields;
	fields &= ~field;
	if (random_u32(r) % 2) {
		*a = addr_from_v4(random_u32(r));
		return fields | field4;
	}
	*a = addr_from_v6((struct addr6) { random_u64(r), random_u64(r) });
	return fields | field4 << 1;
}

/* Any record with these fields that a log may hold; others are 0. */
static struct classic
random_record(struct random *r, uint32_t fields)
{
	struct classic c;

	memset(&c, 0, sizeof(c));
	c.fields = fields & CLASSIC_ALL;
	c.fields = random_address(r, c.fields, CLASSIC_AGENT_ADDR4, &c.agent);
	c.fields = random_address(r, c.fields, CLASSIC_SRC_ADDR4, &c.src);
	c.fields = random_address(r, c.fields, CLASSIC_DST_ADDR4, &c.dst);
	c.fields = random_address(r, c.fields, CLASSIC_GATEWAY_ADDR4,
	    &c.gateway);
	if (c.fields & CLASSIC_TAG)
		c.tag = random_u32(r);
	if (c.fields & CLASSIC_RECV_TIME) {
		c.recv_sec = (uint32_t)random_bits(r);
		c.recv_usec = (uint32_t)random_bits(r);
	}
	if (c.fields & CLASSIC_PROTO_FLAGS_TOS) {
		c.tcp_flags = (uint8_t)random_u32(r);
		c.protocol = (uint8_t)random_u32(r);
		c.tos = (uint8_t)random_u32(r);
	}
	if (c.fields & CLASSIC_SRCDST_PORT) {
		c.src_port = (uint16_t)random_u32(r);
		c.dst_port = (uint16_t)random_u32(r);
	}
	if (c.fields & CLASSIC_PACKETS)
		c.packets = random_bits(r);
	if (c.fields & CLASSIC_OCTETS)
		c.octets = random_bits(r);
	if (c.fields & CLASSIC_IF_INDICES) {
		c.if_in = random_u32(r);
		c.if_out = random_u32(r);
	}
	if (c.fields & CLASSIC_AGENT_INFO) {
		c.sys_uptime_ms = random_u32(r) % 3 ? random_u32(r) : 0;
		c.time_sec = (uint32_t)random_bits(r);
		c.time_nanosec = (uint32_t)random_bits(r);
		c.netflow_version = random_u32(r) % 2 ? 10 : random_u32(r) % 11;
	}
	if (c.fields & CLASSIC_FLOW_TIMES) {
		c.flow_start_ms = random_u32(r);
		c.flow_finish_ms = random_u32(r);
	}
	if (c.fields & CLASSIC_AS_INFO) {
		c.src_as = random_u32(r);
		c.dst_as = random_u32(r);
		c.src_mask = (uint8_t)random_u32(r);
		c.dst_mask = (uint8_t)random_u32(r);
	}
	if (c.fields & CLASSIC_FLOW_ENGINE_INFO) {
		c.engine_type = (uint16_t)random_u32(r);
		c.engine_id = (uint16_t)random_u32(r);
		c.sequence = random_u32(r);
		c.source_id = random_u32(r);
	}
	if (c.fields & CLASSIC_CRC32)
		c.crc32 = random_u32(r);
	return c;
}

#define SAME(member) assert_true(a->member == b->member)

static void
assert_same(const struct classic *a, const struct classic *b)
{
	assert_int_equal(a->fields, b->fields);
	SAME(tag);
	SAME(recv_sec);
	SAME(recv_usec);
	SAME(tcp_flags);
	SAME(protocol);
	SAME(tos);
	assert_true(addr_equal(&a->agent, &b->agent));
	assert_true(addr_equal(&a->src, &b->src));
	assert_true(addr_equal(&a->dst, &b->dst));
	assert_true(addr_equal(&a->gateway, &b->gateway));
	SAME(src_port);
	SAME(dst_port);
	SAME(packets);
	SAME(octets);
	SAME(if_in);
	SAME(if_out);
	SAME(sys_uptime_ms);
	SAME(time_sec);
	SAME(time_nanosec);
	SAME(netflow_version);
	SAME(flow_start_ms);
	SAME(flow_finish_ms);
	SAME(src_as);
	SAME(dst_as);
	SAME(src_mask);
	SAME(dst_mask);
	SAME(engine_type);
	SAME(engine_id);
	SAME(sequence);
	SAME(source_id);
	SAME(crc32);
}

static void
a_record_comes_back_as_it_was(void **state)
{
	struct batch *batch = *state;
	struct random r = { 1 };

	for (unsigned pass = 0; pass < 500; pass++) {
		struct classic in[ROWS], out;

		batch_reset(batch);
		batch->from_log = true;
		for (size_t row = 0; row < ROWS; row++) {
			in[row] = random_record(&r, random_u32(&r));
			classic_append(batch, &in[row]);
		}
		for (size_t row = 0; row < ROWS; row++) {
			classic_load(batch, row, &out);
			assert_same(&in[row], &out);
		}
	}
}

static void
records_in_runs_are_as_one_by_one(void **state)
{
	struct batch *batch = *state;
	struct random r = { 2 };

	for (unsigned pass = 0; pass < 500; pass++) {
		struct classic in[ROWS], out;
		size_t n = random_u32(&r) % ROWS + 1;
		uint32_t fields = 0;

		batch_reset(batch);
		batch->from_log = true;
		for (size_t row = 0; row < n; row++) {
			if (row == 0 || random_u32(&r) % 8 == 0)
				fields = random_u32(&r);
			in[row] = random_record(&r, fields);
		}
		classic_append_rows(batch, in, n);
		assert_int_equal(batch->nrows, n);
		for (size_t row = 0; row < n; row++) {
			classic_load(batch, row, &out);
			assert_same(&in[row], &out);
		}
	}
}

static void
a_row_without_values_has_no_field_but_the_checksum(void **state)
{
	struct batch *batch = *state;
	struct classic c;

	batch_append(batch, 1);
	memset(&c, 0xff, sizeof(c));
	classic_load(batch, 0, &c);
	assert_int_equal(c.fields, CLASSIC_CRC32);
	assert_int_equal(c.octets, 0);
	assert_int_equal(c.src.family, ADDR_NONE);
	assert_int_equal(c.flow_finish_ms, 0);
	/* In a log it had none. */
	batch->from_log = true;
	classic_load(batch, 0, &c);
	assert_int_equal(c.fields, 0);
}

static void
a_field_is_there_with_any_of_its_columns(void **state)
{
	struct batch *batch = *state;

	for (unsigned col = 0; col < COL_COUNT; col++) {
		uint32_t want = column_info[col].classic;
		struct classic c;

		if (want == 0 || column_info[col].type == COLUMN_ADDR ||
		    col == COL_recv_time_carry || col == COL_agent_time_carry)
			continue;
		batch_reset(batch);
		batch->from_log = true;
		batch_append(batch, 1);
		batch_set_uint(batch, col, 0, 1);
		classic_load(batch, 0, &c);
		assert_int_equal(c.fields, want);
	}
}

static void
an_address_sets_the_bit_of_its_family_only(void **state)
{
	const struct addr v4 = addr_from_v4(1);
	const struct addr v6 = addr_from_v6((struct addr6) { 0, 1 });
	struct batch *batch = *state;
	struct classic c;

	batch->from_log = true;
	batch_append(batch, 1);
	batch_set_addr(batch, COL_agent_addr, 0, &v4);
	batch_set_addr(batch, COL_src_addr, 0, &v6);
	batch_set_addr(batch, COL_dst_addr, 0, &v4);
	batch_set_addr(batch, COL_next_hop, 0, &v6);
	classic_load(batch, 0, &c);
	assert_int_equal(c.fields, CLASSIC_AGENT_ADDR4 | CLASSIC_SRC_ADDR6 |
	    CLASSIC_DST_ADDR4 | CLASSIC_GATEWAY_ADDR6);
}

static void
wide_tcp_flags_keep_the_low_eight(void **state)
{
	struct batch *batch = *state;
	struct classic c;

	batch_append(batch, 1);
	batch_set_uint(batch, COL_tcp_flags, 0, 0x1ff);
	classic_load(batch, 0, &c);
	assert_int_equal(c.tcp_flags, 0xff);
}

/* A row as the decoder leaves it. */
static void
append_flow(struct batch *batch, unsigned version, int64_t time_ns)
{
	size_t row = batch_append(batch, 1);

	batch_set_uint(batch, COL_netflow_version, row, version);
	batch_set_uint(batch, COL_agent_time, row, (uint64_t)time_ns);
}

static void
set_time(struct batch *batch, unsigned col, int64_t ns)
{
	batch_set_uint(batch, col, 0, (uint64_t)ns);
}

/* When a flow began and ended by what a log says of it. */
static int64_t
absolute_ns(const struct classic *c, uint32_t uptime_ms)
{
	return c->time_sec * second_ns + c->time_nanosec -
	    (int32_t)(c->sys_uptime_ms - uptime_ms) * ms_ns;
}

static void
assert_near(int64_t a, int64_t b)
{
	assert_true(a - b <= ms_ns && b - a <= ms_ns);
}

static void
uptimes_are_stored_as_they_were_sent(void **state)
{
	struct batch *batch = *state;
	struct classic c;

	append_flow(batch, 9, agent_ns);
	batch_set_uint(batch, COL_sys_uptime_ms, 0, 1000);
	batch_set_uint(batch, COL_flow_start_uptime_ms, 0, 4000000000);
	batch_set_uint(batch, COL_flow_end_uptime_ms, 0, 2000);
	classic_load(batch, 0, &c);
	assert_int_equal(c.sys_uptime_ms, 1000);
	assert_int_equal(c.flow_start_ms, 4000000000);
	assert_int_equal(c.flow_finish_ms, 2000);
	assert_int_equal(c.time_sec, 1700000000);
}

static void
uptimes_without_a_header_uptime_get_the_latest(void **state)
{
	struct batch *batch = *state;
	struct classic c;

	append_flow(batch, 10, agent_ns);
	batch_set_uint(batch, COL_flow_start_uptime_ms, 0, 5000);
	batch_set_uint(batch, COL_flow_end_uptime_ms, 0, 7000);
	classic_load(batch, 0, &c);
	assert_int_equal(c.sys_uptime_ms, 7000);
	assert_int_equal(c.time_sec, 1700000000);
	/* Also where the counter has wrapped in between. */
	batch_set_uint(batch, COL_flow_start_uptime_ms, 0, UINT32_MAX);
	batch_set_uint(batch, COL_flow_end_uptime_ms, 0, 7);
	classic_load(batch, 0, &c);
	assert_int_equal(c.sys_uptime_ms, 7);
	assert_int_equal(c.flow_start_ms, UINT32_MAX);
}

static void
a_single_uptime_is_the_latest(void **state)
{
	struct batch *batch = *state;
	struct classic c;

	append_flow(batch, 10, agent_ns);
	batch_set_uint(batch, COL_flow_end_uptime_ms, 0, 4000000000);
	classic_load(batch, 0, &c);
	assert_int_equal(c.sys_uptime_ms, 4000000000);
	batch_reset(batch);
	append_flow(batch, 10, agent_ns);
	batch_set_uint(batch, COL_flow_start_uptime_ms, 0, 4000000000);
	classic_load(batch, 0, &c);
	assert_int_equal(c.sys_uptime_ms, 4000000000);
}

static void
uptimes_with_absolute_times_keep_both(void **state)
{
	const int64_t start = agent_ns - 9500 * ms_ns;
	const int64_t end = agent_ns - 2250 * ms_ns;
	struct batch *batch = *state;
	struct classic c;

	append_flow(batch, 10, agent_ns);
	batch_set_uint(batch, COL_flow_start_uptime_ms, 0, 90500);
	batch_set_uint(batch, COL_flow_end_uptime_ms, 0, 97750);
	set_time(batch, COL_flow_start, start);
	set_time(batch, COL_flow_end, end);
	classic_load(batch, 0, &c);
	assert_int_equal(c.sys_uptime_ms, 100000);
	assert_near(absolute_ns(&c, c.flow_start_ms), start);
	assert_near(absolute_ns(&c, c.flow_finish_ms), end);
}

static void
a_flow_that_ends_after_its_export_second_moves_agent_on(void **state)
{
	const int64_t end = agent_ns + 674 * ms_ns;
	struct batch *batch = *state;
	struct classic c;

	append_flow(batch, 10, agent_ns);
	batch_set_uint(batch, COL_sys_uptime_ms, 0, 100000);
	batch_set_uint(batch, COL_flow_start_uptime_ms, 0, 99000);
	batch_set_uint(batch, COL_flow_end_uptime_ms, 0, 100674);
	set_time(batch, COL_flow_end, end);
	classic_load(batch, 0, &c);
	assert_int_equal(c.sys_uptime_ms, 100674);
	assert_int_equal(c.time_nanosec, 674 * ms_ns);
	assert_near(absolute_ns(&c, c.flow_finish_ms), end);
	/* Without the uptime it follows from the time that is known. */
	bitmap_clear(batch->col[COL_sys_uptime_ms].valid, 0);
	classic_load(batch, 0, &c);
	assert_int_equal(c.sys_uptime_ms, 100674);
	assert_near(absolute_ns(&c, c.flow_finish_ms), end);
}

static void
absolute_times_get_a_scale_of_uptime(void **state)
{
	struct batch *batch = *state;
	struct classic c;

	append_flow(batch, 10, agent_ns);
	set_time(batch, COL_flow_start, agent_ns - 5000 * ms_ns);
	set_time(batch, COL_flow_end, agent_ns - 1000 * ms_ns);
	classic_load(batch, 0, &c);
	assert_true(c.fields & CLASSIC_FLOW_TIMES);
	assert_int_equal(c.sys_uptime_ms, 5000);
	assert_int_equal(c.flow_start_ms, 0);
	assert_int_equal(c.flow_finish_ms, 4000);
	assert_int_equal(c.time_sec, 1700000000);
}

static void
absolute_times_keep_the_uptime_there_is(void **state)
{
	struct batch *batch = *state;
	struct classic c;

	append_flow(batch, 9, agent_ns);
	batch_set_uint(batch, COL_sys_uptime_ms, 0, 100000);
	set_time(batch, COL_flow_start, agent_ns - 5000 * ms_ns);
	set_time(batch, COL_flow_end, agent_ns + 500 * ms_ns);
	classic_load(batch, 0, &c);
	assert_int_equal(c.sys_uptime_ms, 100500);
	assert_int_equal(c.flow_start_ms, 95000);
	assert_int_equal(c.flow_finish_ms, 100500);
	assert_int_equal(c.time_nanosec, 500 * ms_ns);
}

static void
a_missing_end_is_the_start_or_a_later_event(void **state)
{
	struct batch *batch = *state;
	struct classic c;

	append_flow(batch, 10, agent_ns);
	set_time(batch, COL_flow_start, agent_ns - 5000 * ms_ns);
	classic_load(batch, 0, &c);
	assert_int_equal(c.flow_start_ms, c.flow_finish_ms);
	set_time(batch, COL_event_time, agent_ns - 2000 * ms_ns);
	classic_load(batch, 0, &c);
	assert_int_equal(c.flow_finish_ms - c.flow_start_ms, 3000);
	set_time(batch, COL_event_time, agent_ns - 9000 * ms_ns);
	classic_load(batch, 0, &c);
	assert_int_equal(c.flow_start_ms, c.flow_finish_ms);
	/* No event is not one of 1970. */
	bitmap_clear(batch->col[COL_event_time].valid, 0);
	set_time(batch, COL_agent_time, -2000 * ms_ns);
	set_time(batch, COL_flow_start, -5000 * ms_ns);
	classic_load(batch, 0, &c);
	assert_int_equal(c.flow_start_ms, c.flow_finish_ms);
}

static void
a_missing_start_is_the_end(void **state)
{
	struct batch *batch = *state;
	struct classic c;

	append_flow(batch, 10, agent_ns);
	set_time(batch, COL_flow_end, agent_ns - 5000 * ms_ns);
	classic_load(batch, 0, &c);
	assert_int_equal(c.flow_start_ms, c.flow_finish_ms);
	assert_near(absolute_ns(&c, c.flow_finish_ms),
	    agent_ns - 5000 * ms_ns);
}

static void
ages_past_32_bits_are_the_largest(void **state)
{
	struct batch *batch = *state;
	struct classic c;

	append_flow(batch, 10, agent_ns);
	set_time(batch, COL_flow_start, 0);
	set_time(batch, COL_flow_end, agent_ns);
	classic_load(batch, 0, &c);
	assert_int_equal(c.sys_uptime_ms, UINT32_MAX);
	assert_int_equal(c.flow_start_ms, 0);
	assert_int_equal(c.flow_finish_ms, UINT32_MAX);
}

/* Any time an exporter may have sent, also nonsense. */
static int64_t
random_time(struct random *r)
{
	switch (random_u32(r) % 6) {
	case 0:
		return random_u32(r) % 2 ? INT64_MAX : 0;
	case 1:
		return -(int64_t)(random_bits(r) >> 1);
	case 2:
		return (int64_t)(random_bits(r) >> 1);
	default:
		return agent_ns + ((int64_t)(random_u32(r) % 200000) - 100000) *
		    ms_ns + random_u32(r) % 1000000;
	}
}

static void
no_absolute_time_makes_a_flow_finish_after_the_uptime(void **state)
{
	static const unsigned cols[] = { COL_flow_start, COL_flow_end,
		COL_event_time };
	struct batch *batch = *state;
	struct random r = { 3 };

	for (unsigned i = 0; i < 200000; i++) {
		struct classic c;

		batch_reset(batch);
		append_flow(batch, random_u32(&r) % 2 ? 10 : 9, agent_ns);
		for (unsigned k = 0; k < 3; k++)
			if (random_u32(&r) % 4 != 0)
				set_time(batch, cols[k], random_time(&r));
		if (random_u32(&r) % 2)
			batch_set_uint(batch, COL_sys_uptime_ms, 0,
			    random_u32(&r));
		classic_load(batch, 0, &c);
		if (!(c.fields & CLASSIC_FLOW_TIMES))
			continue;
		assert_true(c.sys_uptime_ms >= c.flow_start_ms);
		assert_true(c.sys_uptime_ms >= c.flow_finish_ms);
	}
}

static void
absolute_times_come_back_within_a_millisecond(void **state)
{
	struct batch *batch = *state;
	struct random r = { 4 };

	for (unsigned i = 0; i < 200000; i++) {
		int64_t end = agent_ns + random_u32(&r) % 4000 * ms_ns -
		    2000 * ms_ns + random_u32(&r) % 1000000;
		int64_t start = end - random_u32(&r) % 3600000 * ms_ns;
		struct classic c;

		batch_reset(batch);
		append_flow(batch, 10, agent_ns);
		set_time(batch, COL_flow_start, start);
		set_time(batch, COL_flow_end, end);
		if (i % 2 == 0)
			batch_set_uint(batch, COL_sys_uptime_ms, 0,
			    random_u32(&r) / 2);
		classic_load(batch, 0, &c);
		assert_near(absolute_ns(&c, c.flow_start_ms), start);
		assert_near(absolute_ns(&c, c.flow_finish_ms), end);
		/* What a log keeps says the same when it is read. */
		batch_reset(batch);
		classic_append(batch, &c);
		assert_near((int64_t)batch_uint(batch, COL_flow_start, 0),
		    start);
		assert_near((int64_t)batch_uint(batch, COL_flow_end, 0), end);
	}
}

static void
ipfix_without_an_uptime_has_no_absolute_times(void **state)
{
	struct classic c = { .fields = CLASSIC_AGENT_INFO | CLASSIC_FLOW_TIMES,
		.netflow_version = 10, .time_sec = 1700000000,
		.flow_start_ms = 5, .flow_finish_ms = 6 };
	struct batch *batch = *state;

	classic_append(batch, &c);
	assert_false(batch_has(batch, COL_flow_start, 0));
	assert_false(batch_has(batch, COL_flow_end, 0));
	assert_int_equal(batch_uint(batch, COL_flow_end_uptime_ms, 0), 6);
	c.netflow_version = 9;
	classic_append(batch, &c);
	assert_true(batch_has(batch, COL_flow_end, 1));
	c.fields = CLASSIC_FLOW_TIMES;
	classic_append(batch, &c);
	assert_false(batch_has(batch, COL_flow_end, 2));
}

static void
flow_times_count_across_a_wrap_of_the_uptime(void **state)
{
	struct classic c = { .fields = CLASSIC_AGENT_INFO | CLASSIC_FLOW_TIMES,
		.netflow_version = 5, .time_sec = 1700000000,
		.sys_uptime_ms = 1000, .flow_start_ms = UINT32_MAX - 999,
		.flow_finish_ms = 3000 };
	struct batch *batch = *state;

	classic_append(batch, &c);
	assert_true((int64_t)batch_uint(batch, COL_flow_start, 0) ==
	    agent_ns - 2000 * ms_ns);
	assert_true((int64_t)batch_uint(batch, COL_flow_end, 0) ==
	    agent_ns + 2000 * ms_ns);
}

/* One column at a time: as with all of them, and hardly another is filled. */
static void
what_is_not_asked_for_is_left_out(void **state)
{
	struct batch *all = *state, *one = batch_new(ROWS);
	struct random r = { 3 };
	struct classic c;
	struct addr a, b;

	assert_non_null(one);
	for (unsigned col = 0; col < COL_COUNT; col++) {
		unsigned others = 0;

		one->unasked = (struct colset){ { UINT64_MAX, UINT64_MAX } };
		colset_remove(&one->unasked, col);
		batch_reset(one);
		batch_reset(all);
		c = random_record(&r, UINT32_MAX);
		c.recv_usec %= 1000000; /* nothing to carry */
		c.time_nanosec %= 1000000000;
		classic_append(one, &c);
		classic_append(all, &c);
		assert_int_equal(
		    batch_has(one, col, 0), batch_has(all, col, 0));
		for (unsigned i = 0; i < COL_COUNT; i++)
			others += i != col && batch_has(one, i, 0);
		/* The other end of the flow. */
		assert_true(others <= 1);
		assert_true(
		    batch_uint(one, col, 0) == batch_uint(all, col, 0));
		if (column_info[col].type != COLUMN_ADDR)
			continue;
		a = batch_addr(one, col, 0);
		b = batch_addr(all, col, 0);
		assert_true(addr_equal(&a, &b));
	}
	batch_free(one);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_record_comes_back_as_it_was),
		TEST(records_in_runs_are_as_one_by_one),
		TEST(a_row_without_values_has_no_field_but_the_checksum),
		TEST(a_field_is_there_with_any_of_its_columns),
		TEST(an_address_sets_the_bit_of_its_family_only),
		TEST(wide_tcp_flags_keep_the_low_eight),
		TEST(uptimes_are_stored_as_they_were_sent),
		TEST(uptimes_without_a_header_uptime_get_the_latest),
		TEST(a_single_uptime_is_the_latest),
		TEST(uptimes_with_absolute_times_keep_both),
		TEST(a_flow_that_ends_after_its_export_second_moves_agent_on),
		TEST(absolute_times_get_a_scale_of_uptime),
		TEST(absolute_times_keep_the_uptime_there_is),
		TEST(a_missing_end_is_the_start_or_a_later_event),
		TEST(a_missing_start_is_the_end),
		TEST(ages_past_32_bits_are_the_largest),
		TEST(no_absolute_time_makes_a_flow_finish_after_the_uptime),
		TEST(absolute_times_come_back_within_a_millisecond),
		TEST(ipfix_without_an_uptime_has_no_absolute_times),
		TEST(flow_times_count_across_a_wrap_of_the_uptime),
		TEST(what_is_not_asked_for_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
