/*
 * Streams of integers: whatever encoding is chosen, all of them come back, any
 * run of them, of either width; and a stream that was changed is refused or
 * gives integers, but does nothing else.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../random.h"
#include "bitmap.h"
#include "int_stream.h"

enum {
	N_MAX = 5000,
	ROWS = 20000,
	ROUNDS = 400,
	SCRATCH = 64 * 1024 * 1024
};

struct fixture {
	struct scratch scratch;
	struct compressor *compressor[COMPRESS_ZSTD + 1];
	struct decompressor *decompressor;
	struct buf out;
};

static void
fixture_init(struct fixture *f)
{
	scratch_init(&f->scratch, SCRATCH);
	for (int c = COMPRESS_NONE; c <= COMPRESS_ZSTD; c++)
		f->compressor[c] = compressor_new((enum compression)c, 0);
	f->decompressor = decompressor_new();
	buf_init(&f->out, SCRATCH);
}

static void
fixture_fini(struct fixture *f)
{
	scratch_fini(&f->scratch);
	for (int c = COMPRESS_NONE; c <= COMPRESS_ZSTD; c++)
		compressor_free(f->compressor[c]);
	decompressor_free(f->decompressor);
	buf_fini(&f->out);
}

/* Constant, few, runs, growing, small, scaled, any. */
static void
random_values(struct random *r, uint64_t *v, size_t n)
{
	unsigned kind = random_u32(r) % 7;
	uint64_t base = random_bits(r), few[9];

	for (size_t i = 0; i < 9; i++)
		few[i] = random_bits(r);
	for (size_t i = 0; i < n; i++)
		switch (kind) {
		case 0:
			v[i] = base;
			break;
		case 1:
			v[i] = few[random_u32(r) % 9];
			break;
		case 2:
			v[i] = random_u32(r) % 30 == 0 ? random_bits(r)
			    : i > 0		       ? v[i - 1]
						       : base;
			break;
		case 3:
			v[i] = base += random_u32(r) % 100;
			break;
		case 4:
			v[i] = base + random_u32(r) % 300;
			break;
		case 5:
			v[i] = base + random_u32(r) % 90000 * 1000000ULL;
			break;
		default:
			v[i] = random_u64(r);
			break;
		}
}

static void
stream_put(struct fixture *f, enum compression c, struct values *v)
{
	struct int_stream_writer w = { .compressor = f->compressor[c],
		.scratch = &f->scratch, .out = &f->out };

	buf_reset(&f->out);
	scratch_reset(&f->scratch);
	int_stream_put(&w, v);
	assert_true(buf_ok(&f->out));
}

static bool
stream_open(struct fixture *f, const uint8_t *p, size_t len, size_t n,
    struct int_stream_source *source, struct int_stream *s)
{
	*source = (struct int_stream_source){ .decompressor = f->decompressor,
		.scratch = &f->scratch };
	wire_init(&source->w, (struct bytes){ p, len });
	scratch_reset(&f->scratch);
	return int_stream_open(s, source, n);
}

static void
check_runs(struct random *r, const struct int_stream *s, const uint64_t *want,
    const uint32_t *want32, size_t n)
{
	static uint64_t got[N_MAX];
	static uint32_t got32[N_MAX];

	for (unsigned i = 0; i < 5; i++) {
		size_t first = i == 0 ? 0 : random_u32(r) % (n + 1);
		size_t some = i == 0 ? n : random_u32(r) % (n - first + 1);

		int_stream_get32(s, first, some, got32);
		for (size_t k = 0; k < some; k++)
			assert_true(got32[k] == want32[first + k]);
		if (want == NULL)
			continue;
		int_stream_get64(s, first, some, got);
		for (size_t k = 0; k < some; k++)
			assert_true(got[k] == want[first + k]);
	}
}

