/* What children say, in the log of the parent: flowd/parent/child_log.c. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "child_log.h"

enum { BURST = 200, INTERVAL_S = 60 }; /* as log_kinds.def has it */

static struct {
	FILE *file; /* standard error, while a test runs */
	int standard;
	int pipe[2];
	struct child_log relay;
} t;

static int
setup(void **state)
{
	(void)state;
	t.relay = (struct child_log){ .source = { .name = "engine 2" } };
	t.file = tmpfile();
	t.standard = dup(STDERR_FILENO);
	if (t.file == NULL || t.standard == -1 || pipe(t.pipe) != 0 ||
	    fcntl(t.pipe[0], F_SETFL, O_NONBLOCK) == -1 ||
	    dup2(fileno(t.file), STDERR_FILENO) == -1)
		return -1;
	(void)unsetenv("JOURNAL_STREAM");
	log_init(false);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	(void)dup2(t.standard, STDERR_FILENO);
	(void)close(t.standard);
	(void)close(t.pipe[0]);
	(void)close(t.pipe[1]);
	return fclose(t.file);
}

/* Everything that was written so far. */
static const char *
log_text(void)
{
	static char text[1 << 16];
	ssize_t n = pread(fileno(t.file), text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

static unsigned
log_lines(void)
{
	unsigned n = 0;

	for (const char *p = log_text(); *p != '\0'; p++)
		n += *p == '\n';
	return n;
}

static void
child_says(const char *text)
{
	assert_int_equal(write(t.pipe[1], text, strlen(text)), strlen(text));
	child_log_read(&t.relay, t.pipe[0]);
}

static void
lines_are_those_of_the_child(void **state)
{
	(void)state;
	child_says("<4>o");
	assert_string_equal(log_text(), "");
	child_says("ne\n<6>two\nthr");
	assert_string_equal(log_text(), "one\ntwo\n");
	child_log_end(&t.relay, t.pipe[0]);
	assert_string_equal(log_text(), "one\ntwo\nthr\n");
}

/* One that was taken over. */
static void
a_child_does_not_flood_the_log(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 1000; i++)
		child_says(i % 2 == 0 ? "<3>trouble\n" : "<7>trouble\n");
	assert_int_equal(log_lines(), BURST);
	assert_in_range(log_relay_timeout(&t.relay.source), 1, 60000);
	/* What was left out is told when it is over. */
	t.relay.source.rate.since_s -= INTERVAL_S;
	assert_int_equal(log_relay_timeout(&t.relay.source), 0);
	log_relay_tick(&t.relay.source);
	assert_int_equal(log_lines(), BURST + 1);
	assert_non_null(strstr(log_text(),
	    "\n800 more lines of the engine 2 in the last 60 s\n"));
	assert_int_equal(log_relay_timeout(&t.relay.source), -1);
	child_says("<3>again\n");
	assert_int_equal(log_lines(), BURST + 2);
}

static void
what_it_was_asked_for_does_not_count(void **state)
{
	(void)state;
	t.relay.source.exempt = 500;
	for (unsigned i = 0; i < 1000; i++)
		child_says("<6>peer\n");
	assert_int_equal(log_lines(), 500 + BURST);
	assert_int_equal(t.relay.source.rate.withheld, 500 - BURST);
}

static void
debug_messages_that_are_shown_do_not_count(void **state)
{
	(void)state;
	log_init(true);
	for (unsigned i = 0; i < 300; i++)
		child_says("<7>detail\n");
	assert_int_equal(log_lines(), 300);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(lines_are_those_of_the_child),
		T(a_child_does_not_flood_the_log),
		T(what_it_was_asked_for_does_not_count),
		T(debug_messages_that_are_shown_do_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
