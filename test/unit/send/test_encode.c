/*
 * Tests of send/encode.c and layout.c: what is encoded is decoded again, and
 * every column that can be said must come back.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "decode.h"
#include "encode.h"

enum {
	ROWS = 256
};

#define SECOND INT64_C(1000000000)
#define MS INT64_C(1000000)

static const int64_t t0 = INT64_C(1700000000) * SECOND;
static const unsigned versions[] = { 5, 9, 10 };

static struct batch *in, *out;
static struct encoder *enc;
static struct decoder *dec;

static int
setup(void **state)
{
	(void)state;
	in = batch_new(ROWS);
	out = batch_new(ROWS);
	enc = NULL;
	dec = decoder_new(NULL, 1);
	return in != NULL && out != NULL && dec != NULL ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	batch_free(in);
	batch_free(out);
	encoder_free(enc);
	decoder_free(dec);
	return 0;
}

static void
encode_begin(unsigned version, unsigned records)
{
	const struct encode_options options = { .version = version,
		.records = records,
		.refresh = 100,
		.domain = 7 };

	encoder_free(enc);
	enc = encoder_new(&options);
	assert_non_null(enc);
	decoder_free(dec);
	dec = decoder_new(NULL, 1);
	assert_non_null(dec);
	batch_reset(in);
	batch_reset(out);
}

/* A row with what NetFlow 5 can hold, of values that follow from n. */
static size_t
add_row(unsigned n)
{
	size_t row = batch_append(in, 1);
	struct addr a = addr_from_v4(0x0a000000 + n);

	batch_set_addr(in, COL_src_addr, row, &a);
	a.v4 += 0x01000000;
	batch_set_addr(in, COL_dst_addr, row, &a);
	a.v4 += 0x01000000;
	batch_set_addr(in, COL_next_hop, row, &a);
	batch_set_uint(in, COL_src_port, row, 1000 + n);
	batch_set_uint(in, COL_dst_port, row, 2000 + n);
	batch_set_uint(in, COL_protocol, row, 6);
	batch_set_uint(in, COL_tcp_flags, row, 0x1b);
	batch_set_uint(in, COL_tos, row, 0xb8);
	batch_set_uint(in, COL_packets, row, UINT32_MAX - n);
	batch_set_uint(in, COL_octets, row, UINT32_MAX - 2 * n);
	batch_set_uint(in, COL_if_in, row, 65535 - n);
	batch_set_uint(in, COL_if_out, row, 3 + n);
	batch_set_uint(in, COL_src_as, row, 65535 - n);
	batch_set_uint(in, COL_dst_as, row, 64512);
	batch_set_uint(in, COL_src_mask, row, 24);
	batch_set_uint(in, COL_dst_mask, row, 16);
	batch_set_uint(in, COL_flow_start, row,
	    (uint64_t)(t0 - (100000 + n) * MS));
	batch_set_uint(in, COL_flow_end, row, (uint64_t)(t0 - (1 + n) * MS));
	batch_set_uint(in, COL_agent_time, row, (uint64_t)t0);
	return row;
}

static void
set_v6(size_t row, unsigned col, uint64_t lo)
{
	struct addr a = addr_from_v6((struct addr6) { 0x20010db8, lo });

	batch_set_addr(in, col, row, &a);
}

/* Hand a datagram to the decoder; its rows are appended to out. */
static void
payload_decode(struct bytes payload)
{
	struct datagram d = { .payload = payload,
		.src = addr_from_v4(1),
		.port = 2055,
		.recv_ns = t0 };

	decoder_begin(dec, &d);
	while (decoder_next(dec, out))
		fail_msg("more rows than were encoded");
}

/* Encode all rows of in and decode them. Returns the number of datagrams. */
static unsigned
send_rows(void)
{
	size_t row = 0;
	unsigned n = 0;
	bool more;

	do {
		struct encoded e;

		more = encoder_add(enc, in, &row);
		e = encoder_finish(enc);
		if (e.payload.len == 0)
			continue;
		n++;
		payload_decode(e.payload);
	} while (more);
	return n;
}

static void
assert_nothing_wrong(void)
{
	struct decoder_totals t;

	decoder_totals(dec, &t);
	assert_int_equal(t.counters.lost, 0);
	assert_int_equal(t.counters.late, 0);
	assert_int_equal(t.counters.repeated, 0);
	assert_int_equal(t.counters.restarts, 0);
	assert_int_equal(t.counters.no_template, 0);
	for (unsigned i = 0; i < MALFORMED_COUNT; i++)
		assert_int_equal(t.counters.malformed[i], 0);
}

static void
assert_value_equal(unsigned col, size_t row, size_t out_row)
{
	struct addr a, b;

	if (!batch_has(out, col, out_row))
		fail_msg("row %zu lost %s", row, column_info[col].name);
	if (column_info[col].type == COLUMN_ADDR) {
		a = batch_addr(in, col, row);
		b = batch_addr(out, col, out_row);
		if (!addr_equal(&a, &b))
			fail_msg("row %zu: %s", row, column_info[col].name);
	} else if (batch_uint(in, col, row) != batch_uint(out, col, out_row)) {
		fail_msg("row %zu: %s is %llu, was %llu", row,
		    column_info[col].name,
		    (unsigned long long)batch_uint(out, col, out_row),
		    (unsigned long long)batch_uint(in, col, row));
	}
}