/* The same integers in arrays of each width, as far as they fit. */
static struct values
values_narrow(const uint64_t *v, size_t n, unsigned width)
{
	static uint8_t u8[N_MAX];
	static uint16_t u16[N_MAX];
	static uint32_t u32[N_MAX];
	const void *arrays[] = { NULL, u8, u16, NULL, u32, NULL, NULL, NULL,
		v };

	for (size_t i = 0; i < n; i++) {
		u8[i] = (uint8_t)v[i];
		u16[i] = (uint16_t)v[i];
		u32[i] = (uint32_t)v[i];
	}
	return (struct values){ .n = n, .width = width,
		.any = arrays[width] };
}

static void
stream_gives_back_every_integer(void **unused)
{
	static uint64_t v[N_MAX];
	static uint32_t v32[N_MAX];
	struct random r = { 5 };
	struct fixture f;

	(void)unused;
	fixture_init(&f);
	for (unsigned i = 0; i < ROUNDS; i++) {
		size_t n = random_u32(&r) % (i % 4 == 0 ? 20 : N_MAX);
		enum compression c = (enum compression)(i % 3);
		unsigned width = 1U << random_u32(&r) % 4;
		bool wide = width == 8;
		struct int_stream_source source;
		struct values in;
		struct int_stream s;

		random_values(&r, v, n);
		in = values_narrow(v, n, width);
		in.is_signed = width > 2 && i % 5 == 0;
		in.scaled = wide && i % 2 == 0;
		for (size_t k = 0; k < n; k++)
			v32[k] = (uint32_t)values_at(&in, k);
		stream_put(&f, c, &in);
		assert_true(
		    stream_open(&f, f.out.ptr, f.out.len, n, &source, &s));
		assert_int_equal(wire_left(&source.w), 0);
		check_runs(&r, &s, wide ? v : NULL, v32, n);
	}
	fixture_fini(&f);
}

/* Near one of the integers, or any. */
static uint64_t
random_bound(struct random *r, const struct values *v)
{
	uint64_t near = values_at(v, random_u32(r) % v->n);

	return random_u32(r) % 5 == 0 ? random_bits(r)
				      : near + random_u32(r) % 3 - 1;
}

/* Tests of ranges of any run, against those of the integers themselves. */
static void
check_ranges(struct random *r, struct int_stream *s,
    struct int_stream_source *source, const struct values *v)
{
	static uint64_t rows[N_MAX / 64 + 1];

	for (unsigned i = 0; i < 8; i++) {
		size_t first = i == 0 ? 0 : random_u32(r) % (v->n + 1);
		size_t n = i == 0 ? v->n : random_u32(r) % (v->n - first + 1);
		uint64_t lo = random_bound(r, v), hi = random_bound(r, v);

		lo = i % 3 == 1 ? hi : lo;
		memset(rows, 0xff, sizeof(rows));
		assert_true(
		    int_stream_range(s, source, first, n, lo, hi, rows));
		for (size_t k = 0; k < n; k++) {
			uint64_t at = values_at(v, first + k);

			assert_int_equal(bitmap_test(rows, k),
			    at >= lo && at <= hi);
		}
		for (size_t k = n; k < 64 * bitmap_words(n); k++)
			assert_false(bitmap_test(rows, k));
	}
}

/* Before and after all planes are decompressed. */
static void
ranges_hold_where_integers_are_in_them(void **unused)
{
	static uint64_t v[N_MAX], got[N_MAX];
	unsigned tested = 0;
	struct random r = { 7 };
	struct fixture f;

	(void)unused;
	fixture_init(&f);
	for (unsigned i = 0; i < ROUNDS; i++) {
		size_t n = 1 + random_u32(&r) % (i % 4 == 0 ? 20 : N_MAX);
		unsigned width = 1U << random_u32(&r) % 4;
		struct int_stream_source source = {
			.decompressor = f.decompressor,
			.scratch = &f.scratch, .on_demand = true };
		struct values in;
		struct int_stream s;

		random_values(&r, v, n);
		in = values_narrow(v, n, width);
		stream_put(&f, COMPRESS_ZSTD, &in);
		wire_init(&source.w, (struct bytes){ f.out.ptr, f.out.len });
		scratch_reset(&f.scratch);
		assert_true(int_stream_open(&s, &source, n));
		assert_int_equal(wire_left(&source.w), 0);
		if (int_stream_has_range(&s, UINT64_MAX >> (64 - 8 * width))) {
			check_ranges(&r, &s, &source, &in);
			tested++;
		}
		assert_true(int_stream_complete(&s, &source));
		int_stream_get64(&s, 0, n, got);
		for (size_t k = 0; k < n && width == 8; k++)
			assert_true(got[k] == v[k]);
	}
	assert_true(tested > ROUNDS / 4);
	fixture_fini(&f);
}

