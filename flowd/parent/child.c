/* Children; see child.h. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"
#include "imsg.h"
#include "log.h"
#include "process.h"

enum {
	DELAY_FIRST_MS = 100,
	DELAY_MOST_MS = 10000,
	STABLE_MS = 30000 /* uptime that resets the restart delay */
};

void
child_init(struct child *c, enum proc_kind kind, unsigned index, unsigned of)
{
	*c = (struct child){ .kind = kind, .index = index, .channel = -1,
		.log = -1 };
	if (of > 1)
		(void)snprintf(c->title, sizeof(c->title), "%s %u",
		    proc_names[kind], index + 1);
	else
		(void)snprintf(
		    c->title, sizeof(c->title), "%s", proc_names[kind]);
}

/*
 * Execute flowd; descriptors of the parent are close-on-exec, except the
 * channel and standard error.
 */
static _Noreturn void
child_exec(const struct child *c, const struct child_setup *setup, int channel,
    int log)
{
	char *const argv[] = {
		(char *)(uintptr_t)"flowd",
		(char *)(uintptr_t)"-P",
		(char *)(uintptr_t)proc_names[c->kind],
		(char *)(uintptr_t)(setup->relay || log_has_prefix() ? "-R"
								       : "-g"),
		setup->verbose ? (char *)(uintptr_t)"-d" : NULL,
		NULL,
	};
	int null = open("/dev/null", O_RDWR);

	if (null != -1) {
		(void)dup2(null, STDIN_FILENO);
		(void)dup2(null, STDOUT_FILENO);
	}
	if (log != -1)
		(void)dup2(log, STDERR_FILENO);
	if (channel == PROC_CHANNEL_FD)
		(void)fcntl(channel, F_SETFD, 0);
	else if (dup2(channel, PROC_CHANNEL_FD) == -1)
		_exit(1);
	process_exec(setup->self, argv);
	log_error("cannot execute %s: %s", setup->self, strerror(errno));
	_exit(1);
}

/* Send the first message: the privileges to drop. */
static int
child_send_start(const struct child *c, const struct child_setup *setup)
{
	struct proc_start begin = { .identity = *setup->identity,
		.insecure = setup->insecure };
	struct imsg msg = { .type = IMSG_START, .nfds = 0 };

	msg.len = sizeof(begin);
	memcpy(msg.data, &begin, sizeof(begin));
	return imsg_send(c->channel, &msg);
}

static int
child_open_channels(int channel[2], int log[2], bool relay)
{
	log[0] = log[1] = -1;
	if (imsg_pair(channel) != 0)
		return -1;
	if (!relay)
		return 0;
	if (pipe(log) != 0) {
		(void)close(channel[0]);
		(void)close(channel[1]);
		return -1;
	}
	for (int i = 0; i < 2; i++)
		(void)fcntl(log[i], F_SETFD, FD_CLOEXEC);
	(void)fcntl(log[0], F_SETFL, O_NONBLOCK);
	return 0;
}

int
child_start(struct child *c, const struct child_setup *setup, int64_t now_ms)
{
	int channel[2], log[2];
	pid_t pid;

	if (child_open_channels(channel, log, setup->relay) != 0)
		return -1;
	pid = fork();
	if (pid == 0)
		child_exec(c, setup, channel[1], log[1]);
	(void)close(channel[1]);
	if (log[1] != -1)
		(void)close(log[1]);
	c->channel = channel[0];
	c->log = log[0];
	if (pid == -1) {
		child_exited(c, now_ms);
		return -1;
	}
	c->pid = pid;
	c->ready = c->exiting = false;
	c->ready_pending = 1;
	c->started_ms = now_ms;
	c->restart_ms = 0;
	return child_send_start(c, setup);
}

int
child_send(const struct child *c, const struct imsg *msg)
{
	if (imsg_send(c->channel, msg) == 0)
		return 0;
	if (errno == ETIMEDOUT && c->pid > 0) {
		log_error("the %s does not read its messages: killing it",
		    c->title);
		(void)kill(c->pid, SIGKILL);
		/* SIGKILL takes effect only after disk I/O ends. */
		(void)shutdown(c->channel, SHUT_RDWR);
	}
	return -1;
}

int
child_send_type(const struct child *c, enum imsg_type type)
{
	struct imsg msg = { .type = type, .nfds = 0 };

	return child_send(c, &msg);
}

void
child_quit(struct child *c)
{
	c->exiting = true;
	c->restart_ms = 0;
	if (c->pid != 0)
		(void)child_send_type(c, IMSG_QUIT);
}

void
child_exited(struct child *c, int64_t now_ms)
{
	if (c->channel != -1)
		(void)close(c->channel);
	if (c->log != -1)
		(void)close(c->log);
	c->channel = c->log = -1;
	c->pid = 0;
	c->ready = false;
	if (now_ms - c->started_ms > STABLE_MS || c->restart_delay_ms == 0)
		c->restart_delay_ms = DELAY_FIRST_MS;
	else if (c->restart_delay_ms < DELAY_MOST_MS)
		c->restart_delay_ms *= 2;
	c->restart_ms = now_ms + c->restart_delay_ms;
}

