/* What reports share; see report.h. */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "human.h"
#include "report.h"
#include "resolve.h"
#include "spill.h"

uint64_t
report_seed(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_nsec << 32 ^ (uint64_t)now.tv_sec ^
	    (uint64_t)getpid() << 16;
}

struct aggregate *
report_aggregate(struct stats *s, const struct aggregate_output *outputs,
    unsigned noutputs, struct flowd_error *err)
{
	const struct options *o = &s->opts;
	int fd = s->spill_fd[s->naggregates++] = spill_open();
	const struct aggregate_plan plan = { .outputs = outputs,
		.noutputs = noutputs,
		.zone = { .local = !o->scan.utc },
		.now_ns = o->scan.now_ns,
		.memory = o->memory,
		.spill_fd = fd,
		.seed = report_seed(),
		.scale = o->flags & OPTION_SCALE };

	return aggregate_new(&plan, err);
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

/* --- Again and again --- */

typedef int print_fn(
    struct stats *s, struct aggregate *a, struct flowd_error *err);

struct watch {
	struct stats *stats;
	struct aggregate *aggregate;
	print_fn *print;
	int64_t next_ns;
	bool printed;
};

static int
watch_print(struct watch *w, struct flowd_error *err)
{
	struct stats *s = w->stats;
	int bad;

	/* The cursor goes home, and what is below is wiped out. */
	if (s->style.terminal.is_one)
		buf_append_text(&s->output.buf, "\033[H\033[J");
	else if (w->printed)
		report_gap(s);
	w->printed = true;
	bad = w->print(s, w->aggregate, err);
	return bad == 0 ? output_flush(&s->output, err) : bad;
}

static int64_t
clock_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int
watch_idle(void *arg, struct flowd_error *err)
{
	struct watch *w = arg;
	int64_t now = clock_ns();

	if (now < w->next_ns)
		return 0;
	w->next_ns = now + (int64_t)w->stats->opts.watch_ns;
	return watch_print(w, err);
}

int
report_run(struct stats *s, struct aggregate *a, print_fn *print,
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

void
report_note(uint64_t flows, const char *text)
{
	if (flows > 0)
		fprintf(stderr, "flowd-stats: %" PRIu64 " flow%s %s\n", flows,
		    flows == 1 ? "" : "s", text);
}

void
report_notes(const struct stats *s, const struct aggregate_notes *n)
{
	(void)s;
	report_note(
	    n->unscaled, "without a known sampling rate: counted as they are");
	report_note(n->timeless, "without a time: in no bin");
	report_note(n->too_long,
	    "longer than 100000 bins: counted in the bin in which they end");
	if (n->saturated)
		fputs("flowd-stats: a sum is greater than 2^64 - 1, which is "
		      "printed in its place\n",
		    stderr);
}

int
report_print(struct stats *s, struct dataset *d, const char *title,
    struct flowd_error *err)
{
	d->title = title;
	if (s->style.resolver != NULL)
		resolver_ask(s->style.resolver, d);
	return s->opts.writer->put(d, &s->style, &s->output, err);
}

void
report_gap(struct stats *s)
{
	if (s->opts.writer != &writer_json)
		buf_append_char(&s->output.buf, '\n');
}

/* --- Of which flows it is --- */

/* Measures of the output. */
enum {
	SPAN_FLOWS,
	SPAN_FIRST,
	SPAN_LAST
};

int
report_span_output(struct aggregate_output *o, struct flowd_error *err)
{
	*o = (struct aggregate_output) { .key = { .unordered = -1 },
		.order = ORDER_BY_KEY };
	return measures_parse(&o->measures, "flows,first,last", err);
}

int
report_span_get(struct report_span *span, struct aggregate *a, unsigned output,
    struct flowd_error *err)
{
	struct aggregate_result *r = aggregate_result(a, output, err);
	struct aggregate_value flows;

	if (r == NULL)
		return FLOWD_ENOMEM;
	aggregate_measure(r, AGGREGATE_TOTAL, SPAN_FLOWS, &flows);
	aggregate_measure(r, AGGREGATE_TOTAL, SPAN_FIRST, &span->first);
	aggregate_measure(r, AGGREGATE_TOTAL, SPAN_LAST, &span->last);
	span->flows = flows.uint;
	aggregate_result_free(r);
	return 0;
}

static void
put_time(struct stats *s, const struct aggregate_value *time)
{
	const struct cell cell = { .v = *time };

	cell_show(&cell, FORM_TIME, &s->style, &s->output.buf);
}

static void
put_span(struct stats *s, const struct report_span *span)
{
	struct buf *out = &s->output.buf;
	char text[HUMAN_MAX];

	if (span->first.kind != VALUE_TIME || span->last.kind != VALUE_TIME)
		return;
	buf_append_text(out, " from ");
	put_time(s, &span->first);
	buf_append_text(out, " to ");
	put_time(s, &span->last);
	buf_printf(
	    out, " (%s)", human_duration(text, span->last.ns - span->first.ns));
}

void
report_closing(
    struct stats *s, const struct dataset *d, const struct report_span *span)
{
	struct buf *out = &s->output.buf;

	buf_append_char(out, '\n');
	if (reading_is_interrupted())
		buf_append_text(out, "partial: ");
	if (d->is_other != NULL)
		buf_printf(
		    out, "%zu row%s, ", d->nrows, d->nrows == 1 ? "" : "s");
	else if (d->has_rest && d->ngroups > d->nrows)
		buf_printf(
		    out, "%zu of %" PRIu64 " groups, ", d->nrows, d->ngroups);
	else if (d->has_rest)
		buf_printf(
		    out, "%zu group%s, ", d->nrows, d->nrows == 1 ? "" : "s");
	buf_printf(out, "%" PRIu64 " flow%s", span->flows,
	    span->flows == 1 ? "" : "s");
	put_span(s, span);
	buf_append_char(out, '\n');
}
