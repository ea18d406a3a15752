/*
 * What every child of the parent does alike: it is told who it becomes, gives
 * up its rights, and then obeys what comes over the channel (imsg.h).
 *
 * Called by the mains of the children. Tests: test/unit/flowd/test_child.c,
 * test/program/test_privsep.py.
 */
#ifndef FLOWD_PROC_H
#define FLOWD_PROC_H

#include <stdbool.h>

#include "imsg.h"
#include "sandbox.h"

enum proc_kind {
	PROC_ENGINE,
	PROC_WRITER,
	PROC_FORWARDER, /* when something is forwarded */
	PROC_CONTROL,
	PROC_METRICS, /* when it is to be listened for them */
	PROC_KINDS
};

/* "engine": in messages, and behind -P on the command line. */
extern const char *const proc_names[PROC_KINDS];

/* The descriptor of the channel, which a child finds open. */
enum { PROC_CHANNEL_FD = 3 };

/* The first message: who to become. insecure: nothing is given up. */
struct proc_start {
	struct identity identity;
	bool insecure;
};

/* Wait for the first message. Returns 0 or -1. */
int proc_receive_start(int channel, struct proc_start *start);

/*
 * Become the user, change the root, and give up all system calls but those of
 * the kind. Returns 0, or -1 after the reason has been logged.
 */
int proc_drop_rights(const struct proc_start *start, enum sandbox_kind kind);

/*
 * Receive all messages of the parent that have come, and call obey for each; it
 * returns false when the process cannot go on. False: then, and when the
 * parent is gone.
 */
bool proc_dispatch(int channel,
    bool (*obey)(void *arg, const struct imsg *msg), void *arg);

#endif
