/* SIGBUS of mapped logs; see sigbus.h. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "sigbus.h"

static const char *sigbus_program; /* set once, read by the handler */

static void
sigbus_write(const char *text)
{
	ssize_t ignored = write(STDERR_FILENO, text, strlen(text));

	(void)ignored;
}

static void
sigbus_exit(int sig)
{
	(void)sig;
	sigbus_write(sigbus_program);
	sigbus_write(": a log was truncated while it was read, or cannot be "
		  "read\n");
	_exit(1);
}

void
sigbus_handle(const char *program)
{
	struct sigaction act = { .sa_handler = sigbus_exit };

	sigbus_program = program;
	(void)sigaction(SIGBUS, &act, NULL);
}
