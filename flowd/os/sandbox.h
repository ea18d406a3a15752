/*
 * Sandboxing: what a child gives up before it handles any input: new
 * privileges, and every system call that it does not need.
 *
 * sandbox_linux.c filters system calls with libseccomp; sandbox_posix.c uses
 * pledge(2) where it exists. Called by proc.c, loader.c, sealer.c and parent.c.
 * Tests: test/program/flowd/test_privsep.py,
 * test/program/flowd/test_sandbox.py.
 */
#ifndef FLOWD_SANDBOX_H
#define FLOWD_SANDBOX_H

#include "identity.h"

/* The system calls that a process may still use. */
enum sandbox_kind {
	SANDBOX_CONTROL, /* accept connections, and talk over sockets */
	SANDBOX_ENGINE, /* receive from sockets it holds */
	SANDBOX_FORWARDER, /* send to sockets it holds */
	SANDBOX_WRITER, /* write to files it holds */
	SANDBOX_LOADER, /* read files */
	SANDBOX_SEALER /* write to a file it holds, and nothing else */
};

/*
 * Become the user but keep the right to read any file, for the loader. Only
 * Linux has such a right; elsewhere the user is kept.
 */
int identity_take_for_reading(const struct identity *id);

/*
 * No core dumps, no tracing, no new privileges, and only the system calls of
 * this kind. Returns 0, or -1 and errno.
 */
int sandbox_enter(enum sandbox_kind kind);
/* Only: no core dumps, no tracing, no new privileges. */
int sandbox_basics(void);
/* A description of sandbox_enter() on this system, for messages. */
const char *sandbox_name(void);

#endif
