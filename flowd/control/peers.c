/* The processes that control queries; see peers.h. */
#include <unistd.h>

#include "peers.h"
#include "proc.h"
#include "report.h"

enum {
	BODY_MAX = 8 * 1024 * 1024, /* rows of a report, or a block */
	OUT_MAX = 64 * 1024 /* queries are short */
};

enum {
	MAY_REPORT = 1 << FRAME_REPORT | 1 << FRAME_END,
	MAY_ANSWER_ORDERS = 1 << FRAME_TEXT | 1 << FRAME_END,
	MAY_SHOW_FLOWS = 1 << FRAME_FLOWS
};

/*
 * The frames that each process may send. Control and metrics are not queried.
 */
static const struct {
	unsigned frames; /* 1 << enum frame_type */
	unsigned of_orders; /* the same, for serials of orders */
	uint64_t reports; /* 1 << enum report_kind */
} may_send[PROC_KINDS + 1] = {
	[PROC_ENGINE] = { MAY_REPORT | MAY_SHOW_FLOWS, 0, 0
#define ENGINE_REPORT(report, fill) | UINT64_C(1) << REPORT_OF_##report
#include "process_reports.def"
	},
	[PROC_WRITER] = { MAY_REPORT, 0, 0
#define WRITER_REPORT(report, fill) | UINT64_C(1) << REPORT_OF_##report
#include "process_reports.def"
	},
	[PROC_FORWARDER] = { MAY_REPORT, 0, 0
#define FORWARDER_REPORT(report, fill) | UINT64_C(1) << REPORT_OF_##report
#include "process_reports.def"
	},
	[PROC_KINDS] = { MAY_REPORT, MAY_ANSWER_ORDERS, 0
#define PARENT_REPORT(report, fill) | UINT64_C(1) << REPORT_OF_##report
#include "process_reports.def"
	},
};

_Static_assert((int)REPORT_KINDS <= 64, "a kind of report is a bit");

static bool
may_report(uint32_t who, struct bytes report)
{
	int kind = report_peek(report);

	return kind >= 0 && (may_send[who].reports >> kind & 1) != 0;
}

bool
peer_may_send(const struct peer *p, const struct frame *f)
{
	uint32_t who = p->id.kind;
	unsigned frames = (f->serial & PEER_ORDER) != 0
	    ? may_send[who].of_orders : may_send[who].frames;

	if ((frames >> f->type & 1) == 0)
		return false;
	return f->type != FRAME_REPORT || may_report(who, f->body);
}

static void
peer_send(struct peer *p, enum frame_type type)
{
	const struct bytes nothing = { NULL, 0 };
	size_t mark;

	if (!conn_is_open(&p->conn))
		return;
	mark = conn_mark(&p->conn);
	frame_put(&p->conn.out, type, 0, nothing);
	(void)conn_commit(&p->conn, mark);
}

static struct peer *
peer_slot(struct peers *p, const struct imsg_peer *id)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->list[i].id.kind == id->kind &&
		    p->list[i].id.index == id->index)
			return &p->list[i];
	if (p->n == CONTROL_PEERS)
		return NULL;
	p->list[p->n] = (struct peer){ .id = *id, .conn = { .fd = -1 } };
	return &p->list[p->n++];
}

bool
peers_adopt(struct peers *p, const struct imsg_peer *id, int fd)
{
	struct peer *peer = peer_slot(p, id);

	if (id->kind > PROC_KINDS || peer == NULL) {
		(void)close(fd);
		return false;
	}
	conn_close(&peer->conn);
	conn_init(&peer->conn, fd, BODY_MAX, OUT_MAX);
	peer->asked = 0;
	if (p->tailing)
		peer_send(peer, FRAME_TAIL);
	return true;
}

void
peers_fini(struct peers *p)
{
	for (size_t i = 0; i < p->n; i++)
		conn_close(&p->list[i].conn);
	p->n = 0;
}

void
peers_tail(struct peers *p, bool on)
{
	if (p->tailing == on)
		return;
	p->tailing = on;
	for (size_t i = 0; i < p->n; i++)
		peer_send(&p->list[i], on ? FRAME_TAIL : FRAME_TAIL_END);
}

struct peer *
peers_find(struct peers *p, uint32_t kind)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->list[i].id.kind == kind &&
		    conn_is_open(&p->list[i].conn))
			return &p->list[i];
	return NULL;
}
