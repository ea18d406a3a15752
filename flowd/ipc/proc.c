/* Common code of all children; see proc.h. */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "log.h"
#include "proc.h"

const char *const proc_names[PROC_KINDS] = {
	[PROC_ENGINE] = "engine",
	[PROC_WRITER] = "writer",
	[PROC_FORWARDER] = "forwarder",
	[PROC_CONTROL] = "control",
	[PROC_METRICS] = "metrics",
};

int
proc_receive_start(int channel, struct proc_start *start)
{
	struct pollfd pfd = { channel, POLLIN, 0 };
	struct imsg msg;

	while (poll(&pfd, 1, -1) < 0)
		;
	if (imsg_receive(channel, &msg) <= 0 ||
	    msg.type != IMSG_START || msg.len != sizeof(*start))
		return -1;
	memcpy(start, msg.data, sizeof(*start));
	return 0;
}

int
proc_drop_privileges(const struct proc_start *start, enum sandbox_kind kind)
{
	if (start->insecure)
		return 0;
	if (identity_take(&start->identity) != 0) {
		log_error("cannot become user %s in %s: %s",
		    start->identity.name, start->identity.folder,
		    strerror(errno));
		return -1;
	}
	if (sandbox_enter(kind) != 0) {
		log_error("cannot restrict system calls: %s", strerror(errno));
		return -1;
	}
	return 0;
}

bool
proc_dispatch(int channel, bool (*handle)(void *arg, const struct imsg *msg),
    void *arg)
{
	struct imsg msg;
	int got;

	while ((got = imsg_receive(channel, &msg)) > 0)
		if (!handle(arg, &msg))
			return false;
	return got == 0;
}
