/* Headers of all versions: lengths, counts, and columns common to all flows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "message.h"

static uint8_t data[2048];
static struct message m;
static struct bytes body;

static int
read_message(uint16_t version, uint16_t count, size_t len)
{
	struct datagram d = { .payload = { data, len },
		.src = addr_from_v4(1), .recv_ns = 5 };

	memset(data, 0, sizeof(data));
	store_be16(data, version);
	store_be16(data + 2, count);
	return message_read(&m, &d, &body);
}

static void
message_of_fixed_versions_has_exactly_its_records(void **unused)
{
	static const struct {
		uint16_t version;
		size_t header, record, max;
	} fixed[] = { { 1, 16, 48, 24 }, { 5, 24, 48, 30 }, { 7, 24, 52, 30 } };

	(void)unused;
	for (size_t i = 0; i < 3; i++) {
		uint16_t v = fixed[i].version;
		uint16_t max = (uint16_t)fixed[i].max;
		size_t one = fixed[i].header + fixed[i].record;

		assert_int_equal(read_message(v, 1, one), 0);
		assert_int_equal(body.len, fixed[i].record);
		assert_int_equal(read_message(v, max,
				     fixed[i].header + max * fixed[i].record),
		    0);
		assert_int_equal(read_message(v, 1, one - 1),
		    -MALFORMED_LENGTH);
		assert_int_equal(body.len, 0);
		assert_int_equal(read_message(v, 2, one), -MALFORMED_LENGTH);
		assert_int_equal(body.len, 0);
		assert_int_equal(read_message(v, 0, one),
		    -MALFORMED_RECORD_COUNT);
		assert_int_equal(body.len, 0);
		assert_int_equal(read_message(v, max + 1U, one),
		    -MALFORMED_RECORD_COUNT);
		assert_int_equal(body.len, 0);
		assert_int_equal(read_message(v, 1, fixed[i].header - 1),
		    -MALFORMED_SHORT_HEADER);
	}
}

static void
message_of_fixed_versions_keeps_what_its_count_says(void **unused)
{
	static const uint16_t fixed[] = { 1, 5, 7 };

	(void)unused;
	for (size_t i = 0; i < 3; i++) {
		uint16_t v = fixed[i];
		const struct version *is = &versions[version_find(v)];

		for (uint16_t n = 1; n <= is->max_records + 9; n++) {
			size_t records = (size_t)n * is->record_len;
			size_t len = is->header_len + records;
			bool more = n > is->max_records;

			assert_int_equal(read_message(v, n, len), 0);
			assert_int_equal(body.len, records);
			assert_int_equal(read_message(v, n, len + 1),
			    more ? -MALFORMED_RECORD_COUNT
				 : -MALFORMED_LENGTH);
			assert_int_equal(body.len, more ? 0 : records);
		}
	}
}

static void
message_of_sets_may_end_in_zeros(void **unused)
{
	struct datagram d = { .payload = { data, 40 } };

	(void)unused;
	/* Zeros are no sets. */
	assert_int_equal(read_message(9, 1, 40), -MALFORMED_NO_SETS);
	assert_int_equal(read_message(10, 16, 40), -MALFORMED_NO_SETS);
	assert_int_equal(body.len, 0);
	data[17] = 2;
	for (uint8_t len = 18; len <= 40; len++) {
		data[3] = len;
		assert_int_equal(message_read(&m, &d, &body), 0);
		assert_int_equal(body.len, 24);
	}
	data[3] = 17;
	assert_int_equal(message_read(&m, &d, &body),
	    -MALFORMED_MESSAGE_LENGTH);
	data[39] = 1;
	data[3] = 39;
	assert_int_equal(message_read(&m, &d, &body),
	    -MALFORMED_MESSAGE_LENGTH);
	assert_int_equal(body.len, 24);
}

static void
message_record_len_is_the_sum_of_its_fields(void **unused)
{
	(void)unused;
	for (int i = 0; i < VERSION_COUNT; i++) {
		size_t len = 0;

		for (unsigned f = 0; f < versions[i].nfields; f++)
			len += versions[i].fields[f].len;
		assert_int_equal(versions[i].record_len, len);
	}
}

static void
message_of_other_versions_is_refused(void **unused)
{
	static const uint16_t bad[] = { 0, 2, 3, 4, 6, 8, 11, 0x4242, 0xffff };

	(void)unused;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(read_message(bad[i], 1, 100),
		    -MALFORMED_VERSION);
	for (size_t len = 0; len < 4; len++)
		assert_int_equal(read_message(5, 1, len),
		    -MALFORMED_SHORT_DATAGRAM);
}

static void
message_of_sets_wants_something_behind_its_header(void **unused)
{
	(void)unused;
	assert_int_equal(read_message(9, 1, 20), -MALFORMED_NO_SETS);
	assert_int_equal(read_message(10, 16, 16), -MALFORMED_NO_SETS);
	assert_int_equal(read_message(9, 1, 1400), -MALFORMED_NO_SETS);
}

static void
message_carries_seconds_sent_as_nanoseconds(void **unused)
{
	struct datagram d = { .payload = { data, 72 } };

	(void)unused;
	(void)read_message(5, 1, 72);
	store_be32(data + 8, 100);
	store_be32(data + 12, UINT32_MAX);
	assert_int_equal(message_read(&m, &d, &body), 0);
	assert_int_equal(m.export_ns, 104294967295);
	assert_int_equal(m.export_carry_sec, 4);
}

static void
message_fills_what_its_version_has(void **unused)
{
	struct batch *batch = batch_new(64);
	size_t first;

	(void)unused;
	assert_non_null(batch);
	assert_int_equal(read_message(10, 20, 20), -MALFORMED_NO_SETS);
	first = batch_append(batch, 3);
	message_fill(&m, batch, first, 3);
	assert_int_equal(batch_uint(batch, COL_netflow_version, 2), 10);
	assert_int_equal(batch_uint(batch, COL_recv_time, 2), 5);
	assert_true(batch_has(batch, COL_source_id, 2));
	assert_false(batch_has(batch, COL_sys_uptime_ms, 0));
	assert_false(batch_has(batch, COL_engine_type, 0));
	assert_false(batch_has(batch, COL_sampling_interval, 0));
	batch_free(batch);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    message_of_fixed_versions_has_exactly_its_records),
		cmocka_unit_test(
		    message_of_fixed_versions_keeps_what_its_count_says),
		cmocka_unit_test(message_of_sets_may_end_in_zeros),
		cmocka_unit_test(message_record_len_is_the_sum_of_its_fields),
		cmocka_unit_test(message_of_other_versions_is_refused),
		cmocka_unit_test(
		    message_of_sets_wants_something_behind_its_header),
		cmocka_unit_test(message_carries_seconds_sent_as_nanoseconds),
		cmocka_unit_test(message_fills_what_its_version_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