static void
assert_rows_equal(void)
{
	assert_int_equal(out->nrows, in->nrows);
	for (size_t row = 0; row < in->nrows; row++)
		for (unsigned col = 0; col < COL_COUNT; col++)
			if (batch_has(in, col, row))
				assert_value_equal(col, row, row);
	assert_nothing_wrong();
}

static void
encode_of_nothing_is_nothing(void **state)
{
	size_t row = 0;

	(void)state;
	for (size_t v = 0; v < 3; v++) {
		encode_begin(versions[v], 0);
		assert_false(encoder_add(enc, in, &row));
		assert_int_equal(encoder_finish(enc).payload.len, 0);
		assert_int_equal(encoder_finish(enc).payload.len, 0);
	}
}

static void
encode_leaves_out_a_row_without_any_field(void **state)
{
	(void)state;
	for (size_t v = 1; v < 3; v++) {
		encode_begin(versions[v], 0);
		add_row(1);
		batch_set_uint(in, COL_tag, batch_append(in, 1), 5);
		add_row(2);
		assert_int_equal(send_rows(), 1);
		assert_int_equal(out->nrows, 2);
		assert_int_equal(encoder_left_out(enc), 1);
		assert_nothing_wrong();
	}
}

static void
encode_brings_every_value_back(void **state)
{
	(void)state;
	for (size_t v = 0; v < 3; v++) {
		encode_begin(versions[v], 0);
		for (unsigned n = 0; n < ROWS; n++)
			add_row(n);
		assert_true(send_rows() > 5);
		assert_rows_equal();
	}
}

static void
encode_keeps_to_the_records_asked_for(void **state)
{
	static const unsigned records[] = { 1, 7, 30, 255 };

	(void)state;
	for (size_t v = 0; v < 3; v++) {
		for (size_t i = 0; i < 4; i++) {
			unsigned want = records[i];

			encode_begin(versions[v], want);
			for (unsigned n = 0; n < ROWS; n++)
				add_row(n);
			if (versions[v] == 5 && want > 30)
				want = 30;
			assert_int_equal(send_rows(), (ROWS + want - 1) / want);
			assert_rows_equal();
		}
	}
}

static void
encode_fits_into_a_packet(void **state)
{
	size_t row = 0;

	(void)state;
	for (size_t v = 0; v < 3; v++, row = 0) {
		encode_begin(versions[v], 0);
		for (unsigned n = 0; n < ROWS; n++)
			if (n % 3 == 0)
				set_v6(add_row(n), COL_next_hop, n);
			else
				add_row(n);
		while (encoder_add(enc, in, &row)) {
			size_t len = encoder_finish(enc).payload.len;

			assert_in_range(len, 1200, 1464);
		}
	}
}

static void
encode_5_leaves_out_what_it_cannot_hold(void **state)
{
	static const struct {
		unsigned col;
		uint64_t value;
	} large[] = {
		{ COL_packets, UINT64_C(1) << 32 },
		{ COL_octets, UINT64_C(1) << 32 },
		{ COL_if_in, 65536 },
		{ COL_if_out, 65536 },
	};

	(void)state;
	encode_begin(5, 0);
	for (size_t i = 0; i < 4; i++)
		batch_set_uint(in, large[i].col, add_row(9), large[i].value);
	set_v6(add_row(9), COL_src_addr, 1);
	set_v6(add_row(9), COL_dst_addr, 1);
	set_v6(add_row(9), COL_next_hop, 1);
	add_row(1);
	batch_set_uint(in, COL_src_as, add_row(2), 65536);
	assert_int_equal(send_rows(), 1);
	assert_int_equal(encoder_left_out(enc), 7);
	assert_int_equal(out->nrows, 2);
	assert_int_equal(batch_uint(out, COL_src_port, 0), 1001);
	assert_int_equal(batch_uint(out, COL_src_as, 1), 23456);
	assert_nothing_wrong();
}

