/*
 * What a child gives up when it begins to work: root, the file system, new
 * privileges, and every system call that it does not need.
 *
 * sandbox_linux.c filters system calls with libseccomp; sandbox_posix.c has
 * pledge(2) where there is one, and nothing elsewhere.
 * Called by the mains of the children. Tests: test/program/test_privsep.py,
 * test/program/test_sandbox.py.
 */
#ifndef FLOWD_SANDBOX_H
#define FLOWD_SANDBOX_H

#include "identity.h"

/* What is left to a process. */
enum sandbox_kind {
	SANDBOX_CONTROL, /* accept connections, and talk over sockets */
	SANDBOX_ENGINE, /* receive from sockets it holds */
	SANDBOX_FORWARDER, /* send to sockets it holds */
	SANDBOX_WRITER, /* write to files it holds */
	SANDBOX_LOADER, /* read files */
	SANDBOX_SEALER /* write to a file it holds, and nothing else */
};

/*
 * Become the user, but go on to read every file: the loader's. Elsewhere than
 * on Linux there is no such right, and it stays who it is.
 */
int identity_take_for_reading(const struct identity *id);

/*
 * No core dumps, no tracing, no new privileges, and only the system calls of
 * the kind. Returns 0, or -1 and errno.
 */
int sandbox_enter(enum sandbox_kind kind);
/* No core dumps, no tracing, no new privileges: where calls stay. */
int sandbox_basics(void);
/* What sandbox_enter() does here, for people. */
const char *sandbox_name(void);

#endif
