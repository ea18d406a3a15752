/*
 * The child process's side of privilege separation, the same for every child:
 * it receives its user, drops its privileges, and then handles the messages of
 * the parent.
 *
 * Called by the mains of the children. Tests:
 * test/unit/flowd/parent/test_child.c, test/program/flowd/test_privsep.py.
 */
#ifndef FLOWD_PROC_H
#define FLOWD_PROC_H

#include <stdbool.h>

#include "imsg.h"
#include "sandbox.h"

enum proc_kind {
	PROC_ENGINE,
	PROC_WRITER,
	PROC_FORWARDER, /* only with "forward to" */
	PROC_CONTROL,
	PROC_METRICS, /* only with "metrics listen on" */
	PROC_KINDS
};

/* Names in messages, and behind -P on the command line: "engine". */
extern const char *const proc_names[PROC_KINDS];

/* The channel is open at this descriptor when a child starts. */
enum { PROC_CHANNEL_FD = 3 };

/* The first message. With insecure no privileges are dropped. */
struct proc_start {
	struct identity identity;
	bool insecure;
};

/* Wait for the first message. Returns 0, or -1 when the parent is gone. */
int proc_receive_start(int channel, struct proc_start *start);

/*
 * chroot, change the user, and restrict system calls to those of the kind.
 * Returns 0, or -1 after logging the reason.
 */
int proc_drop_privileges(
    const struct proc_start *start, enum sandbox_kind kind);

/*
 * Call handle for every message that has arrived; it returns false on a fatal
 * error. Returns false then, and when the parent has exited.
 */
bool proc_dispatch(int channel,
    bool (*handle)(void *arg, const struct imsg *msg), void *arg);

#endif
