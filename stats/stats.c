/*
 * flowd-stats: top lists, time series and reports of flows. See
 * flowd-stats(1).
 *
 *	options.c -> report_*.c -> lib/aggregate <- reading.c <- lib/query
 *	                   \-> dataset.h -> writer_*.c
 *
 * Tests: test/program/test_stats*.py.
 */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "resolve.h"
#include "sigbus.h"
#include "standard_fds.h"
#include "stats_report.h"

enum {
	EXIT_FAILED = 1,
	EXIT_INTERRUPTED = 130 /* as shells say it of SIGINT */
};

/* By enum report_kind. */
static report_fn *const reports[REPORTS] = {
	[REPORT_OVERVIEW] = report_overview,
	[REPORT_GROUPS] = report_groups,
	[REPORT_SCANNERS] = report_scanners,
	[REPORT_HISTOGRAM] = report_histogram,
	[REPORT_MATRIX] = report_matrix,
	[REPORT_LOSS] = report_loss,
	[REPORT_COMPARE] = report_compare,
	[REPORT_BILL] = report_bill,
	[REPORT_PERCENTILES] = report_percentiles,
};

static const char *
find_interface(void *arg, const struct addr *exporter, uint32_t index)
{
	return interface_names_find(arg, exporter, index);
}

static int
interfaces_init(struct stats *s, struct flowd_error *err)
{
	s->opts.names.interface = find_interface;
	s->opts.names.arg = &s->interfaces;
	interface_names_init(&s->interfaces, s->reading.captures.decoder);
	return s->opts.state != NULL
	    ? interface_names_load(&s->interfaces, s->opts.state, err)
	    : 0;
}

static int
stats_init(struct stats *s, struct flowd_error *err)
{
	int bad;

	clock_init(&s->style.clock, s->opts.scan.utc);
	clock_init(&s->style.utc, true);
	s->style.raw = s->opts.flags & OPTION_RAW;
	s->style.chart = s->opts.flags & OPTION_CHART;
	terminal_init(&s->style.terminal);
	if (s->opts.flags & OPTION_RESOLVE)
		s->style.resolver = resolver_new();
	output_init(&s->output, STDOUT_FILENO, "standard output");
	bad = reading_init(&s->reading, &s->opts, err);
	return bad == 0 ? interfaces_init(s, err) : bad;
}

/* Say a failure, but not that nobody reads any more. */
static bool
stats_failed(const struct stats *s, int result, const struct flowd_error *err)
{
	if (result < 0 && !s->output.closed_pipe)
		fprintf(stderr, "flowd-stats: %s\n", err->text);
	return result < 0;
}

/* What was good is out before it is said what was not. */
static int
stats_finish(struct stats *s, int result, const struct flowd_error *err)
{
	struct flowd_error why;
	bool failed = stats_failed(s, output_close(&s->output, &why), &why);

	failed |= stats_failed(s, result, err);
	if (result == FLOWD_ENOMEM && s->no_spill.text[0] != '\0')
		fprintf(stderr, "flowd-stats: %s\n", s->no_spill.text);
	if (s->interfaces.missed && !s->interfaces.found)
		fputs("flowd-stats: no interface has a known name; --names "
		      "reads those that flowd keeps\n",
		    stderr);
	/* That is how a watch ends. */
	if (reading_is_interrupted() && s->opts.watch_ns == 0) {
		fputs("flowd-stats: interrupted: the result is partial\n",
		    stderr);
		return EXIT_INTERRUPTED;
	}
	return failed || s->reading.damaged ? EXIT_FAILED : 0;
}

int
main(int argc, char **argv)
{
	/* Not on the stack: threads that use its resolver outlive main(). */
	static struct stats s;
	struct flowd_error err;
	int result;

	(void)argc;
	standard_fds_take();
	(void)signal(SIGPIPE, SIG_IGN);
	/* A file size limit is reported like a full disk. */
	(void)signal(SIGXFSZ, SIG_IGN);
	sigbus_handle("flowd-stats");
	options_parse(&s.opts, argv);
	result = stats_init(&s, &err);
	if (result == 0)
		result = reports[s.opts.report](&s, &err);
	result = stats_finish(&s, result, &err);
	interface_names_fini(&s.interfaces);
	reading_fini(&s.reading);
	predicate_free(s.opts.predicate);
	for (unsigned i = 0; i < s.naggregates; i++)
		if (s.spill_fd[i] != -1)
			(void)close(s.spill_fd[i]);
	return result;
}
