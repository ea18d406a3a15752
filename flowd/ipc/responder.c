/* Answers to queries of control; see responder.h. */
#include "responder.h"

enum {
	REPORT_MAX = 64 * 1024 * 1024, /* octets of one report */
	OUT_MAX = 64 * 1024 * 1024,
	PORTION = 256 * 1024, /* octets of rows in a frame */
	/* Beyond this, no queries are read until the peer reads. */
	WAITING_MAX = 8 * 1024 * 1024
};

void
responder_init(struct responder *a, const struct responder_row *rows,
    size_t nrows, void *arg)
{
	*a = (struct responder){ .conn = { .fd = -1 }, .rows = rows,
		.nrows = nrows, .arg = arg };
}

void
responder_adopt(struct responder *a, int fd)
{
	responder_fini(a);
	conn_init(&a->conn, fd, FRAME_REQUEST_MAX, OUT_MAX);
}

void
responder_fini(struct responder *a)
{
	tail_end(&a->tail);
	conn_close(&a->conn);
}

short
responder_events(const struct responder *a)
{
	return conn_events(&a->conn);
}

/* Send the rows of a report in portions. False when they do not fit. */
static bool
responder_put_report(
    struct responder *a, const struct report *r, uint32_t serial)
{
	struct buf *out = &a->conn.out;
	size_t row = 0;

	do {
		size_t begin = frame_open(out, FRAME_REPORT, serial);

		row = report_encode(r, row, PORTION, out);
		frame_close(out, begin);
	} while (row < r->nrows && buf_ok(out));
	return buf_ok(out);
}

/* The row of the i-th report; queries for metrics may have another one. */
static const struct responder_row *
responder_find_row(const struct responder *a, const struct ask *ask, size_t i)
{
	for (size_t k = 0; ask->metrics && k < a->nmetrics; k++)
		if (a->metrics[k].kind == a->rows[i].kind)
			return &a->metrics[k];
	return &a->rows[i];
}

static void
responder_answer(struct responder *a, uint32_t serial, const struct ask *ask)
{
	enum end_status status = END_GOOD;
	struct report r;

	if (a->update != NULL)
		a->update(a->update_arg);
	report_init(&r, REPORT_OF_STATUS, REPORT_MAX);
	for (size_t i = 0; i < a->nrows; i++) {
		size_t mark = conn_mark(&a->conn);

		if ((ask->kinds >> a->rows[i].kind & 1) == 0)
			continue;
		report_reset(&r, a->rows[i].kind);
		responder_find_row(a, ask, i)->fill(&r, &ask->only, a->arg);
		if (!report_ok(&r))
			status = END_CUT;
		/* Send the rows that fit: each of them is complete. */
		r.cells.failed = r.texts.failed = false;
		(void)responder_put_report(a, &r, serial);
		if (!conn_commit(&a->conn, mark))
			status = END_CUT;
	}
	report_fini(&r);
	end_put(&a->conn.out, serial, status);
}

/* Handle a frame. Returns false for an invalid one: disconnect then. */
static bool
responder_handle_frame(struct responder *a, const struct frame *f)
{
	struct ask ask;

	switch (f->type) {
	case FRAME_ASK:
		if (ask_read(f->body, &ask) != 0)
			return false;
		responder_answer(a, f->serial, &ask);
		return true;
	case FRAME_TAIL:
		if (a->tails)
			tail_begin(&a->tail, a->seed);
		return true;
	case FRAME_TAIL_END:
		tail_end(&a->tail);
		return true;
	case FRAME_RELOAD:
	case FRAME_ROTATE:
		if (a->order == NULL)
			return false;
		a->order(f->type, f->serial, a->arg);
		return true;
	default:
		return false;
	}
}

/*
 * A peer that does not read its answers gets no new ones; poll(2) reports when
 * it reads again.
 */
static bool
responder_may_read(struct responder *a)
{
	if (conn_waiting(&a->conn) < WAITING_MAX)
		return true;
	return conn_flush(&a->conn) && conn_waiting(&a->conn) < WAITING_MAX;
}

void
responder_handle(struct responder *a)
{
	struct frame f;
	int got = 0;

	if (!conn_handle(&a->conn)) {
		tail_end(&a->tail);
		return;
	}
	while (responder_may_read(a) && (got = conn_next(&a->conn, &f)) > 0)
		if (!responder_handle_frame(a, &f)) {
			got = FLOWD_EFORMAT;
			break;
		}
	if (got < 0 || !conn_flush(&a->conn))
		responder_fini(a);
}

void
responder_text(struct responder *a, uint32_t serial, const char *text)
{
	size_t mark = conn_mark(&a->conn);

	if (!conn_is_open(&a->conn))
		return;
	frame_put(&a->conn.out, FRAME_TEXT, serial,
	    (struct bytes){ (const uint8_t *)text, strlen(text) });
	(void)conn_commit(&a->conn, mark);
}

void
responder_done(struct responder *a, uint32_t serial, enum end_status status)
{
	size_t mark = conn_mark(&a->conn);

	if (!conn_is_open(&a->conn))
		return;
	end_put(&a->conn.out, serial, status);
	(void)conn_commit(&a->conn, mark);
	(void)conn_flush(&a->conn);
}

void
responder_flows(struct responder *a, const struct batch *batch, int64_t now_ms)
{
	tail_add(&a->tail, batch, &a->conn, now_ms);
}

void
responder_tick(struct responder *a, int64_t now_ms)
{
	size_t before = conn_waiting(&a->conn);

	tail_tick(&a->tail, &a->conn, now_ms);
	if (conn_waiting(&a->conn) > before && !conn_flush(&a->conn))
		tail_end(&a->tail);
}
