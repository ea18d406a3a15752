/*
 * What the configuration makes of logdirs, and of what is stored in them:
 * flowd/conf/conf_logdir.c, flowd/conf/conf_store.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "conf_image.h"
#include "conf_parse.h"

#define BASE "listen on 127.0.0.1:2055\n"
#define DIR BASE "logdir \"/var/flow\"\n"

static int
tables_load_none(struct prefix_table *tables, struct diag_sink *sink, void *arg)
{
	(void)tables;
	(void)sink;
	(void)arg;
	return 0;
}

static struct conf *
conf_of(const char *text)
{
	const struct conf_tables tables = { .load = tables_load_none };
	struct conf_request req = { .path = "t.conf", .cwd = "/some",
		.use = CONF_DAEMON };

	return conf_parse_text(&req,
	    (struct bytes){ (const uint8_t *)text, strlen(text) },
	    &tables);
}

static bool
is_good(const char *text)
{
	struct conf *conf = conf_of(text);

	conf_free(conf);
	return conf != NULL;
}

static void
what_is_not_said_has_a_default(void **state)
{
	struct conf *conf = conf_of(DIR);
	const struct logdir_conf *d;

	(void)state;
	assert_non_null(conf);
	assert_int_equal(conf->nlogdirs, 1);
	d = conf->logdirs;
	assert_string_equal(d->path, "/var/flow");
	assert_null(d->name);
	assert_int_equal(d->rotate_sec, 300);
	assert_int_equal(d->flush_ms, 1000);
	assert_int_equal(d->compression, COMPRESS_ZSTD);
	assert_int_equal(d->keep_sec, 0);
	assert_int_equal(d->max_octets, 0);
	assert_int_equal(d->free_percent, 0);
	assert_null(d->on_rotate);
	conf_free(conf);
}

/* As processes without files see it. */
static void
logdirs_come_back_from_a_image(void **state)
{
	struct conf *conf = conf_of(BASE
	    "accept log { a, b } tcp\naccept log b tag 3 udp\naccept icmp\n"
	    "logdir 'd'\nlogdir 'e' name a on rotate \"bin/x\" \"y\"\n"
	    "logdir '/f' name b rotate 1h keep 1d keep free 7% max 5G "
	    "compress lz4 flush 9ms\n");
	struct flowd_error err;
	struct buf out;
	const struct logdir_conf *d;

	(void)state;
	assert_non_null(conf);
	buf_init(&out, CONF_IMAGE_MAX);
	conf_image_write(conf, &out);
	conf_free(conf);
	conf = conf_image_read((struct bytes){ out.ptr, out.len }, true, &err);
	assert_non_null(conf);
	assert_int_equal(conf->nlogdirs, 3);
	d = conf->logdirs;
	assert_string_equal(d[0].path, "/some/d");
	assert_string_equal(d[1].on_rotate[0], "/some/bin/x");
	assert_string_equal(d[1].on_rotate[1], "y");
	assert_null(d[1].on_rotate[2]);
	assert_string_equal(d[2].name, "b");
	assert_int_equal(d[2].rotate_sec, 3600);
	assert_int_equal(d[2].keep_sec, 86400);
	assert_int_equal(d[2].free_percent, 7);
	assert_int_equal(d[2].max_octets, 5000000000);
	assert_int_equal(d[2].compression, COMPRESS_LZ4);
	assert_int_equal(d[2].flush_ms, 9);
	assert_int_equal(ruleset_rule(conf->rules, 0)->logs, 6);
	assert_int_equal(ruleset_rule(conf->rules, 1)->logs, 4);
	assert_int_equal(ruleset_rule(conf->rules, 2)->logs, 0);
	buf_fini(&out);
	conf_free(conf);
}

static void
what_cannot_be_meant_is_refused(void **state)
{
	(void)state;
	assert_false(is_good(BASE));
	assert_false(is_good(DIR "logdir \"/var/flow\"\n"));
	assert_false(is_good(DIR "logdir a name x\nlogdir b name x\n"));
	assert_true(is_good(DIR "logdir a name x\nlogdir b name y\n"));
	assert_false(is_good(DIR "logdir a name x\naccept log y\n"));
	assert_false(is_good(DIR "accept log main\n"));
	assert_false(is_good(BASE "logdir \"\"\n"));
	assert_false(is_good(BASE "logfile x\nstore vlan\n"));
	assert_false(is_good(BASE "logfile x\nstore ie applicationName\n"));
	assert_true(is_good(BASE "logfile x\nstore ALL\n"));
	assert_false(is_good(DIR "store ie aplicationName\n"));
	assert_false(is_good(DIR "store ie 6871:0\n"));
	assert_false(is_good(DIR "store ie 6871:65536\n"));
	assert_false(is_good(DIR "store ie 4294967296:1\n"));
	assert_false(is_good(DIR "store ie 1:2:3\n"));
	assert_false(is_good(DIR "store ie 6871:\n"));
}

