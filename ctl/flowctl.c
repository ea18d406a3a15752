/*
 * flowctl: queries and controls a running flowd. See flowctl(8).
 *
 *	options.c -> request -> client.c -> flowd
 *	             answer  <- client.c <-/
 *	             lib/report/show.h, or tail_command.c for flows
 *
 * Test: test/program/flowd/test_flowctl.py.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "client.h"
#include "tail_command.h"
#include "options.h"
#include "print.h"
#include "screen.h"
#include "show.h"

enum {
	SERIAL = 1, /* of the only request */
	REPORT_MAX = 512 * 1024 * 1024,
	OUT_MAX = 1024 * 1024 * 1024,
	LINE_MAX_OCTETS = 4096 /* of a message */
};

/* The answer, as far as it was received. */
struct answer {
	const struct options *o;
	struct report reports[REPORT_KINDS]; /* of the command's kinds */
	struct buf out; /* of texts */
	enum end_status status;
};

static bool
is_kind_of(uint32_t kinds, unsigned kind)
{
	return kinds >> kind & 1;
}

static void
answer_init(struct answer *a, const struct options *o)
{
	*a = (struct answer){ .o = o };
	buf_init(&a->out, OUT_MAX);
	for (unsigned k = 0; k < REPORT_KINDS; k++)
		if (is_kind_of(o->kinds, k))
			report_init(
			    &a->reports[k], (enum report_kind)k, REPORT_MAX);
}

static void
answer_fini(struct answer *a)
{
	for (unsigned k = 0; k < REPORT_KINDS; k++)
		if (is_kind_of(a->o->kinds, k))
			report_fini(&a->reports[k]);
	buf_fini(&a->out);
}

static bool
answer_take_rows(struct answer *a, struct bytes body)
{
	int kind = report_peek(body);

	return kind >= 0 && is_kind_of(a->o->kinds, (unsigned)kind) &&
	    report_decode(&a->reports[kind], body) == 0;
}

/* Returns 1 at the end of the answer, 0 before, -1 for an invalid frame. */
static int
answer_take_frame(struct answer *a, const struct frame *f)
{
	int status;

	if (f->type == FRAME_REPORT)
		return answer_take_rows(a, f->body) ? 0 : -1;
	if (f->type == FRAME_TEXT) {
		buf_append(&a->out, f->body.ptr, f->body.len);
		return 0;
	}
	if (f->type != FRAME_END || (status = end_read(f->body)) < 0)
		return -1;
	a->status = (enum end_status)status;
	return 1;
}

/* Returns 0, or -1 after printing the error. */
static int
answer_receive(struct answer *a, struct client *c)
{
	struct frame f;
	int done = 0;

	while (done == 0) {
		int got = client_next(c, &f, false);

		if (got < 0)
			return -1;
		done = got > 0 ? answer_take_frame(a, &f) : 0;
	}
	if (done > 0)
		return 0;
	print_error("flowd sent an invalid answer; is its version "
	    FLOWD_VERSION "?");
	return -1;
}

static int64_t
clock_now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* Print the reports, with an empty line between them. */
static void
answer_print_reports(struct answer *a)
{
	const struct options *o = a->o;
	struct show how = { .now_ns = clock_now_ns(), .utc = o->scan.utc,
		.details = o->only.family != ADDR_NONE };

	for (unsigned k = 0; k < REPORT_KINDS; k++) {
		const struct report *r = &a->reports[k];

		if (!is_kind_of(o->kinds, k))
			continue;
		if (o->json) {
			show_json(r, &a->out);
			continue;
		}
		if (!show_has_rows(r))
			continue;
		if (a->out.len > 0)
			buf_append_char(&a->out, '\n');
		show_text(r, &how, &a->out);
	}
	if (a->out.len == 0 && !o->json)
		buf_printf(&a->out, "no %s\n", o->command->word);
}

/* Print lines of flowd, with control characters escaped. */
static void
print_lines(const struct buf *lines)
{
	const char *at = (const char *)lines->ptr, *end, *nl;
	struct buf line;

	if (lines->len == 0)
		return;
	end = at + lines->len;
	buf_init(&line, OUT_MAX);
	for (; at < end && (nl = memchr(at, '\n', (size_t)(end - at))) != NULL;
	     at = nl + 1) {
		char text[LINE_MAX_OCTETS];

		(void)snprintf(
		    text, sizeof(text), "%.*s", (int)(nl - at), at);
		buf_reset(&line);
		(void)screen_put(&line, text);
		if (buf_ok(&line))
			(void)fprintf(stderr, "%.*s\n", (int)line.len,
			    (const char *)line.ptr);
	}
	buf_fini(&line);
}

/* The text of the answer is errors and warnings. */
static int
answer_print_result(struct answer *a)
{
	print_lines(&a->out);
	if (a->status == END_GOOD) {
		buf_reset(&a->out);
		buf_printf(&a->out, "%s\n", a->o->command->done);
		return print_out(&a->out) < 0;
	}
	if (a->status == END_BUSY)
		print_error("flowd has too many clients: try again");
	else
		print_error("%s failed", a->o->command->word);
	return 1;
}

/* Returns the exit status. */
static int
answer_finish(struct answer *a)
{
	int bad;

	if (a->o->command->done != NULL)
		return answer_print_result(a);
	if (a->status == END_BUSY) {
		print_error("flowd has too many clients: try again");
		return 1;
	}
	if (a->o->command->type == FRAME_ASK)
		answer_print_reports(a);
	bad = print_out(&a->out) < 0;
	if (a->status != END_GOOD) {
		print_error("the answer is incomplete: a process of flowd did "
		    "not answer, or it is too long");
		return 1;
	}
	return bad;
}

static int
send_request(struct client *c, const struct options *o)
{
	const struct bytes nothing = { NULL, 0 };
	const struct ask ask = { o->kinds, o->only, false };
	struct buf request;
	int bad;

	buf_init(&request, FRAME_HEAD + FRAME_REQUEST_MAX);
	if (o->command->type == FRAME_ASK)
		ask_put(&request, SERIAL, &ask);
	else
		frame_put(&request, o->command->type, SERIAL, nothing);
	bad = client_send(c, &request);
	buf_fini(&request);
	return bad;
}

int
main(int argc, char **argv)
{
	struct options o;
	struct client c;
	struct answer a;
	int status = 1;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)argc;
	options_parse(&o, argv);
	if (client_open(&c, o.socket) != 0 || send_request(&c, &o) != 0) {
		client_close(&c);
		return 1;
	}
	if (o.command->type == FRAME_TAIL) {
		status = tail_command_run(&c, &o);
	} else {
		answer_init(&a, &o);
		if (answer_receive(&a, &c) == 0)
			status = answer_finish(&a);
		answer_fini(&a);
	}
	client_close(&c);
	return status;
}
