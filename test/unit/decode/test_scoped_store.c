/*
 * Values that streams state for scopes: which one applies to a flow, and
 * limits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../batch_fixture.h"
#include "exporters_fixture.h"
#include "scoped_store.h"

enum {
	SELECTOR = 302,
	TEMPLATE = 145,
	INTERFACE = 10
};

static int
scoped_end(void **unused)
{
	assert_int_equal(all.scoped.count, all.pool[POOL_SAMPLERS].amount);
	return exporters_end(unused);
}

static struct stream *
stream_of(uint16_t version, uint32_t v4, uint32_t domain, uint16_t port)
{
	struct message m = message_of(version, domain, 77);

	return stream_get(&all, exporter_at(v4), &m,
	    (struct bytes) { NULL, 0 }, port);
}

static struct stream *
stream_at(uint32_t domain, uint16_t port)
{
	return stream_of(9, 1, domain, port);
}

static void
state_all(struct stream *s, uint32_t interval)
{
	const struct scope scope = { 0 };

	scoped_set(&all, s, SCOPED_RATE, &scope, interval, now_ns);
}

static void
stream_state(struct stream *s, uint16_t id, uint64_t value, uint32_t interval)
{
	struct scope scope = { 0 };

	scope_add(&scope, 0, id, value);
	scoped_set(&all, s, SCOPED_RATE, &scope, interval, now_ns);
}

/* The interval for a flow with this sampler; -1: none. */
static int64_t
rate_of(const struct stream *s, int64_t sampler, uint16_t template_id)
{
	const struct scope_flows flows = { .batch = batch, .n = 1,
		.domain = s->domain, .template_id = template_id };
	struct scoped_value *found[SCOPE_ROWS];

	batch_reset(batch);
	(void)batch_append(batch, 1);
	batch_set_uint(batch, COL_if_in, 0, 5);
	if (sampler >= 0)
		batch_set_uint(batch, COL_sampler_id, 0, (uint64_t)sampler);
	scoped_find(&all, s, SCOPED_RATE, &flows, found);
	return found[0] != NULL ? (int64_t)found[0]->value : -1;
}

static void
stated_of_its_own_stream_comes_first(void **unused)
{
	(void)unused;
	exporters_begin(NULL);
	assert_int_equal(rate_of(stream_at(1, 1), -1, 256), -1);
	state_all(stream_at(1, 1), 100);
	state_all(stream_at(2, 1), 200);
	assert_int_equal(rate_of(stream_at(1, 1), -1, 256), 100);
	assert_int_equal(rate_of(stream_at(2, 1), -1, 256), 200);
}

static void
stated_of_other_streams_holds_when_they_agree(void **unused)
{
	(void)unused;
	exporters_begin(NULL);
	stream_state(stream_at(6, 1), SELECTOR, 1, 100);
	assert_int_equal(rate_of(stream_at(256, 1), 1, 256), 100);
	assert_int_equal(rate_of(stream_at(256, 1), 2, 256), -1);
	/* Another version or exporter. */
	assert_int_equal(rate_of(stream_of(10, 1, 6, 1), 1, 256), -1);
	assert_int_equal(rate_of(stream_of(9, 2, 6, 1), 1, 256), -1);
	stream_state(stream_at(7, 1), SELECTOR, 1, 200);
	assert_int_equal(rate_of(stream_at(256, 1), 1, 256), -1);
	stream_state(stream_at(7, 1), SELECTOR, 1, 100);
	assert_int_equal(rate_of(stream_at(256, 1), 1, 256), 100);
	/* Another port of the same domain has priority over other domains. */
	stream_state(stream_at(256, 9), SELECTOR, 1, 300);
	assert_int_equal(rate_of(stream_at(256, 1), 1, 256), 300);
	stream_state(stream_at(256, 8), SELECTOR, 1, 400);
	assert_int_equal(rate_of(stream_at(256, 1), 1, 256), -1);
	stream_remove(&all, stream_at(256, 9));
	assert_int_equal(rate_of(stream_at(256, 1), 1, 256), 400);
	stream_remove(&all, stream_at(256, 8));
	assert_int_equal(rate_of(stream_at(256, 1), 1, 256), 100);
}

