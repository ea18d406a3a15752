/* The mains of the children; see child_main.h. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child_main.h"
#include "control.h"
#include "engine.h"
#include "forwarder.h"
#include "log.h"
#include "metrics.h"
#include "proc.h"
#include "sealer.h"
#include "writer.h"

static int (*const mains[PROC_KINDS])(int channel) = {
	[PROC_ENGINE] = engine_main,
	[PROC_WRITER] = writer_main,
	[PROC_FORWARDER] = forwarder_main,
	[PROC_CONTROL] = control_main,
	[PROC_METRICS] = metrics_main,
};

/* The sealer has no channel; see sealer.h. */
static const char sealer_word[] = "sealer";

/* Children exit when the parent tells them to, or exits. */
static void
ignore_signals(void)
{
	static const int numbers[] = { SIGHUP, SIGINT, SIGTERM, SIGUSR1,
		SIGUSR2, SIGPIPE, SIGXFSZ };
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	(void)sigemptyset(&ignore.sa_mask);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		(void)sigaction(numbers[i], &ignore, NULL);
}

int
child_main_fds(const char *word)
{
	return strcmp(word, sealer_word) == 0
	    ? SEALER_FDS : PROC_CHANNEL_FD - STDERR_FILENO;
}

int
child_main(const char *word)
{
	for (int i = 0; i < PROC_KINDS; i++) {
		if (strcmp(proc_names[i], word) != 0)
			continue;
		ignore_signals();
		exit(mains[i](PROC_CHANNEL_FD));
	}
	if (strcmp(word, sealer_word) == 0)
		exit(sealer_main());
	log_error("-P is internal to flowd");
	return 1;
}
