/* The processes that control asks; see peers.h. */
#include <unistd.h>

#include "peers.h"

enum {
	BODY_MAX = 8 * 1024 * 1024, /* a portion of rows, or a block */
	OUT_MAX = 64 * 1024 /* questions are short */
};

static void
tell(struct peer *p, enum frame_type type)
{
	const struct bytes nothing = { NULL, 0 };
	size_t mark;

	if (!conn_there(&p->conn))
		return;
	mark = conn_mark(&p->conn);
	frame_put(&p->conn.out, type, 0, nothing);
	(void)conn_keep(&p->conn, mark);
}

static struct peer *
place_for(struct peers *p, const struct control_peer *id)
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
peers_adopt(struct peers *p, const struct control_peer *id, int fd)
{
	struct peer *peer = place_for(p, id);

	if (peer == NULL) {
		(void)close(fd);
		return false;
	}
	conn_close(&peer->conn);
	conn_init(&peer->conn, fd, BODY_MAX, OUT_MAX);
	peer->asked = 0;
	if (p->tailing)
		tell(peer, FRAME_TAIL);
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
		tell(&p->list[i], on ? FRAME_TAIL : FRAME_TAIL_END);
}

struct peer *
peers_find(struct peers *p, uint32_t kind)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->list[i].id.kind == kind &&
		    conn_there(&p->list[i].conn))
			return &p->list[i];
	return NULL;
}
