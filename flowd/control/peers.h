/*
 * The processes that control asks, and the flows they show: one connection to
 * each. Any of them but the parent may have been taken over by somebody: what
 * each may say is in one table, and who says anything else is not heard again.
 *
 * Called by control.c and fanout.c. Tests: test/unit/flowd/test_peers.c,
 * test/program/test_attacks.py.
 */
#ifndef FLOWD_PEERS_H
#define FLOWD_PEERS_H

#include "conn.h"
#include "imsg.h"

enum { CONTROL_PEERS = 80 };

struct peer {
	struct imsg_peer id;
	struct conn conn;
	uint32_t asked; /* serial of the question it works on; 0: none */
};

struct peers {
	struct peer list[CONTROL_PEERS];
	size_t n;
	bool tailing; /* they are to show flows */
};

/* Take an end; it replaces that of the same process. False: there are too
 * many, and it was closed. */
bool peers_adopt(struct peers *p, const struct imsg_peer *id, int fd);
void peers_fini(struct peers *p);

/* Begin or end to show flows, everywhere. */
void peers_tail(struct peers *p, bool on);
/*
 * May it say this? Only the parent answers orders, whose serials have this
 * bit; only engines have flows to show; and each has its own reports.
 */
enum { PEER_ORDER = 1u << 30 };
bool peer_may_say(const struct peer *p, const struct frame *f);

/* The one of this kind, or NULL when it is not there. */
struct peer *peers_find(struct peers *p, uint32_t kind);

#endif
