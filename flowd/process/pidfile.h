/*
 * The pid file: the number of this process and a newline. It is locked for as
 * long as the process lives, however it ends; so a file that was left behind
 * is nobody's, whatever process has the number by now.
 *
 * Called by parent.c. Test: test/program/test_daemon.py.
 */
#ifndef FLOWD_PIDFILE_H
#define FLOWD_PIDFILE_H

/* Is it nobody's? Returns 0, or -1 after it has been logged whose it is. */
int pidfile_check(const char *path);
/* Whose it is: the process that holds it, or 0. */
long pidfile_owner(const char *path);
/* Returns a descriptor, to be held, or -1 after the reason has been logged. */
int pidfile_write(const char *path);
/*
 * Make it again when somebody has removed it; to be called every few seconds.
 * Returns the descriptor to be held from now on.
 */
int pidfile_tend(const char *path, int fd);
/* Removes it if it still names this process; -1 is nothing. */
void pidfile_remove(const char *path, int fd);

#endif