/* A stream with flows may be another exporter behind the address. */
static void
stated_where_flows_come_is_not_for_other_ports(void **unused)
{
	struct stream *talks, *quiet;

	(void)unused;
	exporters_begin(NULL);
	talks = stream_at(6, 1);
	quiet = stream_at(6, 2);
	state_all(talks, 100);
	assert_int_equal(rate_of(stream_at(6, 3), -1, 256), 100);
	talks->has_flows = true;
	scoped_stop_sharing(&all, talks);
	assert_int_equal(rate_of(talks, -1, 256), 100);
	assert_int_equal(rate_of(stream_at(6, 3), -1, 256), -1);
	/* But its value applies to other domains. */
	assert_int_equal(rate_of(stream_at(7, 1), -1, 256), 100);
	assert_int_equal(rate_of(stream_at(7, 3), -1, 256), 100);
	state_all(talks, 300);
	assert_int_equal(rate_of(stream_at(7, 3), -1, 256), 300);
	assert_int_equal(rate_of(stream_at(6, 3), -1, 256), -1);
	state_all(quiet, 200);
	assert_int_equal(rate_of(stream_at(6, 3), -1, 256), 200);
	assert_int_equal(rate_of(stream_at(7, 3), -1, 256), -1);
	assert_int_equal(rate_of(talks, -1, 256), 300);
	/* First stated after flows arrived. */
	stream_state(talks, SELECTOR, 1, 5);
	assert_int_equal(rate_of(stream_at(7, 3), 1, 256), 5);
	assert_int_equal(rate_of(stream_at(6, 3), 1, 256), 200);
	stream_remove(&all, talks);
	assert_int_equal(rate_of(stream_at(7, 3), 1, 256), 200);
}

static void
stated_among_many_ports_is_looked_for_within_bounds(void **unused)
{
	(void)unused;
	exporters_begin(NULL);
	state_all(stream_at(7, 1), 100);
	for (uint16_t port = 2; port < 200; port++) {
		struct stream *s = stream_at(6, port);

		s->has_flows = true;
		state_all(s, 100);
	}
	/* Finding domain 7 would take too long. */
	assert_int_equal(rate_of(stream_at(6, 1), -1, 256), -1);
	assert_int_equal(rate_of(stream_at(8, 1), -1, 256), 100);
}

static void
stated_of_the_narrower_scope_comes_first(void **unused)
{
	struct stream *s;

	(void)unused;
	exporters_begin(NULL);
	s = stream_at(1, 1);
	state_all(s, 1);
	assert_int_equal(rate_of(s, 1, 256), 1);
	stream_state(s, TEMPLATE, 256, 2);
	assert_int_equal(rate_of(s, 1, 256), 2);
	assert_int_equal(rate_of(s, 1, 257), 1);
	stream_state(s, INTERFACE, 5, 3);
	assert_int_equal(rate_of(s, 1, 256), 3);
	stream_state(s, SELECTOR, 1, 4);
	assert_int_equal(rate_of(s, 1, 256), 4);
	assert_int_equal(rate_of(s, 2, 256), 3);
	/* Off means off, whatever a less specific scope says. */
	stream_state(s, SELECTOR, 1, 0);
	assert_int_equal(rate_of(s, 1, 256), 0);
}

static void
stated_of_a_template_holds_in_its_domain(void **unused)
{
	(void)unused;
	exporters_begin(NULL);
	stream_state(stream_at(1, 1), TEMPLATE, 256, 100);
	assert_int_equal(rate_of(stream_at(1, 2), -1, 256), 100);
	assert_int_equal(rate_of(stream_at(2, 1), -1, 256), -1);
}

static void
stated_of_all_are_bounded_and_shared(void **unused)
{
	struct stream *a, *b;

	(void)unused;
	exporters_begin(&(struct decoder_limits) { .samplers = 100,
	    .stream_samplers = 80 });
	a = stream_of(9, 1, 0, 1);
	b = stream_of(9, 2, 0, 1);
	for (uint32_t id = 0; id < 90; id++)
		stream_state(a, SELECTOR, id, 10);
	assert_int_equal(a->nscoped, 80);
	assert_int_equal(a->counters.refused_samplers, 10);
	for (uint32_t id = 0; id < 30; id++)
		stream_state(b, SELECTOR, id, 10);
	assert_int_equal(b->nscoped, 30);
	assert_int_equal(a->counters.evicted_samplers, 80);
	assert_int_equal(a->exporter->types[SCOPED_RATE].n, 0);
	assert_int_equal(all.pool[POOL_SAMPLERS].amount, 30);
	assert_int_equal(rate_of(a, 3, 256), -1);
}

