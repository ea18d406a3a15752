/*
 * Batches as Arrow arrays: what is in them, read by what the specification
 * says, and that everything is released once. lib/api/arrow_array.c,
 * arrow_schema.c, arrow_stream.c.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <flowd/flowd.h>

#include "../query/logs.h"

enum {
	ROWS = 100,
	FLOWS = 10000
};

/* --- Reading arrays, as the specification says --- */

static const struct ArrowArray *
child(const struct ArrowArray *a, const struct ArrowSchema *s,
    const char *name, const char *format)
{
	for (int64_t i = 0; i < s->n_children; i++)
		if (strcmp(s->children[i]->name, name) == 0) {
			assert_string_equal(s->children[i]->format, format);
			assert_int_equal(s->children[i]->flags,
			    ARROW_FLAG_NULLABLE);
			return a->children[i];
		}
	fail_msg("%s: no such field", name);
	return NULL;
}

static bool
has(const struct ArrowArray *a, int64_t row)
{
	const uint8_t *valid = a->buffers[0];

	assert_true(row < a->length && a->offset == 0);
	return valid == NULL || (valid[row / 8] >> (row % 8) & 1);
}

static int64_t
count_nulls(const struct ArrowArray *a)
{
	int64_t n = 0;

	for (int64_t row = 0; row < a->length; row++)
		n += !has(a, row);
	return n;
}

static void
text_is(const struct ArrowArray *a, int64_t row, const char *want)
{
	const int32_t *offsets = a->buffers[1];
	const char *texts = a->buffers[2];
	size_t len = (size_t)(offsets[row + 1] - offsets[row]);

	assert_int_equal(a->n_buffers, 3);
	assert_int_equal(len, strlen(want));
	assert_memory_equal(texts + offsets[row], want, len);
}

/* --- A batch --- */

/* Even rows have addresses of IPv4, odd ones of IPv6, every tenth has none. */
static struct flowd_batch *
make_batch(void)
{
	struct flowd_batch *b = flowd_batch_new(
	    "octets,flow_start,src_addr,src_mac,protocol,other", ROWS, NULL);
	static const uint8_t other[] = { 0, 0, 0, 0, 0, 8, 0, 4, 10, 0, 0, 1 };
	struct flowd_addr v4, v6;

	assert_non_null(b);
	assert_int_equal(flowd_addr_parse("192.0.2.1", &v4), 0);
	assert_int_equal(flowd_addr_parse("2001:db8::1", &v6), 0);
	for (unsigned i = 0; i < ROWS; i++) {
		assert_int_equal(flowd_batch_append(b), i);
		(void)flowd_batch_set_uint(b, FLOWD_COL_octets, i, i);
		if (i % 10 == 0)
			continue;
		(void)flowd_batch_set_time(b, FLOWD_COL_flow_start, i, i);
		(void)flowd_batch_set_addr(
		    b, FLOWD_COL_src_addr, i, i % 2 == 0 ? &v4 : &v6);
		(void)flowd_batch_set_uint(
		    b, FLOWD_COL_src_mac, i, UINT64_C(0x1122334455) + i);
		(void)flowd_batch_set_octets(
		    b, FLOWD_COL_other, i, other, sizeof(other));
	}
	return b;
}

static void
to_arrow(const struct flowd_batch *b, int addresses, struct ArrowArray *a,
    struct ArrowSchema *s)
{
	struct flowd_arrow_options o = { .addresses = addresses };

	assert_int_equal(flowd_batch_to_arrow(b, &o, a, s, NULL), 0);
	assert_string_equal(s->format, "+s");
	assert_int_equal(a->length, flowd_batch_rows(b));
	assert_int_equal(a->n_children, s->n_children);
	assert_int_equal(a->null_count, 0);
	for (int64_t i = 0; i < a->n_children; i++)
		assert_int_equal(a->children[i]->null_count,
		    count_nulls(a->children[i]));
}

