/*
 * Messages between the parent and its children, over a pair of sockets, with
 * file descriptors attached. A message is sent whole or not at all.
 *
 * Called by the parent and the mains of the children. Test:
 * test/unit/flowd/ipc/test_imsg.c.
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

/*
 * Types of messages to a child; "from" marks those of a child to the parent.
 * Behind each: descriptors, then data.
 */
enum imsg_type {
	IMSG_START = 1, /* struct proc_start */
	/* fd of a conf_image; the slot of each logdir, an octet each */
	IMSG_CONF,
	IMSG_LISTENERS, /* fds; an array of struct listener */
	/*
	 * fds of the shared counters and of the pipe that wakes the writer;
	 * struct imsg_engine
	 */
	IMSG_COUNTERS,
	IMSG_WAKE, /* fd: the read end of that pipe */
	IMSG_INTENTS, /* fd of the write intents */
	/*
	 * fds of rings: the writer gets those of all engines, an engine its
	 * own; struct imsg_log
	 */
	IMSG_RINGS,
	/* fd of the forward queue; without: nothing is forwarded */
	IMSG_FORWARD_QUEUE,
	IMSG_COLLECTORS, /* fds; an array of struct collector */
	IMSG_SNAPSHOT, /* fd of the snapshot */
	/*
	 * fd of a file, struct imsg_log and path; without fd: the log is
	 * closed. from, with imsg_log: the file before is closed
	 */
	IMSG_LOG,
	IMSG_LOG_FAILED, /* imsg_log, and why the next file was not opened */
	IMSG_LOG_REMOVED, /* from, with imsg_log: the file was removed */
	IMSG_LOG_CLOSE, /* imsg_log: close the log and its rings. from: done */
	/* bufsize and path of the log socket; an empty path: none */
	IMSG_LOGSOCK,
	IMSG_LOGSOCK_FD, /* fd of the connected log socket; without fd: errno */
	IMSG_CONTROL_LINK, /* fd: a connection to control (responder.h) */
	/* fd of the control socket; none: it is closed */
	IMSG_CONTROL_SOCKET,
	IMSG_PEER, /* fd: a connection to a process; struct imsg_peer */
	IMSG_METRICS_LINK, /* fd: a connection to the metrics process */
	IMSG_METRICS_SOCKETS, /* fds of listening sockets (http.h) */
	IMSG_READY, /* from: all earlier messages have been applied */
	IMSG_LOGSOCK_REQUEST, /* from: connect the log socket */
	IMSG_CLOCK_BACK, /* from an engine: the system clock was set back */
	IMSG_GO, /* start to work */
	IMSG_STATISTICS, /* log statistics. from: done */
	IMSG_QUIT /* finish and exit */
};

/* A log by its slot (slots.h), and which file of it. */
struct imsg_log {
	uint32_t slot;
	uint32_t serial;
	uint64_t max_octets; /* size limit of the file; 0: none */
};

/* The number of an engine, of how many. */
struct imsg_engine {
	uint32_t index;
	uint32_t of;
};

/* Of IMSG_PEER: the process at the other end. */
struct imsg_peer {
	uint32_t kind; /* enum proc_kind, or PROC_KINDS for the parent */
	uint32_t index;
	char name[24]; /* for messages: engine 2 */
};

struct imsg {
	uint32_t type; /* enum imsg_type */
	uint32_t nfds;
	int fds[IMSG_FDS]; /* received descriptors belong to the receiver */
	size_t len;
	uint8_t data[IMSG_DATA];
};

/* Create a channel; both ends close on exec. Returns 0, or -1 and errno. */
int imsg_pair(int ends[2]);

/*
 * Send a message. Blocks for at most five seconds while the receiver is slow.
 * Returns 0, or -1 and errno.
 */
int imsg_send(int fd, const struct imsg *msg);
/* Send a message that has only a type. */
int imsg_send_type(int fd, enum imsg_type type);

/*
 * Receive one message without blocking. Returns 1, 0 when there is none, or -1
 * when the other end is closed. Descriptors close on exec.
 */
int imsg_receive(int fd, struct imsg *msg);

#endif
