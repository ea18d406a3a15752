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
	MESSAGE_BEGIN = 1, /* struct child_begin */
	MESSAGE_CONF, /* fd: package.h */
	MESSAGE_LISTENERS, /* fds; struct message_listener for each */
	MESSAGE_MAILBOX, /* fds: memory, wake-up */
	MESSAGE_PAIR, /* fd: forwarder.h; without: nothing is forwarded */
	MESSAGE_COLLECTORS, /* fds; struct collector for each */
	MESSAGE_STATE, /* fd: statebox.h */
	MESSAGE_LOGFILE, /* fd, path; without fd: none any more */
	MESSAGE_LOGSOCK, /* bufsize, path; empty: none any more */
	MESSAGE_LOGSOCK_FD, /* fd, or without: errno */
	MESSAGE_READY, /* from: what was sent before is done */
	MESSAGE_WANT_LOGSOCK, /* from */
	MESSAGE_GO, /* begin to work */
	MESSAGE_STATISTICS,
	MESSAGE_QUIT /* finish and exit */
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
