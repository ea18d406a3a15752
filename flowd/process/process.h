/*
 * Process state: a clean start, daemonizing, descriptor limits, and executing
 * flowd again as a child.
 *
 * Called by flowd.c, parent.c, child.c, hook.c and sealer.c.
 * Test: test/program/flowd/test_daemon.py.
 */
#ifndef FLOWD_PROCESS_H
#define FLOWD_PROCESS_H

#include <stdint.h>

/*
 * Clean up inherited state: umask 077; close descriptors behind standard error,
 * except the next keep ones and also (-1: none); open missing standard
 * descriptors; read the time zone.
 */
void process_clean(int keep, int also);

/*
 * Raise the limit of descriptors to the maximum, for children, too. Returns the
 * limit.
 */
unsigned long process_raise_nofile(void);
/*
 * Restore the original limit, before another program is executed: programs that
 * use select(2) fail with more.
 */
void process_restore_nofile(void);

/*
 * Detach from the terminal. The original process exits with 0 after
 * process_ready(), or with 1 when this process exits before. Returns a
 * descriptor for process_ready(), or -1 and errno.
 */
int process_detach(void);
/* Release the terminal: the start has succeeded. */
void process_ready(int fd);

/*
 * Execute flowd as a child, with a minimal environment. Returns only on
 * failure, with errno set.
 */
void process_exec(const char *self, char *const argv[]);

/* The path for executing this program again; argv0 is how it was started. */
const char *process_self(const char *argv0);

#endif
