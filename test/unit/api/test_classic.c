/* Flows as records, by the public header: lib/api/flowd_classic.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <flowd/flowd.h>

/* Some fields, one of each width. */
static struct flowd_classic
example(void)
{
	struct flowd_classic c = {
		.fields = FLOWD_FIELD_TAG | FLOWD_FIELD_RECV_TIME |
		    FLOWD_FIELD_SRC_ADDR4 | FLOWD_FIELD_DST_ADDR4 |
		    FLOWD_FIELD_SRCDST_PORT | FLOWD_FIELD_OCTETS |
		    FLOWD_FIELD_CRC32,
		.tag = 7,
		.recv_sec = 1700000000,
		.recv_usec = 1234567,
		.octets = UINT64_C(1) << 40,
		.src_port = 53,
		.dst_port = 65535,
	};

	assert_int_equal(flowd_addr_parse("192.0.2.1", &c.src_addr), 0);
	assert_int_equal(flowd_addr_parse("192.0.2.2", &c.dst_addr), 0);
	return c;
}

static void
what_is_written_reads_back(void **state)
{
	struct flowd_classic c = example(), got;
	uint8_t record[FLOWD_RECORD_MAX];
	struct flowd_error err;
	int len = flowd_classic_encode(&c, UINT32_MAX, record);

	(void)state;
	assert_int_equal(len, 8 + 4 + 8 + 4 + 4 + 4 + 8 + 4);
	assert_int_equal(record[0], FLOWD_RECORD_VERSION);
	assert_int_equal(
	    flowd_classic_decode(record, sizeof(record), &got, &err), len);
	c.crc32 = got.crc32;
	assert_memory_equal(&got, &c, sizeof(c));
	for (size_t n = 0; n < (size_t)len; n++)
		assert_int_equal(flowd_classic_decode(record, n, &got, &err),
		    FLOWD_EOF);
	record[len - 5] ^= 1;
	assert_int_equal(
	    flowd_classic_decode(record, (size_t)len, &got, &err),
	    FLOWD_ECHECKSUM);
	assert_string_equal(err.text, "flow does not match its checksum");
}

static void
an_address_counts_for_its_family(void **state)
{
	struct flowd_classic c = example(), got;
	uint8_t record[FLOWD_RECORD_MAX];
	int len;

	(void)state;
	c.fields |= FLOWD_FIELD_SRC_ADDR6 | FLOWD_FIELD_AGENT_ADDR4;
	assert_int_equal(flowd_addr_parse("2001:db8::1", &c.src_addr), 0);
	len = flowd_classic_encode(
	    &c, UINT32_MAX & ~(uint32_t)FLOWD_FIELD_CRC32, record);
	assert_int_equal(
	    flowd_classic_decode(record, (size_t)len, &got, NULL), len);
	assert_int_equal(got.fields,
	    (example().fields | FLOWD_FIELD_SRC_ADDR6) &
		~(uint32_t)(FLOWD_FIELD_SRC_ADDR4 | FLOWD_FIELD_CRC32));
	assert_int_equal(got.src_addr.family, FLOWD_ADDR_V6);
	c.src_addr.family = 5;
	assert_int_equal(
	    flowd_classic_encode(&c, UINT32_MAX, record), FLOWD_EINVAL);
}

static void
rows_are_records(void **state)
{
	struct flowd_batch *b = flowd_batch_new(NULL, 64, NULL);
	struct flowd_classic c = example(), got;

	(void)state;
	assert_non_null(b);
	assert_int_equal(flowd_classic_append(b, &c), 0);
	c.fields &= ~(uint32_t)FLOWD_FIELD_CRC32;
	assert_int_equal(flowd_classic_append(b, &c), 1);
	assert_int_equal(
	    flowd_batch_uint(b, FLOWD_COL_octets, 1), UINT64_C(1) << 40);
	assert_int_equal(flowd_classic_load(b, 1, &got), 0);
	assert_memory_equal(&got, &c, sizeof(c));
	assert_int_equal(flowd_classic_load(b, 0, &got), 0);
	assert_int_equal(got.fields, example().fields);
	assert_int_equal(flowd_classic_load(b, 2, &got), FLOWD_EINVAL);
	for (int i = 2; i < 64; i++)
		assert_int_equal(flowd_classic_append(b, &c), i);
	assert_int_equal(flowd_classic_append(b, &c), FLOWD_ERANGE);
	assert_int_equal(flowd_batch_clear(b), 0);
	/* What stood there is gone. */
	c.fields = FLOWD_FIELD_TAG;
	assert_int_equal(flowd_classic_append(b, &c), 0);
	assert_false(flowd_batch_has(b, FLOWD_COL_octets, 0));
	flowd_batch_free(b);
}

static void
rows_of_other_kinds_are_not_mixed(void **state)
{
	struct flowd_batch *b = flowd_batch_new("octets", 64, NULL);
	const struct flowd_batch *other;
	struct flowd_classic c = example();

	(void)state;
	assert_int_equal(flowd_classic_append(b, &c), FLOWD_EINVAL);
	flowd_batch_free(b);
	b = flowd_batch_new(NULL, 64, NULL);
	assert_int_equal(flowd_batch_append(b), 0);
	assert_int_equal(flowd_classic_append(b, &c), FLOWD_EINVAL);
	assert_int_equal(flowd_batch_clear(b), 0);
	other = flowd_batch_ref(b);
	assert_int_equal(flowd_classic_append(b, &c), FLOWD_EINVAL);
	flowd_batch_free(other);
	assert_int_equal(flowd_classic_append(b, &c), 0);
	flowd_batch_free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_reads_back),
		cmocka_unit_test(an_address_counts_for_its_family),
		cmocka_unit_test(rows_are_records),
		cmocka_unit_test(rows_of_other_kinds_are_not_mixed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
