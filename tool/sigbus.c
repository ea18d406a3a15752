/* Mapped logs that cannot be read any more; see sigbus.h. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "sigbus.h"

static const char *guarded; /* the program; set once, read by the handler */

static void
guard_say(const char *text)
{
	ssize_t ignored = write(STDERR_FILENO, text, strlen(text));

	(void)ignored;
}

static void
guard_sigbus(int sig)
{
	(void)sig;
	guard_say(guarded);
	guard_say(": a log became shorter while it was read, or cannot be "
		  "read\n");
	_exit(1);
}

void
sigbus_handle(const char *program)
{
	struct sigaction act = { .sa_handler = guard_sigbus };

	guarded = program;
	(void)sigaction(SIGBUS, &act, NULL);
}
