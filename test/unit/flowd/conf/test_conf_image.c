/* Configurations as octets, whole and damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conf_image.h"
#include "conf_parse.h"

static const char text[] =
    "listen on 127.0.0.1:2055\n"
    "logfile \"log\"\nflow source 10.0.0.0/8\n"
    "table <a> { 10/8, ! 10.1/16, fd00::/8 }\n"
    "table <b> { <a>, 192.0.2.1 }\n"
    "discard src <b> port { 80, 443 }\naccept tag 3 tcp\n";

static int
tables_load_none(struct prefix_table *tables, struct diag_sink *sink, void *arg)
{
	(void)arg;
	return prefix_tables_load(tables, sink);
}

static void
image_make(struct buf *out)
{
	const struct conf_tables tables = { .load = tables_load_none };
	struct conf_request req = { .path = "t.conf", .cwd = "/some",
		.use = CONF_DAEMON };
	struct conf *conf = conf_parse_text(&req,
	    (struct bytes){ (const uint8_t *)text, sizeof(text) - 1 },
	    &tables);

	assert_non_null(conf);
	buf_init(out, CONF_IMAGE_MAX);
	conf_image_write(conf, out);
	assert_true(buf_ok(out));
	conf_free(conf);
}

static void
a_configuration_comes_back(void **state)
{
	struct flowd_error err;
	struct conf *conf;
	struct buf out, print;
	struct addr in = addr_from_v4(0x0a020000);
	struct addr not_in = addr_from_v4(0x0a010000);

	(void)state;
	image_make(&out);
	conf = conf_image_read((struct bytes){ out.ptr, out.len }, true, &err);
	assert_non_null(conf);
	assert_string_equal(conf->path, "t.conf");
	assert_string_equal(conf->logfile, "/some/log");
	assert_int_equal(conf->nlisten, 1);
	assert_non_null(conf->rules);
	assert_true(prefix_set_has(&conf->filter.tables->next->set, &in));
	assert_false(prefix_set_has(&conf->filter.tables->next->set, &not_in));
	buf_init(&print, 4096);
	ast_print(&conf->ast, &print);
	assert_non_null(strstr((char *)print.ptr, "table <b> { <a>, "));
	buf_fini(&print);
	conf_free(conf);
	conf = conf_image_read((struct bytes){ out.ptr, out.len }, false, &err);
	assert_non_null(conf);
	assert_null(conf->rules);
	conf_free(conf);
	buf_fini(&out);
}

static void
a_image_that_is_cut_is_refused(void **state)
{
	struct flowd_error err;
	struct buf out;

	(void)state;
	image_make(&out);
	for (size_t len = 0; len < out.len; len += 8) {
		struct conf *conf = conf_image_read(
		    (struct bytes){ out.ptr, len }, true, &err);

		assert_null(conf);
	}
	buf_fini(&out);
}

/* Places that are not sorted would be looked up without an end. */
static void
damage_is_refused_or_harmless(void **state)
{
	struct flowd_error err;
	struct buf out;

	(void)state;
	image_make(&out);
	for (size_t i = 0; i < out.len; i++) {
		struct conf *conf;

		out.ptr[i] ^= 0xff;
		conf = conf_image_read(
		    (struct bytes){ out.ptr, out.len }, true, &err);
		conf_free(conf);
		out.ptr[i] ^= 0xff;
	}
	buf_fini(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_configuration_comes_back),
		cmocka_unit_test(a_image_that_is_cut_is_refused),
		cmocka_unit_test(damage_is_refused_or_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
