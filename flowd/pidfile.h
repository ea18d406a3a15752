/* The pid file: this process's number and a newline. Called by the daemon. */
#ifndef FLOWD_PIDFILE_H
#define FLOWD_PIDFILE_H

/* Returns 0, or -1 after the reason has been logged. */
int pidfile_write(const char *path);
/* Removes it if it still names this process. */
void pidfile_remove(const char *path);

#endif
