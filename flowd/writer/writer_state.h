/*
 * The state of the writer process, for the files of this folder: writer.c has
 * its loop, writer_imsg.c the messages of the parent, writer_outputs.c what
 * differs between kinds of logs, writer_logsock.c the log socket.
 *
 * Test: test/program/flowd/test_privsep.py.
 */
#ifndef FLOWD_WRITER_STATE_H
#define FLOWD_WRITER_STATE_H

#include <poll.h>

#include "imsg.h"
#include "logsock.h"
#include "responder.h"
#include "sink.h"
#include "slots.h"
#include "write_intent.h"

/* Indexes into writer.pfd. */
enum {
	POLL_CHANNEL = 0,
	POLL_WAKE,
	POLL_LOGSOCK,
	POLL_CONTROL,
	POLL_SINKS,
	POLL_COUNT = POLL_SINKS + SLOTS
};

struct writer {
	int channel;
	int wake; /* engines write to the other end */
	struct write_intent *intents; /* SLOT_INTENTS; NULL until received */
	bool started; /* IMSG_GO was received */
	bool exiting; /* IMSG_QUIT was received */
	struct sink sinks[SLOTS];
	struct logsock logsock;
	bool logsock_requested; /* IMSG_LOGSOCK_REQUEST was sent */
	struct responder responder; /* to control */
	struct pollfd pfd[POLL_COUNT];
};

#endif
