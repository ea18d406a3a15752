/* What reports share; see report.h. */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "report.h"

/* What senders of flows cannot know, so that they make no collisions. */
static uint64_t
report_seed(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_nsec << 32 ^ (uint64_t)now.tv_sec ^
	    (uint64_t)getpid() << 16;
}

struct aggregate *
report_aggregate(const struct stats *s, const struct aggregate_output *outputs,
    unsigned noutputs, struct flowd_error *err)
{
	const struct options *o = &s->opts;
	const struct aggregate_plan plan = { .outputs = outputs,
		.noutputs = noutputs,
		.zone = { .local = !o->scan.utc },
		.now_ns = o->scan.now_ns,
		.memory = o->memory,
		.seed = report_seed(),
		.scale = o->flags & OPTION_SCALE };

	return aggregate_new(&plan, err);
}

int
report_read(struct stats *s, struct aggregate *a, struct flowd_error *err)
{
	struct scan_plan plan =
	    reading_plan(&s->reading, s->opts.scan.range);

	aggregate_want(a, &plan);
	return reading_run(&s->reading, &plan, &aggregate_consumer, a, err);
}

static void
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
report_print(struct stats *s, const struct dataset *d, struct flowd_error *err)
{
	return s->opts.writer->put(d, &s->style, &s->output, err);
}
