/* flowctl tail; see live.h. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "block_scan.h"
#include "element.h"
#include "format.h"
#include "live.h"
#include "say.h"

enum { OUT_MAX = 256 * 1024 * 1024 };

struct live {
	const struct format *format;
	struct formatter formatter;
	struct row_filter filter;
	struct predicate *predicate; /* -e; NULL: none */
	struct block_scan rows;
	struct block *block;
	struct batch *batch;
	struct buf out;
};

/* Set by signals. */
static volatile sig_atomic_t stopped;

static void
stop(int number)
{
	(void)number;
	stopped = 1;
}

/* No SA_RESTART: what waits is to end. */
static void
watch_signals(void)
{
	struct sigaction sa = { .sa_handler = stop };

	(void)sigemptyset(&sa.sa_mask);
	(void)sigaction(SIGINT, &sa, NULL);
	(void)sigaction(SIGTERM, &sa, NULL);
}

static bool
make_filter(struct live *l, const struct options *o)
{
	struct scan_options scan = o->scan;
	struct flowd_error err;
	int bad = scan_options_settle(&scan, &err);

	if (bad == 0)
		bad = scan_options_predicate(&scan, &l->predicate, &err);
	if (bad != 0)
		say("%s", err.text);
	l->filter.predicate = l->predicate;
	l->filter.want = (struct colset){ { ~UINT64_C(0), ~UINT64_C(0) } };
	row_filter_settle(&l->filter);
	return bad == 0;
}

static bool
live_init(struct live *l, const struct options *o)
{
	*l = (struct live){ .format = o->json ? &format_json : &format_text };
	formatter_init(&l->formatter, element_text);
	clock_init(&l->formatter.clock, o->scan.utc);
	buf_init(&l->out, OUT_MAX);
	l->block = block_new();
	l->batch = batch_new(BATCH_ROWS);
	if (block_scan_init(&l->rows, &l->filter) && l->block != NULL &&
	    l->batch != NULL)
		return make_filter(l, o);
	say("out of memory");
	return false;
}

static void
live_fini(struct live *l)
{
	predicate_free(l->predicate);
	batch_free(l->batch);
	block_scan_fini(&l->rows);
	block_free(l->block);
	buf_fini(&l->out);
}

/* The rows of a block that pass; returns 0, or -1 for one that is damaged. */
static int
print_block(struct live *l, struct bytes octets)
{
	struct flowd_error err;
	size_t n = 1;
	int got;

	if (block_parse(octets, l->block, &err) != 0 ||
	    l->block->kind != BLOCK_FLOWS)
		return -1;
	got = block_scan_begin(&l->rows, l->block, 0, &err);
	if (got <= 0)
		return got;
	while (got >= 0 && n > 0) {
		batch_reset(l->batch);
		got = block_scan_next(
		    &l->rows, UINT64_MAX, l->batch, &n, &err);
		if (got == 1)
			l->format->rows(&l->formatter, l->batch, &l->out);
	}
	return got < 0 ? -1 : 0;
}

/* Returns 0, 1 when nobody reads any more, -1 when it is over. */
static int
take_flows(struct live *l, struct bytes body)
{
	struct flows_head head;
	struct bytes block;

	if (flows_read(body, &head, &block) != 0 ||
	    (block.len > 0 && print_block(l, block) != 0)) {
		say("flowd sends something that is no flow");
		return -1;
	}
	if (head.dropped > 0)
		say("left out here, as they came too fast: %" PRIu64 " flows",
		    head.dropped);
	return say_out(&l->out);
}

static int
take_frame(struct live *l, const struct frame *f)
{
	if (f->type == FRAME_FLOWS)
		return take_flows(l, f->body);
	if (f->type == FRAME_END && end_read(f->body) == END_BUSY)
		say("too many watch already");
	else
		say("flowd answers something else");
	return -1;
}

int
live_run(struct client *c, const struct options *o)
{
	struct live l;
	struct frame f;
	int got = live_init(&l, o) ? 0 : -1;

	watch_signals();
	while (got == 0 && !stopped) {
		got = client_next(c, &f, true);
		if (got == 0)
			break;
		if (got > 0)
			got = take_frame(&l, &f);
	}
	live_fini(&l);
	/* A signal, or a pipe that was closed, is how it ends. */
	return got < 0;
}
