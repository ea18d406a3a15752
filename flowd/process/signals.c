/* Signals; see signals.h. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "signals.h"

static const struct {
	int number;
	enum signal_wish wish;
} rows[] = {
	{ SIGTERM, WISH_QUIT },
	{ SIGINT, WISH_QUIT },
	{ SIGUSR1, WISH_REOPEN },
	{ SIGUSR2, WISH_STATISTICS },
#ifdef SIGINFO
	{ SIGINFO, WISH_STATISTICS },
#endif
	{ SIGHUP, WISH_RECONFIGURE },
	{ SIGCHLD, WISH_CHILD },
};

enum { NROWS = sizeof(rows) / sizeof(rows[0]) };

/* State of the handler: one flag per row, and the pipe. */
static volatile sig_atomic_t came[NROWS];
static int wake[2] = { -1, -1 };

static void
on_signal(int number)
{
	int saved = errno;

	for (size_t i = 0; i < NROWS; i++)
		if (rows[i].number == number)
			came[i] = 1;
	/* A full pipe wakes poll(2) anyway. */
	(void)!write(wake[1], "", 1);
	errno = saved;
}

static int
open_pipe(void)
{
	if (pipe(wake) != 0)
		return -1;
	for (int i = 0; i < 2; i++)
		if (fcntl(wake[i], F_SETFL, O_NONBLOCK) != 0 ||
		    fcntl(wake[i], F_SETFD, FD_CLOEXEC) != 0)
			return -1;
	return wake[0];
}

int
signals_open(void)
{
	struct sigaction sa = { .sa_handler = on_signal };
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	if (open_pipe() == -1)
		return -1;
	(void)sigemptyset(&sa.sa_mask);
	(void)sigemptyset(&ignore.sa_mask);
	sa.sa_flags = SA_RESTART;
	for (size_t i = 0; i < NROWS; i++)
		if (sigaction(rows[i].number, &sa, NULL) != 0)
			return -1;
	/* Ignore SIGPIPE: write(2) returns EPIPE. */
	if (sigaction(SIGPIPE, &ignore, NULL) != 0)
		return -1;
	return wake[0];
}

unsigned
signals_take(void)
{
	unsigned wishes = 0;
	char drain[64];

	while (read(wake[0], drain, sizeof(drain)) > 0)
		;
	for (size_t i = 0; i < NROWS; i++)
		if (came[i]) {
			came[i] = 0;
			wishes |= rows[i].wish;
		}
	return wishes;
}