static void
stated_long_ago_gives_way(void **unused)
{
	struct stream *s;

	(void)unused;
	exporters_begin(&(struct decoder_limits) { .stream_samplers = 4,
	    .idle_ms = 1000 });
	s = stream_at(0, 1);
	for (uint32_t id = 0; id < 4; id++)
		stream_state(s, SELECTOR, id, 10);
	now_ns += INT64_C(2000000000);
	stream_state(s, SELECTOR, 0, 10);
	for (uint32_t id = 10; id < 15; id++)
		stream_state(s, SELECTOR, id, 20);
	assert_int_equal(s->nscoped, 4);
	assert_int_equal(s->counters.evicted_samplers, 3);
	assert_int_equal(s->counters.refused_samplers, 2);
	assert_int_equal(rate_of(s, 0, 256), 10);
	assert_int_equal(rate_of(s, 1, 256), -1);
	assert_int_equal(rate_of(s, 12, 256), 20);
}

static void
stated_in_too_many_forms_is_refused(void **unused)
{
	struct stream *s;

	(void)unused;
	exporters_begin(NULL);
	s = stream_at(0, 1);
	for (uint16_t id = 500; id < 520; id++)
		stream_state(s, id, 1, 10);
	assert_int_equal(s->exporter->types[SCOPED_RATE].n, SCOPE_TYPES_MAX);
	assert_int_equal(s->counters.refused_samplers, 20 - SCOPE_TYPES_MAX);
	assert_int_equal(s->nscoped, SCOPE_TYPES_MAX);
}

/* A cached lookup must equal a new one. */
static void
stated_is_the_same_however_it_comes(void **unused)
{
	enum { STREAMS = 6, SAMPLERS = 40 };
	uint32_t said[STREAMS][SAMPLERS] = { { 0 } };
	uint32_t seed = 1;

	(void)unused;
	exporters_begin(NULL);
	for (int i = 0; i < 20000; i++) {
		uint32_t who, id, rate;

		seed = seed * 1664525 + 1013904223;
		who = (seed >> 8) % STREAMS;
		id = (seed >> 12) % SAMPLERS;
		rate = 1 + (seed >> 20) % 3;
		if (seed >> 28 == 0) {
			stream_remove(&all, stream_at(who / 2, (uint16_t)who));
			for (int k = 0; k < SAMPLERS; k++)
				said[who][k] = 0;
		} else if (seed >> 28 < 6) {
			stream_state(stream_at(who / 2, (uint16_t)who),
			    SELECTOR, id, rate);
			said[who][id] = rate;
		}
		if (said[who][id] != 0)
			rate = said[who][id];
		else if (said[who ^ 1][id] != 0)
			rate = said[who ^ 1][id];
		else
			for (int k = rate = 0; k < STREAMS; k++)
				if (said[k][id] != 0)
					rate = rate == 0 || rate == said[k][id]
					    ? said[k][id]
					    : UINT32_MAX;
		assert_int_equal(rate_of(stream_at(who / 2, (uint16_t)who), id,
				     256),
		    rate == 0 || rate == UINT32_MAX ? -1 : (int64_t)rate);
	}
}

#define TEST(name) cmocka_unit_test_teardown(name, scoped_end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(stated_of_its_own_stream_comes_first),
		TEST(stated_of_other_streams_holds_when_they_agree),
		TEST(stated_where_flows_come_is_not_for_other_ports),
		TEST(stated_among_many_ports_is_looked_for_within_bounds),
		TEST(stated_of_the_narrower_scope_comes_first),
		TEST(stated_of_a_template_holds_in_its_domain),
		TEST(stated_of_all_are_bounded_and_shared),
		TEST(stated_long_ago_gives_way),
		TEST(stated_in_too_many_forms_is_refused),
		TEST(stated_is_the_same_however_it_comes),
	};

	return cmocka_run_group_tests(tests, batch_setup,
	    batch_teardown);
}
