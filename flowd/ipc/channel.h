/*
 * Channels between the parent and its children: messages over a pair of
 * sockets, each with descriptors when it wants to.
 *
 * A message is sent whole or not at all. Called by parent.c, child.c and the
 * mains of the children. Test: test/unit/flowd/test_channel.c.
 */
#ifndef FLOWD_CHANNEL_H
#define FLOWD_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CHANNEL_DATA = 16 * 1024, /* octets of a message */
	CHANNEL_FDS = 64 /* descriptors of a message */
};

/* To a child, unless it says from. */
enum message_type {
	MESSAGE_BEGIN = 1, /* struct proc_start */
	MESSAGE_CONF, /* fd: package.h; a slot, an octet, for each logdir */
	MESSAGE_LISTENERS, /* fds; struct listener for each */
	MESSAGE_LEDGER, /* fds: ledger.h, the keeper's wake; message_place */
	MESSAGE_WAKE, /* fd: the other end of it */
	MESSAGE_NOTES, /* fd: note.h */
	MESSAGE_MAILBOXES, /* fds: of each engine, or its own; message_slot */
	MESSAGE_PAIR, /* fd: forwarder.h; without: nothing is forwarded */
	MESSAGE_COLLECTORS, /* fds; struct collector for each */
	MESSAGE_STATE, /* fd: statebox.h */
	MESSAGE_LOG, /* fd, message_slot, path; without fd: none any more.
		      * from, with message_slot: the one before is closed */
	MESSAGE_LOG_FAILED, /* message_slot, why the next file was not opened */
	MESSAGE_LOG_GONE, /* from, with message_slot: somebody removed it */
	MESSAGE_CLOSE, /* message_slot: all of it. from: done */
	MESSAGE_LOGSOCK, /* bufsize, path; empty: none any more */
	MESSAGE_LOGSOCK_FD, /* fd, or without: errno */
	MESSAGE_ANSWER, /* fd: answer.h; to metrics: of control, as a client */
	MESSAGE_CONTROL, /* fd: ctlsock.h; without: nobody connects */
	MESSAGE_PEER, /* fd: of a process; struct message_peer */
	MESSAGE_CLIENT, /* fd: of metrics */
	MESSAGE_METRICS, /* fds: http.h */
	MESSAGE_READY, /* from: what was sent before is done */
	MESSAGE_WANT_LOGSOCK, /* from */
	MESSAGE_CLOCK, /* from an engine: the clock went back */
	MESSAGE_GO, /* begin to work */
	MESSAGE_STATISTICS, /* log them. from: done */
	MESSAGE_QUIT /* finish and exit */
};

/* A log, by its slot (shmem.h), and which file of it. */
struct message_slot {
	uint32_t slot;
	uint32_t serial;
	uint64_t max_octets; /* of the file; 0: no matter how many */
};

/* Which of the engines one is. */
struct message_place {
	uint32_t index;
	uint32_t of;
};

/* With MESSAGE_PEER: whose end the descriptor is of. */
struct message_peer {
	uint32_t kind; /* enum proc_kind, or PROC_KINDS for the parent */
	uint32_t index;
	char name[24]; /* for people: engine 2 */
};

struct message {
	uint32_t type; /* enum message_type */
	uint32_t nfds;
	int fds[CHANNEL_FDS]; /* the receiver's, when it has been received */
	size_t len;
	uint8_t data[CHANNEL_DATA];
};

/* Both ends, which close on exec. -1 and errno. */
int channel_open(int ends[2]);

/*
 * Send; waits while the receiver is slow, five seconds at most. Returns 0, or
 * -1 and errno.
 */
int channel_send(int fd, const struct message *msg);
/* A message without descriptors and data. */
int channel_tell(int fd, enum message_type type);

/*
 * Receive one message without waiting. Returns 1, 0 when there is none, or -1
 * when the other end is gone. Descriptors close on exec.
 */
int channel_receive(int fd, struct message *msg);

#endif
