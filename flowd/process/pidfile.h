/*
 * The pid file: the process number and a newline. It is locked while the
 * process runs, so that a stale file is recognized, whatever process has its
 * number now.
 *
 * Called by parent.c, reload.c and conf_check.c.
 * Test: test/program/flowd/test_daemon.py.
 */
#ifndef FLOWD_PIDFILE_H
#define FLOWD_PIDFILE_H

/* Returns 0, or -1 after logging which process uses the file. */
int pidfile_check(const char *path);
/* The process that holds the lock, or 0. */
long pidfile_owner(const char *path);
/*
 * Create and lock it. Returns a descriptor that must stay open, or -1 after
 * logging the reason.
 */
int pidfile_write(const char *path);
/*
 * Create it again when it was removed; call it every few seconds. Returns the
 * descriptor that must stay open from now on.
 */
int pidfile_restore(const char *path, int fd);
/* Remove it if it still belongs to this process; fd may be -1. */
void pidfile_remove(const char *path, int fd);

#endif
