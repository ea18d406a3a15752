/* Batches of the public header: lib/api/flowd_batch.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <flowd/flowd.h>

static struct flowd_batch *
batch_of(const char *columns, size_t rows)
{
	struct flowd_error err;
	struct flowd_batch *b = flowd_batch_new(columns, rows, &err);

	if (b == NULL)
		fail_msg("%s", err.text);
	return b;
}

static void
values_are_what_was_set(void **state)
{
	struct flowd_batch *b =
	    batch_of("octets,src_addr,flow_start,src_mac,protocol", 100);
	struct flowd_addr v4, v6;

	(void)state;
	assert_int_equal(flowd_addr_parse("192.0.2.1", &v4), 0);
	assert_int_equal(flowd_addr_parse("2001:db8::1", &v6), 0);
	assert_int_equal(flowd_batch_append(b), 0);
	assert_int_equal(flowd_batch_append(b), 1);
	assert_int_equal(flowd_batch_rows(b), 2);
	assert_int_equal(
	    flowd_batch_set_uint(b, FLOWD_COL_octets, 0, UINT64_MAX), 0);
	assert_int_equal(
	    flowd_batch_set_uint(b, FLOWD_COL_src_mac, 0, 0x112233445566), 0);
	assert_int_equal(
	    flowd_batch_set_time(b, FLOWD_COL_flow_start, 0, -5), 0);
	assert_int_equal(
	    flowd_batch_set_addr(b, FLOWD_COL_src_addr, 0, &v4), 0);
	assert_int_equal(
	    flowd_batch_set_addr(b, FLOWD_COL_src_addr, 1, &v6), 0);
	assert_true(flowd_batch_uint(b, FLOWD_COL_octets, 0) == UINT64_MAX);
	assert_true(
	    flowd_batch_uint(b, FLOWD_COL_src_mac, 0) == 0x112233445566);
	assert_int_equal(flowd_batch_time(b, FLOWD_COL_flow_start, 0), -5);
	assert_true(flowd_batch_has(b, FLOWD_COL_octets, 0));
	assert_false(flowd_batch_has(b, FLOWD_COL_octets, 1));
	assert_false(flowd_batch_has(b, FLOWD_COL_octets, 2));
	v4 = flowd_batch_addr(b, FLOWD_COL_src_addr, 1);
	assert_memory_equal(&v4, &v6, sizeof(v6));
	assert_int_equal(flowd_batch_addr(b, FLOWD_COL_dst_addr, 0).family,
	    FLOWD_ADDR_NONE);
	flowd_batch_free(b);
}

static void
what_cannot_be_set_is_refused(void **state)
{
	struct flowd_batch *b = batch_of("src_port,src_addr,other", 2);
	struct flowd_addr odd = { .family = 5 };

	(void)state;
	assert_int_equal(flowd_batch_append(b), 0);
	assert_int_equal(flowd_batch_append(b), 1);
	assert_int_equal(flowd_batch_append(b), FLOWD_ERANGE);
	assert_int_equal(flowd_batch_set_uint(b, FLOWD_COL_src_port, 0, 65536),
	    FLOWD_ERANGE);
	assert_int_equal(flowd_batch_set_uint(b, FLOWD_COL_src_port, 2, 1),
	    FLOWD_EINVAL);
	assert_int_equal(flowd_batch_set_uint(b, FLOWD_COL_octets, 0, 1),
	    FLOWD_EINVAL);
	assert_int_equal(flowd_batch_set_uint(b, FLOWD_COL_src_addr, 0, 1),
	    FLOWD_EINVAL);
	assert_int_equal(flowd_batch_set_uint(b, 10000, 0, 1), FLOWD_EINVAL);
	assert_int_equal(flowd_batch_set_addr(b, FLOWD_COL_src_addr, 0, &odd),
	    FLOWD_EINVAL);
	assert_int_equal(
	    flowd_batch_set_octets(b, FLOWD_COL_other, 0, "abc", 3),
	    FLOWD_EINVAL);
	assert_null(flowd_batch_new("src_prot", 0, NULL));
	assert_null(flowd_batch_new(NULL, FLOWD_BATCH_MAX + 1, NULL));
	flowd_batch_free(b);
}

static void
references_keep_a_batch(void **state)
{
	struct flowd_batch *b = batch_of("octets", 10);
	const struct flowd_batch *other;

	(void)state;
	assert_int_equal(flowd_batch_append(b), 0);
	assert_int_equal(flowd_batch_set_uint(b, FLOWD_COL_octets, 0, 7), 0);
	other = flowd_batch_ref(b);
	/* Nothing changes under somebody else. */
	assert_int_equal(flowd_batch_clear(b), FLOWD_EINVAL);
	assert_int_equal(flowd_batch_append(b), FLOWD_EINVAL);
	assert_int_equal(
	    flowd_batch_set_uint(b, FLOWD_COL_octets, 0, 8), FLOWD_EINVAL);
	/* And everybody sees what there is. */
	assert_int_equal(flowd_batch_uint(b, FLOWD_COL_octets, 0), 7);
	assert_true(flowd_batch_has(other, FLOWD_COL_octets, 0));
	flowd_batch_free(other);
	assert_int_equal(flowd_batch_uint(b, FLOWD_COL_octets, 0), 7);
	assert_int_equal(flowd_batch_clear(b), 0);
	assert_int_equal(flowd_batch_rows(b), 0);
	assert_int_equal(flowd_batch_append(b), 0);
	assert_false(flowd_batch_has(b, FLOWD_COL_octets, 0));
	/* The last reference may be any. */
	other = flowd_batch_ref(b);
	flowd_batch_free(b);
	assert_int_equal(flowd_batch_rows(other), 1);
	flowd_batch_free(other);
	flowd_batch_free(NULL);
}