static void
stream_put_octets(struct fixture *f, const uint8_t *plane, size_t len)
{
	compressor_put(f->compressor[COMPRESS_ZSTD], plane, len, &f->out);
}

/*
 * 1,000 is decided by the second plane, except of integers with its octet
 * there; the first plane, which is damaged, is asked for these only.
 */
static void
planes_are_decompressed_when_they_are_needed(void **unused)
{
	static uint8_t plane[N_MAX];
	uint64_t rows[N_MAX / 64 + 1];
	struct int_stream_source source;
	struct int_stream s;
	struct fixture f;
	size_t first;

	(void)unused;
	fixture_init(&f);
	source = (struct int_stream_source){ .decompressor = f.decompressor,
		.scratch = &f.scratch, .on_demand = true };
	buf_append(&f.out, "\1\0\0\0\0\0\0\0\0\0\2", 11);
	for (size_t i = 0; i < N_MAX; i++)
		plane[i] = i % 2;
	first = f.out.len;
	stream_put_octets(&f, plane, N_MAX);
	assert_int_equal(f.out.ptr[first], METHOD_ZSTD);
	f.out.ptr[first + 5] ^= 0xff; /* the magic of the frame */
	for (size_t i = 0; i < N_MAX; i++)
		plane[i] = i % 7 < 3 ? 2 : 4;
	stream_put_octets(&f, plane, N_MAX);
	wire_init(&source.w, (struct bytes){ f.out.ptr, f.out.len });
	assert_true(int_stream_open(&s, &source, N_MAX));
	assert_true(int_stream_has_range(&s, UINT16_MAX));
	assert_true(
	    int_stream_range(&s, &source, 0, N_MAX, 1000, 2000, rows));
	for (size_t i = 0; i < N_MAX; i++)
		assert_int_equal(bitmap_test(rows, i), i % 7 >= 3);
	assert_false(
	    int_stream_range(&s, &source, 0, N_MAX, 600, 2000, rows));
	assert_false(int_stream_complete(&s, &source));
	source.on_demand = false;
	wire_init(&source.w, (struct bytes){ f.out.ptr, f.out.len });
	assert_false(int_stream_open(&s, &source, N_MAX));
	fixture_fini(&f);
}

/*
 * Integers that the column cannot hold, of a hostile writer, are not tested so:
 * the column has only their lower bits.
 */
static void
ranges_are_of_integers_that_fit(void **unused)
{
	uint64_t v[100];
	struct values in = values_u64(v, 100);
	struct int_stream_source source;
	struct int_stream s;
	struct fixture f;

	(void)unused;
	fixture_init(&f);
	for (size_t i = 0; i < 100; i++)
		v[i] = 300 + i * i % 97;
	stream_put(&f, COMPRESS_ZSTD, &in);
	assert_true(stream_open(&f, f.out.ptr, f.out.len, 100, &source, &s));
	assert_true(int_stream_has_range(&s, UINT16_MAX));
	assert_false(int_stream_has_range(&s, UINT8_MAX));
	fixture_fini(&f);
}

/*
 * Few that are far apart are a dictionary wherever they come; where new ones
 * keep coming, it is given up.
 */