static void
release(struct ArrowArray *a, struct ArrowSchema *s)
{
	a->release(a);
	s->release(s);
	assert_true(a->release == NULL && s->release == NULL);
}

static void
numbers_are_not_copied(void **state)
{
	struct flowd_batch *b = make_batch();
	const struct ArrowArray *c;
	struct flowd_vector v;
	struct ArrowSchema s;
	struct ArrowArray a;

	(void)state;
	to_arrow(b, FLOWD_ARROW_TEXT, &a, &s);
	c = child(&a, &s, "octets", "L");
	assert_int_equal(flowd_batch_vector(b, FLOWD_COL_octets, &v), 0);
	assert_ptr_equal(c->buffers[1], v.values);
	assert_null(c->buffers[0]);
	c = child(&a, &s, "flow_start", "tsn:UTC");
	assert_int_equal(flowd_batch_vector(b, FLOWD_COL_flow_start, &v), 0);
	assert_ptr_equal(c->buffers[1], v.values);
	assert_int_equal(c->null_count, ROWS / 10);
	assert_false(has(c, 20));
	assert_true(has(c, 21));
	c = child(&a, &s, "protocol", "C");
	assert_int_equal(c->null_count, ROWS);
	/* The arrays keep the batch. */
	flowd_batch_free(b);
	c = child(&a, &s, "octets", "L");
	assert_int_equal(((const uint64_t *)c->buffers[1])[99], 99);
	release(&a, &s);
}

static void
addresses_are_in_the_form_that_was_chosen(void **state)
{
	struct flowd_batch *b = make_batch();
	const struct ArrowArray *c;
	struct ArrowSchema s;
	struct ArrowArray a;
	const uint8_t *p;

	(void)state;
	to_arrow(b, FLOWD_ARROW_TEXT, &a, &s);
	c = child(&a, &s, "src_addr", "u");
	assert_false(has(c, 0));
	text_is(c, 0, "");
	text_is(c, 1, "2001:db8::1");
	text_is(c, 2, "192.0.2.1");
	release(&a, &s);

	to_arrow(b, FLOWD_ARROW_DICTIONARY, &a, &s);
	c = child(&a, &s, "src_addr", "i");
	assert_non_null(c->dictionary);
	assert_string_equal(s.children[2]->dictionary->format, "u");
	assert_int_equal(c->dictionary->length, 2);
	text_is(c->dictionary, ((const int32_t *)c->buffers[1])[1],
	    "2001:db8::1");
	text_is(c->dictionary, ((const int32_t *)c->buffers[1])[98],
	    "192.0.2.1");
	release(&a, &s);

	to_arrow(b, FLOWD_ARROW_BINARY, &a, &s);
	p = child(&a, &s, "src_addr", "w:16")->buffers[1];
	assert_int_equal(p[16], 0x20);
	assert_int_equal(p[2 * 16 + 11], 0xff);
	assert_int_equal(p[2 * 16 + 12], 192);
	p = child(&a, &s, "src_mac", "w:6")->buffers[1];
	assert_memory_equal(p + 6, "\x00\x11\x22\x33\x44\x56", 6);
	release(&a, &s);

	to_arrow(b, FLOWD_ARROW_IPV4, &a, &s);
	c = child(&a, &s, "src_addr", "I");
	assert_false(has(c, 0));
	assert_false(has(c, 1));
	assert_true(has(c, 2));
	assert_int_equal(((const uint32_t *)c->buffers[1])[2], 0xc0000201);
	release(&a, &s);
	flowd_batch_free(b);
}

static void
other_columns_are_texts(void **state)
{
	struct flowd_batch *b = make_batch();
	const struct ArrowArray *c;
	struct ArrowSchema s;
	struct ArrowArray a;

	(void)state;
	to_arrow(b, FLOWD_ARROW_TEXT, &a, &s);
	text_is(child(&a, &s, "src_mac", "u"), 1, "00:11:22:33:44:56");
	text_is(child(&a, &s, "src_mac", "u"), 10, "");
	c = child(&a, &s, "other", "u");
	text_is(c, 1, "{\"sourceIPv4Address\":\"10.0.0.1\"}");
	assert_false(has(c, 30));
	release(&a, &s);
	flowd_batch_free(b);
}

