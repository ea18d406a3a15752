/*
 * Channels between the parent and its children: messages over a pair of
 * sockets, each with descriptors when it wants to.
 *
 * A message is sent whole or not at all. Called by parent.c, child.c and the
 * mains of the children. Test: test/unit/flowd/test_imsg.c.
 */
#ifndef FLOWD_IMSG_H
#define FLOWD_IMSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	IMSG_DATA = 16 * 1024, /* octets of a message */
	IMSG_FDS = 64 /* descriptors of a message */
};

/* To a child, unless it says from. */
enum imsg_type {
	IMSG_START = 1, /* struct proc_start */
	IMSG_CONF, /* fd: conf_image.h; a slot, an octet, for each logdir */
	IMSG_LISTENERS, /* fds; struct listener for each */
	IMSG_COUNTERS, /* fds: shared_counters.h, the writer's wake; message_place */
	IMSG_WAKE, /* fd: the other end of it */
	IMSG_INTENTS, /* fd: write_intent.h */
	IMSG_RINGS, /* fds: of each engine, or its own; message_slot */
	IMSG_FORWARD_QUEUE, /* fd: forwarder.h; without: nothing is forwarded */
	IMSG_COLLECTORS, /* fds; struct collector for each */
	IMSG_SNAPSHOT, /* fd: snapshot.h */
	IMSG_LOG, /* fd, message_slot, path; without fd: none any more.
		      * from, with message_slot: the one before is closed */
	IMSG_LOG_FAILED, /* message_slot, why the next file was not opened */
	IMSG_LOG_GONE, /* from, with message_slot: somebody removed it */
	IMSG_LOG_CLOSE, /* message_slot: all of it. from: done */
	IMSG_LOGSOCK, /* bufsize, path; empty: none any more */
	IMSG_LOGSOCK_FD, /* fd, or without: errno */
	IMSG_CONTROL_LINK, /* fd: responder.h; to metrics: of control, as a client */
	IMSG_CONTROL_SOCKET, /* fd: control_socket.h; without: nobody connects */
	IMSG_PEER, /* fd: of a process; struct imsg_peer */
	IMSG_METRICS_LINK, /* fd: of metrics */
	IMSG_METRICS_SOCKETS, /* fds: http.h */
	IMSG_READY, /* from: what was sent before is done */
	IMSG_WANT_LOGSOCK, /* from */
	IMSG_CLOCK_BACK, /* from an engine: the clock went back */
	IMSG_GO, /* begin to work */
	IMSG_STATISTICS, /* log them. from: done */
	IMSG_QUIT /* finish and exit */
};

/* A log, by its slot (shmem.h), and which file of it. */
struct imsg_log {
	uint32_t slot;
	uint32_t serial;
	uint64_t max_octets; /* of the file; 0: no matter how many */
};

/* Which of the engines one is. */
struct imsg_engine {
	uint32_t index;
	uint32_t of;
};

/* With IMSG_PEER: whose end the descriptor is of. */
struct imsg_peer {
	uint32_t kind; /* enum proc_kind, or PROC_KINDS for the parent */
	uint32_t index;
	char name[24]; /* for people: engine 2 */
};

struct imsg {
	uint32_t type; /* enum imsg_type */
	uint32_t nfds;
	int fds[IMSG_FDS]; /* the receiver's, when it has been received */
	size_t len;
	uint8_t data[IMSG_DATA];
};

/* Both ends, which close on exec. -1 and errno. */
int imsg_pair(int ends[2]);

/*
 * Send; waits while the receiver is slow, five seconds at most. Returns 0, or
 * -1 and errno.
 */
int imsg_send(int fd, const struct imsg *msg);
/* A message without descriptors and data. */
int imsg_send_type(int fd, enum imsg_type type);

/*
 * Receive one message without waiting. Returns 1, 0 when there is none, or -1
 * when the other end is gone. Descriptors close on exec.
 */
int imsg_receive(int fd, struct imsg *msg);

#endif
