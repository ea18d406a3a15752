/*
 * The connections of control to the other processes. All but the parent may
 * be compromised: a table says what each may send, and a process that sends
 * anything else is disconnected.
 *
 * Called by control.c; fanout.c queries them. Tests:
 * test/unit/flowd/control/test_peers.c, test/program/flowd/test_attacks.py.
 */
#ifndef FLOWD_PEERS_H
#define FLOWD_PEERS_H

#include "conn.h"
#include "imsg.h"

enum { CONTROL_PEERS = 80 };

struct peer {
	struct imsg_peer id;
	struct conn conn;
	/* serial number of the query that it works on; 0: none */
	uint32_t asked;
};

struct peers {
	struct peer list[CONTROL_PEERS];
	size_t n;
	bool tailing; /* they stream flows */
};

/*
 * Add a connection; it replaces an older one of the same process. Returns false
 * when there are too many: it was closed.
 */
bool peers_adopt(struct peers *p, const struct imsg_peer *id, int fd);
void peers_fini(struct peers *p);

/* Start or stop the tail in all engines. */
void peers_tail(struct peers *p, bool on);
/*
 * May the process send this frame? Only the parent answers orders, whose serial
 * numbers have this bit; only engines stream flows; and each process has its
 * own reports.
 */
enum { PEER_ORDER = 1u << 30 };
bool peer_may_send(const struct peer *p, const struct frame *f);

/* The connection to a process of this kind, or NULL. */
struct peer *peers_find(struct peers *p, uint32_t kind);

#endif
