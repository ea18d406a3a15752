/* Signals; see signals.h. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "signals.h"

static const struct {
	int number;
	enum signal_event event;
} rows[] = {
	{ SIGTERM, SIGNAL_QUIT },
	{ SIGINT, SIGNAL_QUIT },
	{ SIGUSR1, SIGNAL_REOPEN },
	{ SIGUSR2, SIGNAL_STATISTICS },
#ifdef SIGINFO
	{ SIGINFO, SIGNAL_STATISTICS },
#endif
	{ SIGHUP, SIGNAL_RELOAD },
	{ SIGCHLD, SIGNAL_CHILD },
};

enum { NROWS = sizeof(rows) / sizeof(rows[0]) };

/* State of the handler: one flag per row, and the pipe. */
static volatile sig_atomic_t pending[NROWS];
static int signal_pipe[2] = { -1, -1 };

static void
on_signal(int number)
{
	int saved = errno;

	for (size_t i = 0; i < NROWS; i++)
		if (rows[i].number == number)
			pending[i] = 1;
	/* A full pipe wakes poll(2) anyway. */
	(void)!write(signal_pipe[1], "", 1);
	errno = saved;
}

static int
signal_pipe_open(void)
{
	if (pipe(signal_pipe) != 0)
		return -1;
	for (int i = 0; i < 2; i++)
		if (fcntl(signal_pipe[i], F_SETFL, O_NONBLOCK) != 0 ||
		    fcntl(signal_pipe[i], F_SETFD, FD_CLOEXEC) != 0)
			return -1;
	return signal_pipe[0];
}

int
signals_open(void)
{
	struct sigaction sa = { .sa_handler = on_signal };
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	if (signal_pipe_open() == -1)
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
	return signal_pipe[0];
}

unsigned
signals_take(void)
{
	unsigned events = 0;
	char drain[64];

	while (read(signal_pipe[0], drain, sizeof(drain)) > 0)
		;
	for (size_t i = 0; i < NROWS; i++)
		if (pending[i]) {
			pending[i] = 0;
			events |= rows[i].event;
		}
	return events;
}