/* Rows of every width, family and set of columns, one behind the other. */
static void
add_mixed_row(unsigned n)
{
	size_t row = batch_append(in, 1);
	struct addr a = addr_from_v4(n);

	batch_set_uint(in, COL_agent_time, row, (uint64_t)t0);
	batch_set_uint(in, COL_packets, row, UINT64_MAX - n);
	if (n & 1) {
		set_v6(row, COL_src_addr, n);
		set_v6(row, COL_dst_addr, n + 1);
		batch_set_uint(in, COL_src_mask, row, 64);
		batch_set_uint(in, COL_dst_mask, row, 48);
		batch_set_uint(in, COL_icmp_type, row, 128);
		batch_set_uint(in, COL_icmp_code, row, 3);
	}
	if (n & 2)
		batch_set_addr(in, COL_next_hop, row, &a);
	if (n & 4) {
		set_v6(row, COL_bgp_next_hop, n);
		batch_set_uint(in, COL_vlan, row, 4000);
		batch_set_uint(in, COL_dst_vlan, row, n);
	}
	if (n & 8) {
		batch_set_uint(in, COL_src_mac, row, 0x0200c0ffee00 + n);
		batch_set_uint(in, COL_post_dst_mac, row, 0xfedcba987654);
		batch_set_uint(in, COL_direction, row, 1);
	}
	if (n & 16) {
		batch_set_addr(in, COL_post_nat_src_addr, row, &a);
		set_v6(row, COL_post_nat_dst_addr, n);
		batch_set_uint(in, COL_post_nat_src_port, row, 65535);
		batch_set_uint(in, COL_post_nat_dst_port, row, n);
		batch_set_uint(in, COL_nat_event, row, 4);
		batch_set_uint(in, COL_event_time, row, (uint64_t)(t0 - MS));
	}
	if (n & 32) {
		batch_set_uint(in, COL_sampling_interval, row, 1000);
		batch_set_uint(in, COL_sampling_algorithm, row, 2);
	}
}

static void
encode_makes_a_template_for_each_set_of_columns(void **state)
{
	(void)state;
	for (size_t v = 1; v < 3; v++) {
		for (unsigned records = 0; records < 3; records++) {
			encode_begin(versions[v], records);
			for (unsigned n = 0; n < ROWS; n++)
				add_mixed_row(n * 37 % 64);
			(void)send_rows();
			assert_rows_equal();
		}
	}
}

/* More sets of columns than are kept: templates are made anew. */
static void
encode_survives_more_templates_than_it_keeps(void **state)
{
	(void)state;
	for (size_t v = 1; v < 3; v++) {
		encode_begin(versions[v], 0);
		for (unsigned n = 0; n < ROWS; n++) {
			add_mixed_row(n % 64);
			if (n & 64)
				batch_set_uint(in, COL_tos, n, 1);
		}
		(void)send_rows();
		assert_rows_equal();
	}
}

static void
encode_sends_templates_again(void **state)
{
	const struct encode_options options = {
		.version = 9, .records = 1, .refresh = 4
	};
	size_t row = 0;

	(void)state;
	encode_begin(9, 1);
	encoder_free(enc);
	enc = encoder_new(&options);
	for (unsigned n = 0; n < 12; n++)
		add_row(n);
	for (unsigned n = 0; n < 12; n++) {
		struct encoded e;

		(void)encoder_add(enc, in, &row);
		e = encoder_finish(enc);
		assert_int_equal(e.flows, 1);
		/* The count of records; the id of the first set. */
		assert_int_equal(load_be16(e.payload.ptr + 2),
		    n % 4 == 0 ? 2 : 1);
		assert_int_equal(load_be16(e.payload.ptr + 20),
		    n % 4 == 0 ? 0 : 256);
		assert_int_equal(load_be32(e.payload.ptr + 12), n);
		assert_int_equal(load_be32(e.payload.ptr + 16), 0);
	}
}

static void
encode_parts_rows_of_different_export_times(void **state)
{
	(void)state;
	for (size_t v = 0; v < 3; v++) {
		encode_begin(versions[v], 0);
		for (unsigned n = 0; n < 9; n++)
			batch_set_uint(in, COL_agent_time, add_row(n),
			    (uint64_t)(t0 + n / 3 * SECOND));
		assert_int_equal(send_rows(), 3);
		assert_rows_equal();
	}
}

/* Flow times come back to the millisecond whatever the header can say. */
static void
encode_keeps_flow_times_to_the_millisecond(void **state)
{
	(void)state;
	for (size_t v = 0; v < 3; v++) {
		encode_begin(versions[v], 0);
		for (unsigned n = 0; n < 60; n++) {
			int64_t age = INT64_C(86400) * SECOND * (n % 20);
			size_t row = add_row(n);

			bitmap_clear(in->col[COL_agent_time].valid, row);
			batch_set_uint(in, COL_recv_time, row,
			    (uint64_t)(t0 + 999 * MS));
			batch_set_uint(in, COL_flow_start, row,
			    (uint64_t)(t0 - age - 7 * MS));
			batch_set_uint(in, COL_flow_end, row,
			    (uint64_t)(t0 - age + 500 * MS));
		}
		(void)send_rows();
		assert_int_equal(out->nrows, 60);
		for (size_t row = 0; row < 60; row++) {
			assert_value_equal(COL_flow_start, row, row);
			assert_value_equal(COL_flow_end, row, row);
		}
		assert_nothing_wrong();
	}
}

#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(encode_of_nothing_is_nothing),
		T(encode_leaves_out_a_row_without_any_field),
		T(encode_brings_every_value_back),
		T(encode_keeps_to_the_records_asked_for),
		T(encode_fits_into_a_packet),
		T(encode_5_leaves_out_what_it_cannot_hold),
		T(encode_makes_a_template_for_each_set_of_columns),
		T(encode_survives_more_templates_than_it_keeps),
		T(encode_sends_templates_again),
		T(encode_parts_rows_of_different_export_times),
		T(encode_keeps_flow_times_to_the_millisecond),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
