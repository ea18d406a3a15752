/* Port changes: lib/decode/exporter/port_change.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "exporters_fixture.h"
#include "port_change.h"

/* A stream of one datagram that expects this number next. */
static struct stream *
stream_expecting(uint16_t port, uint32_t number)
{
	struct stream *s = exporter_stream(exporter_at(1), 0, port);

	s->has_expected = true;
	s->expected = number;
	return s;
}

static struct port_change
change_find(uint32_t sequence)
{
	const struct message m = message_of(9, 0, sequence);
	struct port_change change;

	port_change_find(&change, exporter_at(1), &m);
	return change;
}

static void
chain_ends_at_a_stream_that_sent_again(void **unused)
{
	struct stream *a, *b, *c;

	(void)unused;
	exporters_begin(NULL);
	a = stream_expecting(1, 0);
	b = stream_expecting(2, 0);
	c = stream_expecting(3, 0);
	chain_append(a, b);
	chain_append(b, c);
	assert_ptr_equal(chain_before(c), b);
	assert_ptr_equal(chain_before(b), a);
	assert_null(chain_before(a));
	a->ndatagrams = 2;
	assert_null(chain_before(b));
	chain_remove(b);
	assert_null(chain_before(c));
	assert_null(a->after);
	assert_null(b->before);
	assert_null(b->after);
}

static void
port_with_the_expected_number_is_the_next_link(void **unused)
{
	(void)unused;
	exporters_begin(NULL);
	(void)stream_expecting(4000, 100);
	assert_null(change_find(100).stream);
	assert_int_equal(change_find(100).before_port, 4000);
	assert_int_equal(change_find(101).before_port, -1);
	/* Two that expect it: it may be either. */
	(void)stream_expecting(4001, 100);
	assert_int_equal(change_find(100).before_port, -1);
	assert_null(change_find(100).stream);
}

static void
chain_that_is_long_moves_to_the_new_port(void **unused)
{
	struct stream *link[4];

	(void)unused;
	exporters_begin(NULL);
	for (uint16_t i = 0; i < 4; i++) {
		link[i] = stream_expecting((uint16_t)(1000 + i), 101u + i);
		if (i > 0)
			chain_append(link[i - 1], link[i]);
	}
	assert_ptr_equal(change_find(104).stream, link[3]);
	/* Another exporter with one datagram: a longer chain is required. */
	(void)stream_expecting(2000, 900000);
	assert_null(change_find(104).stream);
	assert_int_equal(change_find(104).before_port, 1003);
}

static void
ports_are_random_if_none_of_many_is_used_twice(void **unused)
{
	(void)unused;
	exporters_begin(NULL);
	for (uint16_t i = 0; i < 15; i++)
		(void)stream_expecting((uint16_t)(1000 + i), i);
	assert_false(exporter_ports_are_random(exporter_at(1)));
	(void)stream_expecting(1015, 0);
	assert_true(exporter_ports_are_random(exporter_at(1)));
	exporter_stream(exporter_at(1), 0, 1007)->ndatagrams = 2;
	assert_false(exporter_ports_are_random(exporter_at(1)));
}

static void
stream_continues_one_that_has_stopped(void **unused)
{
	struct stream *old, *new;

	(void)unused;
	exporters_begin(NULL);
	old = stream_expecting(1000, 500);
	old->ndatagrams = 100;
	old->longest_gap_ns = 60 * second_ns;
	now_ns = 600 * second_ns;
	new = stream_expecting(1001, 0);
	new->first_sequence = 500;
	new->ndatagrams = 4;
	assert_true(stream_continues(new, old));
	/* Its longest silence was not much shorter. */
	old->longest_gap_ns = 300 * second_ns;
	assert_false(stream_continues(new, old));
	old->longest_gap_ns = 60 * second_ns;
	/* The number is not the one that follows. */
	new->first_sequence = 499;
	assert_false(stream_continues(new, old));
}

#define TEST(name) cmocka_unit_test_teardown(name, exporters_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(chain_ends_at_a_stream_that_sent_again),
		TEST(port_with_the_expected_number_is_the_next_link),
		TEST(chain_that_is_long_moves_to_the_new_port),
		TEST(ports_are_random_if_none_of_many_is_used_twice),
		TEST(stream_continues_one_that_has_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
