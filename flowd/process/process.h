/*
 * What a daemon does to the process it is: nothing inherited, into the
 * background; and its children's, nothing bequeathed. Called by main and the
 * daemon's start, child.c and sealer.c.
 */
#ifndef FLOWD_PROCESS_H
#define FLOWD_PROCESS_H

#include <stdint.h>

/*
 * umask 077; descriptors past 2 and the keep that follow closed, but for also
 * (-1: none); 0 to 2 open; the time zone read.
 */
void process_clean(int keep, int also);

/*
 * May have as many descriptors as the system lets it, and its children, too.
 * Returns how many.
 */
unsigned long process_raise_nofile(void);
/*
 * For a program of somebody else's that this process becomes: as many as this
 * was started with. One that knows select(2) only fails with more.
 */
void process_restore_nofile(void);

/*
 * Go into the background. The process that was started waits until
 * process_ready() and then exits 0, or exits 1 when this one ends before.
 * Returns a descriptor for process_ready(), or -1 and errno.
 */
int process_detach(void);
/* Let go of the terminal; the start went well. */
void process_ready(int fd);

/*
 * Execute this program again, as a child that has nothing of the environment
 * but what it needs. Returns when that fails: errno.
 */
void process_exec(const char *self, char *const argv[]);

/* The path of this program, to execute it again; argv0 as it was started. */
const char *process_self(const char *argv0);

#endif
