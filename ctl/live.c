/* flowctl tail; see live.h. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "block.h"
#include "decode.h"
#include "format.h"
#include "live.h"
#include "parse.h"
#include "ruleset.h"
#include "say.h"

enum { OUT_MAX = 256 * 1024 * 1024, DIAG_MAX = 64 * 1024 };

struct live {
	const struct format *format;
	struct formatter formatter;
	struct block *block;
	struct block_reader *reader;
	struct batch *batch;
	struct buf out;
	/* -e */
	struct source src;
	struct ast ast;
	struct ruleset *rules; /* NULL: none */
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

static void
print_diag(const struct diag *d, void *arg)
{
	struct buf text;

	(void)arg;
	buf_init(&text, DIAG_MAX);
	diag_format(d, &text);
	(void)fprintf(stderr, "%.*s", (int)text.len, (const char *)text.ptr);
	buf_fini(&text);
}

/* The errors of an expression are printed as they are found. */
static bool
make_filter(struct live *l, const char *expression, bool utc)
{
	struct diag_sink sink = { .report = print_diag };
	struct timespec now;

	if (expression == NULL)
		return true;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	l->src = source_of_text("-e",
	    (struct bytes){ (const uint8_t *)expression, strlen(expression) });
	if (ast_init(&l->ast) != 0) {
		say("out of memory");
		return false;
	}
	l->ast.now_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	l->ast.utc = utc;
	if (parse_expression(&l->ast, &l->src, &sink) != 0 ||
	    (l->rules = ruleset_new(ast_rules(&l->ast))) == NULL) {
		if (sink.count == 0)
			say("out of memory");
		return false;
	}
	return true;
}

static bool
live_init(struct live *l, const struct options *o)
{
	*l = (struct live){ .format = o->json ? &format_json : &format_text };
	formatter_init(&l->formatter, element_text);
	clock_init(&l->formatter.clock, o->utc);
	buf_init(&l->out, OUT_MAX);
	l->block = block_new();
	l->reader = block_reader_new();
	l->batch = batch_new(BATCH_ROWS);
	if (l->block != NULL && l->reader != NULL && l->batch != NULL)
		return make_filter(l, o->expression, o->utc);
	say("out of memory");
	return false;
}

static void
live_fini(struct live *l)
{
	ruleset_free(l->rules);
	ast_fini(&l->ast);
	batch_free(l->batch);
	block_reader_free(l->reader);
	block_free(l->block);
	buf_fini(&l->out);
}

/* All rows of a block; returns 0, or -1 for one that is damaged. */
static int
print_block(struct live *l, struct bytes octets)
{
	static const struct colset all = { { ~UINT64_C(0), ~UINT64_C(0) } };
	struct flowd_error err;
	size_t row = 0, n;

	if (block_parse(octets, l->block, &err) != 0 ||
	    l->block->kind != BLOCK_FLOWS)
		return -1;
	block_reader_begin(l->reader, l->block);
	if (block_reader_open(l->reader, all, &err) != 0)
		return -1;
	while (row < l->block->nrows) {
		batch_reset(l->batch);
		n = block_reader_rows(
		    l->reader, row, BATCH_ROWS, all, l->batch);
		if (n == 0)
			return -1;
		if (l->rules != NULL)
			ruleset_run(l->rules, l->batch);
		l->format->rows(&l->formatter, l->batch, &l->out);
		row += n;
	}
	return 0;
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
