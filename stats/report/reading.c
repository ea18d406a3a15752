/* Reading flows; see reading.h. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "reading.h"
#include "seed.h"

/* What an interrupt ends; the second one ends the program. */
static struct scan *volatile interruptible;
static volatile sig_atomic_t interrupted;

static void
on_interrupt(int sig)
{
	struct scan *scan = interruptible;

	(void)sig;
	interrupted = 1;
	if (scan != NULL)
		scan_cancel(scan);
}

bool
reading_is_interrupted(void)
{
	return interrupted != 0;
}

/* Without SA_RESTART: a wait ends. */
static void
watch_interrupt(void)
{
	struct sigaction act = { .sa_handler = on_interrupt,
		.sa_flags = (int)SA_RESETHAND };

	(void)sigaction(SIGINT, &act, NULL);
}

static void
on_warn(void *arg, const char *text)
{
	struct reading *r = arg;

	progress_end(&r->progress);
	r->damaged = true;
	fprintf(stderr, "flowd-stats: %s\n", text);
}

static void
on_progress(void *arg, const char *path, uint64_t at, uint64_t all)
{
	struct reading *r = arg;

	progress_show(&r->progress, path, at, all);
}

static int
on_file_begin(void *arg, const struct scan_file *file, struct flowd_error *err)
{
	struct reading *r = arg;

	(void)file;
	(void)err;
	no_flows_begin(&r->no_flows, r->captures.decoder);
	return 0;
}

static void
on_file_end(void *arg, const struct scan_file *file, int result)
{
	struct reading *r = arg;

	(void)result;
	progress_end(&r->progress);
	if (r->captures.capture != NULL)
		no_flows_print(&r->no_flows, r->captures.decoder,
		    capture_counters(r->captures.capture), file->path);
}

static int
on_idle(void *arg, struct flowd_error *err)
{
	struct reading *r = arg;

	progress_end(&r->progress);
	return r->idle != NULL ? r->idle(r->arg, err) : 0;
}

int
reading_init(
    struct reading *r, const struct options *opts, struct flowd_error *err)
{
	*r = (struct reading) { .opts = opts,
		.no_flows = { .program = "flowd-stats" } };
	progress_begin(&r->progress, true);
	r->captures.decoder = decoder_new(NULL, seed_draw());
	if (r->captures.decoder == NULL)
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	r->capture = capture_scan_table(&r->captures);
	watch_interrupt();
	return 0;
}

void
reading_fini(struct reading *r)
{
	decoder_free(r->captures.decoder);
}

struct scan_plan
reading_plan(struct reading *r, struct timerange range)
{
	static const struct scan_events events = { .file_begin = on_file_begin,
		.file_end = on_file_end,
		.warn = on_warn,
		.progress = on_progress,
		.idle = on_idle };

	return (struct scan_plan) { .paths = r->opts->paths,
		.range = range,
		.predicate = r->opts->predicate,
		.flags = SCAN_SALVAGE |
		    (r->opts->flags & OPTION_LEGACY ? SCAN_LEGACY : 0) |
		    (r->opts->watch_ns != 0 ? SCAN_FOLLOW : 0),
		.threads = r->opts->threads,
		.program = "flowd-stats",
		.capture = &r->capture,
		.events = &events,
		.arg = r };
}

int
reading_run(struct reading *r, const struct scan_plan *plan,
    const struct scan_consumer *consumer, void *arg, struct flowd_error *err)
{
	struct scan *scan = scan_open(plan, err);
	int bad;

	if (scan == NULL)
		return FLOWD_EIO;
	interruptible = scan;
	if (interrupted)
		scan_cancel(scan);
	bad = scan_run(scan, consumer, arg, err);
	interruptible = NULL;
	progress_end(&r->progress);
	scan_close(scan);
	no_flows_print_exporters(&r->no_flows, r->captures.decoder);
	return bad;
}