static void
arrays_have_zeros_where_there_is_nothing(void **state)
{
	struct flowd_batch *b = batch_of("octets,src_addr,tag", 0);
	struct flowd_addr v4, v6;
	struct flowd_vector v;
	uint8_t out[3][16];
	size_t n;

	(void)state;
	assert_int_equal(flowd_addr_parse("192.0.2.1", &v4), 0);
	assert_int_equal(flowd_addr_parse("2001:db8::1", &v6), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(flowd_batch_append(b), i);
	assert_int_equal(flowd_batch_set_uint(b, FLOWD_COL_octets, 1, 9), 0);
	assert_int_equal(
	    flowd_batch_set_addr(b, FLOWD_COL_src_addr, 0, &v4), 0);
	assert_int_equal(
	    flowd_batch_set_addr(b, FLOWD_COL_src_addr, 1, &v6), 0);
	assert_int_equal(flowd_batch_columns(b, &n)[1], FLOWD_COL_src_addr);
	assert_int_equal(n, 3);

	assert_int_equal(flowd_batch_vector(b, FLOWD_COL_octets, &v), 0);
	assert_int_equal(v.type, FLOWD_TYPE_U64);
	assert_int_equal(v.nrows, 3);
	assert_int_equal(v.nvalid, 1);
	assert_int_equal(v.valid[0], 2);
	assert_int_equal(v.u64[0], 0);
	assert_int_equal(v.u64[1], 9);
	assert_int_equal((uintptr_t)v.values % 64, 0);

	assert_int_equal(flowd_batch_vector(b, FLOWD_COL_src_addr, &v), 0);
	assert_int_equal(v.nvalid, 2);
	assert_int_equal(v.nv6, 1);
	assert_int_equal(v.u32[0], 0xc0000201);
	assert_int_equal(v.u32[1], 0);
	assert_int_equal(v.is6[0], 2);
	assert_true(v.v6[1].hi == UINT64_C(0x20010db800000000));

	assert_int_equal(flowd_batch_addr16(b, FLOWD_COL_src_addr, out), 0);
	assert_memory_equal(out[1], v6.octets, 16);
	assert_memory_equal(out[0] + 12, v4.octets, 4);
	assert_int_equal(out[0][11], 0xff);
	assert_int_equal(out[2][15], 0);
	assert_int_equal(flowd_batch_addr16(b, FLOWD_COL_octets, out),
	    FLOWD_EINVAL);
	assert_int_equal(flowd_batch_vector(b, FLOWD_COL_packets, &v),
	    FLOWD_EINVAL);
	flowd_batch_free(b);
}

static void
elements_are_taken_to_pieces(void **state)
{
	/* Element 33 of IANA, and one of an enterprise. */
	static const uint8_t octets[] = { 0, 0, 0, 0, 0, 210, 0, 2, 0xab, 0xcd,
		0, 0, 0x1a, 0xd7, 0, 40, 0, 1, 7 };
	struct flowd_batch *b = batch_of("other", 1);
	struct flowd_element e;
	const uint8_t *p;
	size_t len;

	(void)state;
	assert_int_equal(flowd_batch_append(b), 0);
	assert_int_equal(flowd_batch_set_octets(
			     b, FLOWD_COL_other, 0, octets, sizeof(octets)),
	    0);
	p = flowd_batch_octets(b, FLOWD_COL_other, 0, &len);
	assert_int_equal(len, sizeof(octets));
	assert_int_equal(flowd_element_next(&p, &len, &e), 1);
	assert_int_equal(e.id, 210);
	assert_string_equal(e.name, "paddingOctets");
	assert_int_equal(e.length, 2);
	assert_int_equal(e.value[1], 0xcd);
	assert_int_equal(flowd_element_next(&p, &len, &e), 1);
	assert_int_equal(e.pen, 6871);
	assert_int_equal(e.id, 40);
	assert_int_equal(flowd_element_next(&p, &len, &e), 0);
	len = 3;
	p = octets;
	assert_int_equal(flowd_element_next(&p, &len, &e), FLOWD_EFORMAT);
	flowd_batch_free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_what_was_set),
		cmocka_unit_test(what_cannot_be_set_is_refused),
		cmocka_unit_test(references_keep_a_batch),
		cmocka_unit_test(arrays_have_zeros_where_there_is_nothing),
		cmocka_unit_test(elements_are_taken_to_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
