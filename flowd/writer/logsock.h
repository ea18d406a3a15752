/*
 * The log socket: each record as a datagram to a program that has bound a
 * UNIX socket, in version 3, as it would be in a file.
 *
 * Nothing here waits. While the program does not keep up, records are kept in
 * a bounded queue; what does not fit is counted, and so is everything while
 * nobody is there. It is looked for again and again, at a bounded rate.
 *
 * A reader that takes nothing for LOGSOCK_STALL_MS is connected to anew: by
 * the path there may be another one by now, while the first one hangs. It is
 * told, and what waits is kept.
 *
 * The process that sends cannot see the path: another one calls
 * logsock_connect() (sockets/logsock_connect.h), and what that returned is
 * adopted here.
 *
 * Called by writer.c.
 * Tests: test/unit/flowd/test_logsock.c, test/program/test_logsock.py.
 */
#ifndef FLOWD_LOGSOCK_H
#define FLOWD_LOGSOCK_H

#include "buf.h"
#include "log.h"
#include "wire.h"

enum {
	LOGSOCK_QUEUE = 4 * 1024 * 1024, /* octets that may wait, at most */
	LOGSOCK_DELAY_LEAST = 100, /* ms between two attempts to connect */
	LOGSOCK_DELAY_MOST = 5000,
	LOGSOCK_STALL_MS = 20000 /* that its reader may take nothing */
};

enum logsock_state {
	LOGSOCK_ABSENT, /* nobody is there: records are lost */
	LOGSOCK_BROKEN, /* just gone: records wait for one more attempt */
	LOGSOCK_CONNECTED
};

struct logsock {
	char *path; /* NULL: there is none, and all calls do nothing */
	uint32_t bufsize; /* of the socket, octets; 0: as the system has it */
	int fd;
	enum logsock_state state;
	int error; /* errno of the last attempt to connect or send, 0: good */
	int64_t tried_ms; /* when connecting was tried */
	int64_t delay_ms; /* and how long until it is again */
	struct buf queue;
	size_t head; /* octets of queue that were sent since */
	uint64_t seen; /* records sent when its reader took something last */
	int64_t seen_ms; /* when that was */
	bool stalled; /* its reader takes nothing */
	struct log_limit limit;
	bool told; /* that something is wrong */
	uint64_t sent; /* records */
	uint64_t queued;
	uint64_t lost;
};

void logsock_init(struct logsock *ls);
/* What is still queued is lost; it is counted, and told. */
void logsock_fini(struct logsock *ls);

/*
 * Use this path from now on, NULL for none; it is to be connected
 * anew also when it is the same. The queue and the counters are
 * kept. Returns 0, or -1 out of memory: nothing has changed then.
 */
int logsock_set(struct logsock *ls, const char *path, uint32_t bufsize);

/*
 * Should logsock_connect() be tried now? now_ms is of a monotonic clock. Ask
 * at every turn of the loop: a reader that has stalled is let go of here.
 */
bool logsock_due(struct logsock *ls, int64_t now_ms);
/* What it returned, and errno; the descriptor is taken. Sends the queue. */
void logsock_adopt(struct logsock *ls, int fd, int error, int64_t now_ms);
/* Send whole version 3 records, or queue or count them. */
void logsock_put(struct logsock *ls, struct bytes records);
/* Try to send what is queued. */
void logsock_flush(struct logsock *ls);

/* What is wrong with it, or NULL. */
const char *logsock_trouble(const struct logsock *ls);
/* It waits for its reader: poll fd for POLLOUT. */
bool logsock_blocked(const struct logsock *ls);
/* When to come back at the latest, in ms from now; -1: only with records. */
int logsock_timeout(const struct logsock *ls, int64_t now_ms);

#endif
