/* Tests of lib/capture/reassembly.c. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "packets.h"
#include "reassembly.h"

#define SECOND INT64_C(1000000000)

static struct capture_counters counters;
static struct reassembly *r;
static struct packet pattern;

static int
setup(void **state)
{
	(void)state;
	memset(&counters, 0, sizeof(counters));
	pattern.len = 0;
	put_pattern(&pattern, 0, 65535);
	r = reassembly_new(&counters);
	return r != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	reassembly_free(r);
	return 0;
}

static struct ip_packet
fragment_of(uint32_t id, uint32_t offset, size_t len, bool more)
{
	return (struct ip_packet) {
		.src = addr_from_v4(1),
		.dst = addr_from_v4(2),
		.protocol = UDP,
		.payload = { pattern.octet + offset, len },
		.fragment = true,
		.more = more,
		.id = id,
		.offset = offset,
	};
}

static enum packet_fate
fragment_add(uint32_t id, uint32_t offset, size_t len, bool more)
{
	struct ip_packet p = fragment_of(id, offset, len, more);

	return reassembly_add(r, &p, 0);
}

static void
assert_completes(uint32_t id, uint32_t offset, size_t len, bool more,
    size_t want_len)
{
	struct ip_packet p = fragment_of(id, offset, len, more);

	assert_int_equal(reassembly_add(r, &p, 0), PACKET_GOOD);
	assert_int_equal(p.payload.len, want_len);
	assert_memory_equal(p.payload.ptr, pattern.octet, want_len);
}

static void
reassembly_refuses_a_fragment_without_octets(void **state)
{
	(void)state;
	assert_int_equal(fragment_add(1, 0, 0, true), PACKET_DAMAGED);
	assert_int_equal(fragment_add(1, 8, 0, false), PACKET_DAMAGED);
	reassembly_finish(r);
	assert_int_equal(counters.incomplete, 0);
}

static void
reassembly_refuses_a_middle_fragment_of_odd_length(void **state)
{
	(void)state;
	for (size_t len = 1; len < 8; len++)
		assert_int_equal(fragment_add(1, 0, len, true), PACKET_DAMAGED);
	assert_int_equal(fragment_add(1, 0, 8, true), PACKET_HELD);
}

static void
reassembly_refuses_a_packet_past_65535_octets(void **state)
{
	struct ip_packet p = fragment_of(1, 0, 8, false);

	(void)state;
	p.offset = 65528;
	assert_int_equal(reassembly_add(r, &p, 0), PACKET_DAMAGED);
	p.payload.len = 7;
	assert_int_equal(reassembly_add(r, &p, 0), PACKET_HELD);
	p = fragment_of(1, 0, 65528, true);
	assert_int_equal(reassembly_add(r, &p, 0), PACKET_GOOD);
	assert_int_equal(p.payload.len, 65535);
}

/* A packet that is refused stays so, and each of its fragments counts. */
static void
assert_refused(uint64_t fragments)
{
	assert_int_equal(counters.incomplete, fragments);
	assert_int_equal(fragment_add(1, 40, 8, false), PACKET_HELD);
	assert_int_equal(counters.incomplete, fragments + 1);
	assert_int_equal(counters.fragments, 0);
	reassembly_finish(r);
	assert_int_equal(counters.incomplete, fragments + 1);
}

static void
reassembly_refuses_overlap_in_front(void **state)
{
	(void)state;
	assert_int_equal(fragment_add(1, 8, 16, true), PACKET_HELD);
	assert_int_equal(fragment_add(1, 0, 16, true), PACKET_HELD);
	assert_refused(2);
}

static void
reassembly_refuses_overlap_behind(void **state)
{
	(void)state;
	assert_int_equal(fragment_add(1, 0, 24, true), PACKET_HELD);
	assert_int_equal(fragment_add(1, 16, 16, true), PACKET_HELD);
	assert_refused(2);
}

static void
reassembly_refuses_a_duplicate_that_differs(void **state)
{
	struct ip_packet p = fragment_of(1, 0, 16, true);

	(void)state;
	assert_int_equal(fragment_add(1, 0, 16, true), PACKET_HELD);
	p.payload.ptr++;
	assert_int_equal(reassembly_add(r, &p, 0), PACKET_HELD);
	assert_refused(2);
}

static void
reassembly_refuses_two_ends(void **state)
{
	(void)state;
	assert_int_equal(fragment_add(1, 24, 8, false), PACKET_HELD);
	assert_int_equal(fragment_add(1, 32, 8, false), PACKET_HELD);
	assert_refused(2);
}

static void
reassembly_refuses_an_end_before_what_is_there(void **state)
{
	(void)state;
	assert_int_equal(fragment_add(1, 24, 8, true), PACKET_HELD);
	assert_int_equal(fragment_add(1, 8, 8, false), PACKET_HELD);
	assert_refused(2);
}