/* A consumer takes a field out, and releases it by itself, and last. */
static void
a_field_that_was_moved_out_is_released_alone(void **state)
{
	struct flowd_batch *b = make_batch();
	struct ArrowArray a, own;
	struct ArrowSchema s, field;

	(void)state;
	to_arrow(b, FLOWD_ARROW_DICTIONARY, &a, &s);
	own = *a.children[2];
	a.children[2]->release = NULL;
	field = *s.children[2];
	s.children[2]->release = NULL;
	flowd_batch_free(b);
	release(&a, &s);
	text_is(own.dictionary, 0, "2001:db8::1");
	assert_string_equal(field.dictionary->format, "u");
	own.release(&own);
	field.release(&field);
}

static void
columns_of_records_are_fields_only_when_named(void **state)
{
	struct flowd_batch *b = flowd_batch_new(NULL, 1, NULL);
	struct ArrowSchema s;

	(void)state;
	assert_int_equal(flowd_batch_to_arrow(b, NULL, NULL, &s, NULL), 0);
	for (int64_t i = 0; i < s.n_children; i++)
		assert_string_not_equal(s.children[i]->name, "crc32");
	assert_true(s.n_children > 50);
	s.release(&s);
	flowd_batch_free(b);
	b = flowd_batch_new("crc32", 1, NULL);
	assert_int_equal(flowd_batch_to_arrow(b, NULL, NULL, &s, NULL), 0);
	assert_string_equal(s.children[0]->name, "crc32");
	s.release(&s);
	flowd_batch_free(b);
}

static void
a_batch_without_rows_is_an_array_without_rows(void **state)
{
	struct flowd_batch *b = flowd_batch_new(NULL, 1, NULL);
	struct ArrowSchema s;
	struct ArrowArray a;

	(void)state;
	for (int form = FLOWD_ARROW_TEXT; form <= FLOWD_ARROW_IPV4; form++) {
		to_arrow(b, form, &a, &s);
		release(&a, &s);
	}
	flowd_batch_free(b);
}

/* --- Streams --- */

struct fixture {
	char folder[FOLDER_PATH], v4[FOLDER_PATH + 16];
	char bad[FOLDER_PATH + 16];
};

static int
set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct buf out;

	if (f == NULL || folder_make(f->folder) != 0)
		return -1;
	(void)snprintf(f->v4, sizeof(f->v4), "%s/v4", f->folder);
	(void)snprintf(f->bad, sizeof(f->bad), "%s/bad", f->folder);
	buf_init(&out, LOGS_OCTETS_MAX);
	logs_put_blocks(&out, 0, 10, FLOWS / 10);
	assert_int_equal(logs_save(f->v4, &out, false), 0);
	buf_reset(&out);
	logs_put_records(&out, 0, FLOWS);
	out.ptr[out.len / 2] ^= 1;
	assert_int_equal(logs_save(f->bad, &out, false), 0);
	buf_fini(&out);
	*state = f;
	return 0;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(folder_remove(f->folder), 0);
	free(f);
	return 0;
}

static struct ArrowArrayStream
stream_of(const char *path, unsigned threads)
{
	const char *const paths[] = { path, NULL };
	const struct flowd_scan_options o = { .paths = paths, .rows = 999,
		.columns = "octets,src_addr", .threads = threads };
	struct flowd_scan *s = flowd_scan_open(&o, NULL);
	struct ArrowArrayStream stream;

	assert_non_null(s);
	assert_int_equal(flowd_scan_to_arrow(s, NULL, &stream, NULL), 0);
	return stream;
}

