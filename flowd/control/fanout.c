/* Fan-out of queries; see fanout.h. */
#include "fanout.h"
#include "show.h"

enum {
	ANSWER_MS = 3000, /* timeout for all processes */
	REPORT_MAX = 64 * 1024 * 1024, /* octets of one report */
	PORTION = 256 * 1024
};

uint32_t
fanout_metric_kinds(void)
{
	uint32_t kinds = 0;

	for (unsigned k = 0; k < REPORT_KINDS; k++)
		for (unsigned i = 0; i < report_info[k].nfields; i++)
			if (report_field_info[report_info[k].first + i]
				.metric != METRIC_NONE)
				kinds |= UINT32_C(1) << k;
	return kinds;
}

static bool
is_of(uint32_t kinds, unsigned kind)
{
	return kinds >> kind & 1;
}

static void
query_peer(struct fanout *r, struct peer *p, const struct ask *ask)
{
	size_t mark;

	p->asked = 0;
	if (!conn_is_open(&p->conn))
		return;
	mark = conn_mark(&p->conn);
	ask_put(&p->conn.out, r->serial, ask);
	if (conn_commit(&p->conn, mark))
		p->asked = r->serial;
	else
		r->cut = true;
}

void
fanout_begin(struct fanout *r, struct peers *peers, const struct ask *ask,
    int64_t now_ms)
{
	/* 0 means none; serials with PEER_ORDER are orders. */
	if (++r->serial == PEER_ORDER)
		r->serial = 1;
	r->going = true;
	r->cut = false;
	r->until_ms = now_ms + ANSWER_MS;
	r->kinds = ask->kinds;
	for (unsigned k = 0; k < REPORT_KINDS; k++)
		if (is_of(r->kinds, k))
			report_init(&r->reports[k], (enum report_kind)k,
			    REPORT_MAX);
	for (size_t i = 0; i < peers->n; i++)
		query_peer(r, &peers->list[i], ask);
}

static bool
take_rows(struct fanout *r, struct bytes body)
{
	int kind = report_peek(body), bad;

	if (kind < 0 || !is_of(r->kinds, (unsigned)kind))
		return false;
	bad = report_decode(&r->reports[kind], body);
	r->cut |= bad == FLOWD_ENOMEM;
	return bad == 0 || bad == FLOWD_ENOMEM;
}

bool
fanout_take(struct fanout *r, struct peer *from, const struct frame *f)
{
	int status;

	/* A late answer to a canceled query. */
	if (!r->going || f->serial != r->serial || from->asked != r->serial)
		return f->type == FRAME_REPORT || f->type == FRAME_END;
	if (f->type == FRAME_REPORT)
		return take_rows(r, f->body);
	if (f->type != FRAME_END || (status = end_read(f->body)) < 0)
		return false;
	r->cut |= status != END_GOOD;
	from->asked = 0;
	return true;
}

bool
fanout_over(struct fanout *r, const struct peers *peers, int64_t now_ms)
{
	if (now_ms >= r->until_ms) {
		r->cut = true;
		return true;
	}
	for (size_t i = 0; i < peers->n; i++)
		if (peers->list[i].asked != 0 &&
		    conn_is_open(&peers->list[i].conn))
			return false;
	return true;
}

void
fanout_drop(struct fanout *r)
{
	if (!r->going)
		return;
	for (unsigned k = 0; k < REPORT_KINDS; k++)
		if (is_of(r->kinds, k))
			report_fini(&r->reports[k]);
	r->going = false;
}

static bool
report_join(struct fanout *r, struct report *report)
{
	/* The rows that fit are complete. */
	report->cells.failed = report->texts.failed = false;
	if (report_settle(report))
		return true;
	r->cut = true;
	return false;
}

static void
put_rows(const struct report *report, struct buf *out, uint32_t serial)
{
	size_t row = 0;

	do {
		size_t begin = frame_open(out, FRAME_REPORT, serial);

		row = report_encode(report, row, PORTION, out);
		frame_close(out, begin);
	} while (row < report->nrows && buf_ok(out));
}

static void
fanout_finish(struct fanout *r, struct conn *c, uint32_t serial)
{
	end_put(&c->out, serial, r->cut ? END_CUT : END_GOOD);
	fanout_drop(r);
}

void
fanout_reports(struct fanout *r, struct conn *c, uint32_t serial)
{
	for (unsigned k = 0; k < REPORT_KINDS; k++) {
		size_t mark = conn_mark(c);

		if (!is_of(r->kinds, k) || !report_join(r, &r->reports[k]))
			continue;
		put_rows(&r->reports[k], &c->out, serial);
		r->cut |= !conn_commit(c, mark);
	}
	fanout_finish(r, c, serial);
}

void
fanout_metrics(struct fanout *r, struct conn *c, uint32_t serial)
{
	size_t mark = conn_mark(c);
	size_t begin = frame_open(&c->out, FRAME_TEXT, serial);

	for (unsigned k = 0; k < REPORT_KINDS; k++)
		if (is_of(r->kinds, k) && report_join(r, &r->reports[k]))
			show_metrics(&r->reports[k], &c->out);
	frame_close(&c->out, begin);
	r->cut |= !conn_commit(c, mark);
	fanout_finish(r, c, serial);
}