static void
stream_of_few_is_a_dictionary(void **unused)
{
	static uint32_t v[ROWS];
	struct random r = { 5 };
	struct fixture f;
	struct values few = values_u32(v, ROWS), more = few;

	(void)unused;
	fixture_init(&f);
	for (size_t i = 0; i < ROWS; i++)
		v[i] = random_u32(&r) % 60 * 1000003;
	stream_put(&f, COMPRESS_ZSTD, &few);
	assert_int_equal(f.out.ptr[0], ENCODING_DICTIONARY);
	for (size_t i = 0; i < ROWS; i += 20)
		v[i] = random_u32(&r);
	stream_put(&f, COMPRESS_ZSTD, &more);
	assert_int_equal(f.out.ptr[0], ENCODING_PLANES);
	fixture_fini(&f);
}

static void
stream_that_was_changed_does_no_harm(void **unused)
{
	static uint64_t v[N_MAX];
	struct random r = { 6 };
	struct fixture f;

	(void)unused;
	fixture_init(&f);
	for (unsigned i = 0; i < ROUNDS; i++) {
		size_t n = 1 + random_u32(&r) % 600, len;
		struct values in = values_u64(v, n);
		struct int_stream_source source;
		struct int_stream s;
		uint8_t *copy;

		random_values(&r, v, n);
		stream_put(&f, (enum compression)(i % 3), &in);
		len = i % 4 == 0 ? random_u32(&r) % f.out.len : f.out.len;
		copy = malloc(len + 1);
		assert_non_null(copy);
		memcpy(copy, f.out.ptr, len);
		for (unsigned k = 0; len > 0 && k < 1 + i % 3; k++)
			copy[random_u32(&r) % (k == 0 && len > 24 ? 24 : len)]
			    ^= (uint8_t)random_u32(&r);
		if (stream_open(&f, copy, len, n, &source, &s)) {
			int_stream_get64(&s, 0, n, v);
			if (int_stream_has_range(&s, UINT64_MAX))
				check_ranges(&r, &s, &source, &in);
		}
		free(copy);
	}
	fixture_fini(&f);
}

static void
scratch_keeps_to_its_maximum(void **unused)
{
	struct scratch s;
	uint8_t *p;

	(void)unused;
	scratch_init(&s, 10000);
	assert_null(scratch_take(&s, 10001));
	assert_null(scratch_take(&s, SIZE_MAX));
	p = scratch_take(&s, 5000);
	assert_non_null(p);
	memset(p, 1, 5000);
	assert_null(scratch_take(&s, 6000));
	scratch_reset(&s);
	assert_ptr_equal(scratch_take(&s, 6000), p);
	scratch_fini(&s);
}

static void
scratch_takes_back_what_was_given_since_a_mark(void **unused)
{
	struct scratch_mark none, mark;
	struct scratch s;
	uint8_t *first, *second;

	(void)unused;
	scratch_init(&s, 8 * 1024 * 1024);
	none = scratch_mark(&s);
	first = scratch_take(&s, 1000);
	mark = scratch_mark(&s);
	second = scratch_take(&s, 2000);
	assert_non_null(scratch_take(&s, 3 * 1024 * 1024));
	scratch_release(&s, mark);
	assert_ptr_equal(scratch_take(&s, 500), second);
	scratch_release(&s, none);
	assert_ptr_equal(scratch_take(&s, 500), first);
	for (unsigned i = 0; i < 100; i++) {
		mark = scratch_mark(&s);
		assert_non_null(scratch_take(&s, 4 * 1024 * 1024));
		scratch_release(&s, mark);
	}
	scratch_fini(&s);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(stream_gives_back_every_integer),
		cmocka_unit_test(ranges_hold_where_integers_are_in_them),
		cmocka_unit_test(
		    planes_are_decompressed_when_they_are_needed),
		cmocka_unit_test(ranges_are_of_integers_that_fit),
		cmocka_unit_test(stream_of_few_is_a_dictionary),
		cmocka_unit_test(stream_that_was_changed_does_no_harm),
		cmocka_unit_test(scratch_keeps_to_its_maximum),
		cmocka_unit_test(
		    scratch_takes_back_what_was_given_since_a_mark),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