static void
there_are_so_many_logdirs(void **state)
{
	char text[4096] = BASE;

	(void)state;
	for (unsigned i = 0; i < CONF_LOGDIR_MAX; i++) {
		char line[32];

		(void)snprintf(line, sizeof(line), "logdir d%u\n", i);
		strcat(text, line);
	}
	assert_true(is_good(text));
	strcat(text, "logdir another\n");
	assert_false(is_good(text));
}

static size_t
colset_size(const struct colset *set)
{
	size_t n = 0;

	for (unsigned i = 0; i < COL_COUNT; i++)
		n += colset_has(set, i);
	return n;
}

static void
without_a_line_all_is_stored(void **state)
{
	static const char *const texts[] = { DIR, DIR "store ALL\n",
		DIR "store vlan\nstore all\n" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct conf *conf = conf_of(texts[i]);

		assert_non_null(conf);
		assert_int_equal(conf->store, CLASSIC_ALL);
		assert_int_equal(colset_size(&conf->columns), COL_COUNT);
		assert_true(conf->elements.all);
		conf_free(conf);
	}
}

static void
fields_are_columns_in_a_logdir(void **state)
{
	struct conf *conf = conf_of(DIR "store FLOW_TIMES\nstore SRC_ADDR4\n"
				 "store src_port\nstore vlan\n");

	(void)state;
	assert_non_null(conf);
	assert_int_equal(conf->store, CLASSIC_FLOW_TIMES | CLASSIC_SRC_ADDR4 |
		CLASSIC_SRCDST_PORT);
	assert_int_equal(colset_size(&conf->columns), 7);
	assert_true(colset_has(&conf->columns, COL_flow_start));
	assert_true(colset_has(&conf->columns, COL_flow_end));
	assert_true(colset_has(&conf->columns, COL_flow_start_uptime_ms));
	assert_true(colset_has(&conf->columns, COL_flow_end_uptime_ms));
	assert_true(colset_has(&conf->columns, COL_src_addr));
	assert_true(colset_has(&conf->columns, COL_src_port));
	assert_true(colset_has(&conf->columns, COL_vlan));
	assert_false(conf->elements.all);
	assert_int_equal(conf->elements.n, 0);
	conf_free(conf);
	/* What is for logdirs only leaves the log file as it is. */
	conf = conf_of(DIR "store vlan\n");
	assert_non_null(conf);
	assert_int_equal(conf->store, CLASSIC_ALL);
	assert_int_equal(colset_size(&conf->columns), 1);
	conf_free(conf);
}

static void
elements_go_to_other(void **state)
{
	struct conf *conf = conf_of(DIR "store ie 6871:40\nstore ie 6871.41\n"
	    "store ie applicationName\nstore ie 33000\n"
	    "store ie octetDeltaCount\nstore ie 6871:40\n"
	    "store ie reverseApplicationName\n");

	(void)state;
	assert_non_null(conf);
	assert_true(colset_has(&conf->columns, COL_other));
	assert_true(colset_has(&conf->columns, COL_octets));
	assert_int_equal(colset_size(&conf->columns), 2);
	assert_false(conf->elements.all);
	assert_int_equal(conf->elements.n, 6);
	assert_true(other_filter_has(&conf->elements, 6871, 40));
	assert_true(other_filter_has(&conf->elements, 6871, 41));
	assert_true(other_filter_has(&conf->elements, 0, 96));
	assert_true(other_filter_has(&conf->elements, 0, 33000));
	assert_true(other_filter_has(&conf->elements, 0, 1));
	assert_true(other_filter_has(&conf->elements, 29305, 96));
	assert_false(other_filter_has(&conf->elements, 0, 95));
	conf_free(conf);
	/* ntop's are under another number in NetFlow 9. */
	conf =
	    conf_of(DIR "store ie L7_PROTO\nstore ie reverseFlowAttributes\n");
	assert_non_null(conf);
	assert_int_equal(conf->elements.n, 3);
	assert_true(other_filter_has(&conf->elements, 35632, 118));
	assert_true(other_filter_has(&conf->elements, 0, 57590));
	assert_true(other_filter_has(&conf->elements, 6871, 16424));
	conf_free(conf);
	conf = conf_of(DIR "store ie 6871:40\nstore other\n");
	assert_non_null(conf);
	assert_true(conf->elements.all);
	conf_free(conf);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_said_has_a_default),
		cmocka_unit_test(logdirs_come_back_from_a_image),
		cmocka_unit_test(what_cannot_be_meant_is_refused),
		cmocka_unit_test(there_are_so_many_logdirs),
		cmocka_unit_test(without_a_line_all_is_stored),
		cmocka_unit_test(fields_are_columns_in_a_logdir),
		cmocka_unit_test(elements_go_to_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
