/*
 * Messages to the service manager, in the protocol of sd_notify(3): state and
 * watchdog keep-alives.
 *
 * Without a service manager all functions do nothing. The socket is connected
 * when it is opened, so it works after chroot(2), too. Nothing here blocks.
 *
 * Called by the parent. Tests: test/unit/flowd/parent/test_notify.c,
 * test/program/tree/test_service.py.
 */
#ifndef FLOWD_NOTIFY_H
#define FLOWD_NOTIFY_H

#include <stdint.h>

struct notify {
	int fd; /* -1: there is no service manager */
	int64_t interval_ms; /* between watchdog messages; 0: not wanted */
	int64_t next_ms; /* when the next one is due */
};

/*
 * Read NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, and remove them from the
 * environment, so that children do not send in this process's name. Returns 0,
 * or -1 and errno when the manager cannot be reached; then n is as without a
 * manager.
 */
int notify_open(struct notify *n);
void notify_close(struct notify *n);

/* READY=1: after the start, and after a reload. */
void notify_ready(struct notify *n);
void notify_reloading(struct notify *n);
void notify_stopping(struct notify *n);
/* STATUS=: one line, as "systemctl status" shows it. */
void notify_status(struct notify *n, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * Send WATCHDOG=1 when it is due; call it in every iteration of the loop, and
 * wait no longer than notify_timeout(), -1 for any time. now_ms is monotonic.
 */
void notify_alive(struct notify *n, int64_t now_ms);
int notify_timeout(const struct notify *n, int64_t now_ms);

#endif
