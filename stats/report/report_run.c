/* The flows of a report; see report_run.h. */
#include <stdlib.h>
#include <time.h>

#include "report_print.h"
#include "report_run.h"
#include "seed.h"
#include "spill.h"

/* For groups that do not fit into --memory; -1: then they are an error. */
static int
report_spill(struct stats *s)
{
	const char *folder = getenv("TMPDIR");

	if (folder == NULL || folder[0] == '\0')
		folder = "/tmp";
	return spill_open(folder, &s->no_spill);
}

static struct aggregate *
report_aggregate_new(struct stats *s, struct aggregate_plan *plan,
    struct flowd_error *err)
{
	const struct options *o = &s->opts;

	plan->zone = (struct zone) { .local = !o->scan.utc };
	plan->now_ns = o->scan.now_ns;
	plan->spill_fd = s->spill_fd[s->naggregates++] = report_spill(s);
	plan->seed = seed_draw();
	plan->scale = o->flags & OPTION_SCALE;
	plan->threads = o->threads;
	return aggregate_new(plan, err);
}

struct aggregate *
report_aggregate(struct stats *s, const struct aggregate_output *outputs,
    unsigned noutputs, struct flowd_error *err)
{
	struct aggregate_plan plan = { .outputs = outputs,
		.noutputs = noutputs,
		.memory = s->opts.memory };

	return report_aggregate_new(s, &plan, err);
}

struct aggregate *
report_aggregate_all(struct stats *s, const struct aggregate_output *outputs,
    unsigned noutputs, unsigned part, struct flowd_error *err)
{
	size_t half = s->opts.memory / part / 2;
	struct aggregate_plan plan = { .outputs = outputs,
		.noutputs = noutputs,
		.memory = half,
		.result_memory = half / noutputs };

	return report_aggregate_new(s, &plan, err);
}

int
report_read_range(struct stats *s, struct aggregate *a, struct timerange range,
    struct flowd_error *err)
{
	struct scan_plan plan = reading_plan(&s->reading, range);

	aggregate_want(a, &plan);
	return reading_run(&s->reading, &plan, &aggregate_consumer, a, err);
}

int
report_read(struct stats *s, struct aggregate *a, struct flowd_error *err)
{
	return report_read_range(s, a, s->opts.scan.range, err);
}

/* --- Again and again: --watch --- */

struct watch {
	struct stats *stats;
	struct aggregate *aggregate;
	report_print_fn *print;
	int64_t next_ns;
	bool printed;
};

static int
watch_print(struct watch *w, struct flowd_error *err)
{
	struct stats *s = w->stats;
	int bad;

	/* Cursor to the top left, and clear the screen below it. */
	if (s->style.terminal.is_one)
		buf_append_text(&s->output.buf, "\033[H\033[J");
	else if (w->printed)
		report_gap(s);
	w->printed = true;
	bad = w->print(s, w->aggregate, err);
	return bad == 0 ? output_flush(&s->output, err) : bad;
}

static int64_t
watch_clock_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int
watch_idle(void *arg, struct flowd_error *err)
{
	struct watch *w = arg;
	int64_t now = watch_clock_ns();

	if (now < w->next_ns)
		return 0;
	w->next_ns = now + (int64_t)w->stats->opts.watch_ns;
	return watch_print(w, err);
}

int
report_run(struct stats *s, struct aggregate *a, report_print_fn *print,
    struct flowd_error *err)
{
	struct watch w = { .stats = s, .aggregate = a, .print = print };
	int bad;

	if (s->opts.watch_ns != 0) {
		s->reading.idle = watch_idle;
		s->reading.arg = &w;
	}
	bad = report_read(s, a, err);
	s->reading.idle = NULL;
	if (bad != 0 || (s->opts.watch_ns != 0 && reading_is_interrupted()))
		return bad;
	return s->opts.watch_ns != 0 ? watch_print(&w, err) : print(s, a, err);
}