static void
a_stream_has_all_flows(void **state)
{
	const struct fixture *f = *state;
	struct ArrowArrayStream stream = stream_of(f->v4, 0);
	struct ArrowSchema s;
	struct ArrowArray a;
	uint64_t n = 0;

	assert_int_equal(stream.get_schema(&stream, &s), 0);
	assert_int_equal(s.n_children, 2);
	assert_string_equal(s.children[1]->name, "src_addr");
	for (;;) {
		const struct ArrowArray *c;

		assert_int_equal(stream.get_next(&stream, &a), 0);
		if (a.release == NULL)
			break;
		c = child(&a, &s, "octets", "L");
		for (int64_t i = 0; i < a.length; i++, n++)
			assert_int_equal(
			    ((const uint64_t *)c->buffers[1])[i], n);
		a.release(&a);
	}
	assert_int_equal(n, FLOWS);
	assert_null(stream.get_last_error(&stream));
	/* At its end it stays there. */
	assert_int_equal(stream.get_next(&stream, &a), 0);
	assert_null(a.release);
	s.release(&s);
	stream.release(&stream);
	assert_null(stream.release);
}

static void
arrays_outlive_a_stream_that_is_half_read(void **state)
{
	const struct fixture *f = *state;
	struct ArrowArrayStream stream = stream_of(f->v4, 1);
	struct ArrowArray first, second;

	assert_int_equal(stream.get_next(&stream, &first), 0);
	assert_int_equal(stream.get_next(&stream, &second), 0);
	stream.release(&stream);
	assert_int_equal(
	    ((const uint64_t *)first.children[0]->buffers[1])[7], 7);
	assert_int_equal(
	    ((const uint64_t *)second.children[0]->buffers[1])[7], 1006);
	second.release(&second);
	first.release(&first);
}

static void
an_error_of_the_scan_is_one_of_the_stream(void **state)
{
	const struct fixture *f = *state;
	struct ArrowArrayStream stream = stream_of(f->bad, 0);
	struct ArrowArray a;
	int64_t n = 0;
	int bad;

	while ((bad = stream.get_next(&stream, &a)) == 0) {
		n += a.length;
		a.release(&a);
	}
	assert_int_equal(bad, EIO);
	assert_int_equal(n, FLOWS / 2);
	assert_non_null(strstr(stream.get_last_error(&stream), "checksum"));
	assert_int_equal(stream.get_next(&stream, &a), EIO);
	stream.release(&stream);
}

static void
a_form_that_there_is_not_is_refused(void **state)
{
	const struct fixture *f = *state;
	const char *const paths[] = { f->v4, NULL };
	struct flowd_scan_options o = { .paths = paths };
	struct flowd_arrow_options odd = { .addresses = 4 };
	struct flowd_scan *s = flowd_scan_open(&o, NULL);
	struct ArrowArrayStream stream;
	struct ArrowSchema schema;
	struct flowd_error err;

	assert_int_equal(
	    flowd_scan_to_arrow(s, &odd, &stream, &err), FLOWD_EINVAL);
	assert_string_equal(err.text, "4 is no form of addresses");
	assert_int_equal(
	    flowd_scan_to_schema(s, &odd, &schema, &err), FLOWD_EINVAL);
	/* The scan is still the caller's. */
	assert_int_equal(flowd_scan_to_schema(s, NULL, &schema, &err), 0);
	schema.release(&schema);
	flowd_scan_close(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_not_copied),
		cmocka_unit_test(addresses_are_in_the_form_that_was_chosen),
		cmocka_unit_test(other_columns_are_texts),
		cmocka_unit_test(a_field_that_was_moved_out_is_released_alone),
		cmocka_unit_test(
		    columns_of_records_are_fields_only_when_named),
		cmocka_unit_test(
		    a_batch_without_rows_is_an_array_without_rows),
		cmocka_unit_test(a_stream_has_all_flows),
		cmocka_unit_test(arrays_outlive_a_stream_that_is_half_read),
		cmocka_unit_test(an_error_of_the_scan_is_one_of_the_stream),
		cmocka_unit_test(a_form_that_there_is_not_is_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
