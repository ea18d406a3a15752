/*
 * The log socket: each version 3 record is sent as a datagram to a program that
 * has bound a UNIX socket.
 *
 * Nothing here blocks. While the reader is slow, records wait in a bounded
 * queue; what does not fit is lost and counted, and so is everything while
 * there is no reader. Connecting is retried at a bounded rate.
 *
 * When the reader takes nothing for LOGSOCK_STALL_MS, the socket is connected
 * again: another reader may have bound the path. This is logged, and the queue
 * is kept.
 *
 * The sending process cannot see the path: another one calls logsock_connect()
 * (sockets/logsock_connect.h), and the result is adopted here.
 *
 * Called by the other files of the writer. Tests:
 * test/unit/flowd/writer/test_logsock.c, test/program/flowd/test_logsock.py.
 */
#ifndef FLOWD_LOGSOCK_H
#define FLOWD_LOGSOCK_H

#include "buf.h"
#include "log.h"
#include "wire.h"

enum {
	LOGSOCK_QUEUE = 4 * 1024 * 1024, /* size limit of the queue, octets */
	LOGSOCK_DELAY_LEAST = 100, /* ms between two attempts to connect */
	LOGSOCK_DELAY_MOST = 5000,
	/* until a reader that takes nothing is given up */
	LOGSOCK_STALL_MS = 20000
};

enum logsock_state {
	LOGSOCK_ABSENT, /* no reader: records are lost */
	/* the reader is just gone: records wait for one more attempt */
	LOGSOCK_BROKEN,
	LOGSOCK_CONNECTED
};

struct logsock {
	char *path; /* NULL: there is no log socket, and all calls do nothing */
	uint32_t bufsize; /* size of the send buffer; 0: the system's default */
	int fd;
	enum logsock_state state;
	int error; /* errno of the last connect or send; 0: success */
	int64_t tried_ms; /* time of the last attempt to connect */
	int64_t delay_ms; /* time until the next attempt */
	struct buf queue;
	size_t head; /* octets of queue that have been sent */
	uint64_t seen; /* sent, when the reader last took something */
	int64_t seen_ms; /* the time of that */
	bool stalled; /* the reader takes nothing */
	struct log_limit limit;
	bool failure_logged; /* a failure was logged */
	uint64_t sent; /* records */
	uint64_t queued;
	uint64_t lost;
};

void logsock_init(struct logsock *ls);
/* Queued records are lost; they are counted and logged. */
void logsock_fini(struct logsock *ls);

/*
 * Use another path, NULL for none; always connects again, even to the same
 * path. The queue and the counters are kept. Returns 0, or -1 when out of
 * memory: then nothing has changed.
 */
int logsock_set(struct logsock *ls, const char *path, uint32_t bufsize);

/*
 * Is it time to call logsock_connect()? now_ms is of a monotonic clock. Call it
 * in every iteration of the loop: it also gives up a stalled reader.
 */
bool logsock_due(struct logsock *ls, int64_t now_ms);
/*
 * Adopt the result of logsock_connect(): the descriptor, which is taken, or -1
 * and errno. Sends the queue.
 */
void logsock_adopt(struct logsock *ls, int fd, int error, int64_t now_ms);
/* Send version 3 records, or queue them, or count them as lost. */
void logsock_put(struct logsock *ls, struct bytes records);
/* Send queued records as far as possible. */
void logsock_flush(struct logsock *ls);

/* The reason why it does not work, or NULL. */
const char *logsock_problem(const struct logsock *ls);
/* The reader is slow: poll fd for POLLOUT. */
bool logsock_blocked(const struct logsock *ls);
/* The timeout for poll(2) in ms; -1: only new records matter. */
int logsock_timeout(const struct logsock *ls, int64_t now_ms);

#endif