static void
reassembly_refuses_octets_past_the_end(void **state)
{
	(void)state;
	assert_int_equal(fragment_add(1, 8, 8, false), PACKET_HELD);
	assert_int_equal(fragment_add(1, 16, 8, true), PACKET_HELD);
	assert_refused(2);
}

static void
reassembly_takes_any_order_and_duplicates(void **state)
{
	(void)state;
	assert_int_equal(fragment_add(1, 16, 5, false), PACKET_HELD);
	assert_int_equal(fragment_add(1, 0, 8, true), PACKET_HELD);
	assert_int_equal(fragment_add(1, 0, 8, true), PACKET_HELD);
	assert_int_equal(fragment_add(1, 16, 5, false), PACKET_HELD);
	assert_completes(1, 8, 8, true, 21);
	assert_int_equal(counters.fragments, 4);
	assert_int_equal(counters.incomplete, 0);
}

static void
reassembly_keeps_packets_apart(void **state)
{
	struct ip_packet p;

	(void)state;
	assert_int_equal(fragment_add(1, 0, 8, true), PACKET_HELD);
	assert_int_equal(fragment_add(2, 0, 16, true), PACKET_HELD);
	p = fragment_of(1, 8, 8, false);
	p.src.v4 = 9;
	assert_int_equal(reassembly_add(r, &p, 0), PACKET_HELD);
	p = fragment_of(1, 8, 8, false);
	p.dst.v4 = 9;
	assert_int_equal(reassembly_add(r, &p, 0), PACKET_HELD);
	assert_completes(2, 16, 8, false, 24);
	assert_completes(1, 8, 8, false, 16);
	reassembly_finish(r);
	assert_int_equal(counters.incomplete, 2);
}

static void
reassembly_takes_the_protocol_of_the_first_fragment(void **state)
{
	struct ip_packet p = fragment_of(1, 8, 8, false);

	(void)state;
	p.protocol = TCP;
	assert_int_equal(reassembly_add(r, &p, 0), PACKET_HELD);
	p = fragment_of(1, 0, 8, true);
	assert_int_equal(reassembly_add(r, &p, 0), PACKET_GOOD);
	assert_int_equal(p.protocol, UDP);
	p = fragment_of(2, 0, 8, true);
	assert_int_equal(reassembly_add(r, &p, 0), PACKET_HELD);
	p = fragment_of(2, 8, 8, false);
	p.protocol = TCP;
	assert_int_equal(reassembly_add(r, &p, 0), PACKET_GOOD);
	assert_int_equal(p.protocol, UDP);
}

static void
reassembly_forgets_what_is_too_old(void **state)
{
	struct ip_packet p = fragment_of(1, 0, 8, true);

	(void)state;
	assert_int_equal(reassembly_add(r, &p, 100 * SECOND), PACKET_HELD);
	p = fragment_of(1, 8, 8, false);
	assert_int_equal(reassembly_add(r, &p, 131 * SECOND), PACKET_HELD);
	assert_int_equal(counters.incomplete, 1);
	p = fragment_of(1, 0, 8, true);
	assert_int_equal(reassembly_add(r, &p, 161 * SECOND), PACKET_GOOD);
	/* A clock that was set back ages as well. */
	p = fragment_of(2, 0, 8, true);
	assert_int_equal(reassembly_add(r, &p, 161 * SECOND), PACKET_HELD);
	p = fragment_of(2, 8, 8, false);
	assert_int_equal(reassembly_add(r, &p, 100 * SECOND), PACKET_HELD);
	assert_int_equal(counters.incomplete, 2);
}

static void
reassembly_keeps_a_bounded_number_of_packets(void **state)
{
	(void)state;
	for (uint32_t id = 0; id < 3 * REASSEMBLY_MAX; id++)
		assert_int_equal(fragment_add(id, 0, 8, true), PACKET_HELD);
	assert_int_equal(counters.incomplete, 2 * REASSEMBLY_MAX);
	/* The youngest are there, the oldest are not. */
	for (uint32_t id = 2 * REASSEMBLY_MAX; id < 3 * REASSEMBLY_MAX; id++)
		assert_completes(id, 8, 8, false, 16);
	assert_int_equal(fragment_add(0, 8, 8, false), PACKET_HELD);
	assert_int_equal(counters.fragments, REASSEMBLY_MAX);
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(reassembly_refuses_a_fragment_without_octets),
		T(reassembly_refuses_a_middle_fragment_of_odd_length),
		T(reassembly_refuses_a_packet_past_65535_octets),
		T(reassembly_refuses_overlap_in_front),
		T(reassembly_refuses_overlap_behind),
		T(reassembly_refuses_a_duplicate_that_differs),
		T(reassembly_refuses_two_ends),
		T(reassembly_refuses_an_end_before_what_is_there),
		T(reassembly_refuses_octets_past_the_end),
		T(reassembly_takes_any_order_and_duplicates),
		T(reassembly_keeps_packets_apart),
		T(reassembly_takes_the_protocol_of_the_first_fragment),
		T(reassembly_forgets_what_is_too_old),
		T(reassembly_keeps_a_bounded_number_of_packets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
