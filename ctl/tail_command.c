/* flowctl tail; see tail_command.h. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "block_scan.h"
#include "element.h"
#include "format.h"
#include "tail_command.h"
#include "print.h"

enum { OUT_MAX = 256 * 1024 * 1024 };

struct tail {
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
tail_stop(int number)
{
	(void)number;
	stopped = 1;
}

/* Without SA_RESTART, so that poll(2) is interrupted. */
static void
tail_catch_signals(void)
{
	struct sigaction sa = { .sa_handler = tail_stop };

	(void)sigemptyset(&sa.sa_mask);
	(void)sigaction(SIGINT, &sa, NULL);
	(void)sigaction(SIGTERM, &sa, NULL);
}

static bool
tail_init_filter(struct tail *l, const struct options *o)
{
	struct scan_options scan = o->scan;
	struct flowd_error err;
	int bad = scan_options_settle(&scan, &err);

	if (bad == 0)
		bad = scan_options_predicate(&scan, &l->predicate, &err);
	if (bad != 0)
		print_error("%s", err.text);
	l->filter.predicate = l->predicate;
	l->filter.want = (struct colset){ { ~UINT64_C(0), ~UINT64_C(0) } };
	row_filter_settle(&l->filter);
	return bad == 0;
}

static bool
tail_init(struct tail *l, const struct options *o)
{
	*l = (struct tail){ .format = o->json ? &format_json : &format_text };
	formatter_init(&l->formatter, element_text);
	clock_init(&l->formatter.clock, o->scan.utc);
	buf_init(&l->out, OUT_MAX);
	l->block = block_new();
	l->batch = batch_new(BATCH_ROWS);
	if (block_scan_init(&l->rows, &l->filter) && l->block != NULL &&
	    l->batch != NULL)
		return tail_init_filter(l, o);
	print_error("out of memory");
	return false;
}

static void
tail_fini(struct tail *l)
{
	predicate_free(l->predicate);
	batch_free(l->batch);
	block_scan_fini(&l->rows);
	block_free(l->block);
	buf_fini(&l->out);
}

/* Print the matching rows of a block. Returns 0, or -1 if it is invalid. */
static int
tail_print_block(struct tail *l, struct bytes octets)
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

/* Returns 0, 1 when standard output was closed, -1 on an error. */
static int
tail_take_flows(struct tail *l, struct bytes body)
{
	struct flows_head head;
	struct bytes block;

	if (flows_read(body, &head, &block) != 0 ||
	    (block.len > 0 && tail_print_block(l, block) != 0)) {
		print_error("flowd sent an invalid block of flows");
		return -1;
	}
	if (head.dropped > 0)
		print_error("dropped %" PRIu64 " flows: this tail is too slow",
		    head.dropped);
	return print_out(&l->out);
}

static int
tail_take_frame(struct tail *l, const struct frame *f)
{
	if (f->type == FRAME_FLOWS)
		return tail_take_flows(l, f->body);
	if (f->type == FRAME_END && end_read(f->body) == END_BUSY)
		print_error("too many clients tail already");
	else
		print_error("flowd sent an unexpected answer");
	return -1;
}

int
tail_command_run(struct client *c, const struct options *o)
{
	struct tail l;
	struct frame f;
	int got = tail_init(&l, o) ? 0 : -1;

	tail_catch_signals();
	while (got == 0 && !stopped) {
		got = client_next(c, &f, true);
		if (got == 0)
			break;
		if (got > 0)
			got = tail_take_frame(&l, &f);
	}
	tail_fini(&l);
	/* A signal and a closed pipe are no errors. */
	return got < 0;
}
