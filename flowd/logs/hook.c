/* Commands of "on rotate"; see hook.h. */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "hook.h"
#include "log.h"
#include "process.h"

enum { TIME_TEXT = 32 };

static void
time_text(int64_t sec, char text[TIME_TEXT])
{
	time_t t = (time_t)sec;
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(text, TIME_TEXT, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		text[0] = '\0';
}

static size_t
argv_count(const char *const *argv)
{
	size_t n = 0;

	while (argv[n] != NULL)
		n++;
	return n;
}

/* Copy arguments into one allocation. NULL when out of memory. */
static char **
copy_argv(const char *const *argv, const char *const more[3])
{
	size_t n = argv_count(argv), octets = 0;
	char **copy, *text;

	for (size_t i = 0; i < n + 3; i++)
		octets += strlen(i < n ? argv[i] : more[i - n]) + 1;
	copy = malloc((n + 4) * sizeof(*copy) + octets);
	if (copy == NULL)
		return NULL;
	text = (char *)(copy + n + 4);
	for (size_t i = 0; i < n + 3; i++) {
		const char *from = i < n ? argv[i] : more[i - n];
		size_t len = strlen(from) + 1;

		copy[i] = memcpy(text, from, len);
		text += len;
	}
	copy[n + 3] = NULL;
	return copy;
}

void
hook_check(const char *const *argv)
{
	if (access(argv[0], X_OK) != 0)
		log_warn("on rotate: cannot execute %s: %s", argv[0],
		    strerror(errno));
}

/* Reset signals to what a program started by a shell has. */
static void
default_signals(void)
{
	static const int numbers[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM,
		SIGUSR1, SIGUSR2, SIGCHLD, SIGPIPE, SIGXFSZ, SIGALRM };
	sigset_t none;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		(void)signal(numbers[i], SIG_DFL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void
command_exec(char **argv)
{
	default_signals();
	(void)setsid();
	(void)close(STDIN_FILENO);
	/* Standard input becomes /dev/null. */
	process_clean(0, -1);
	process_restore_nofile();
	if (chdir("/") == 0)
		(void)execv(argv[0], argv);
	log_error("cannot execute %s: %s", argv[0], strerror(errno));
	_exit(127);
}

static void
command_release(struct hook_command *c)
{
	free(c->argv);
	*c = (struct hook_command){ .argv = NULL };
}

/* Run a command. On failure it is released and false returned. */
static bool
command_start(struct hook *h, struct hook_command *c, int64_t now_ms)
{
	c->until_ms = now_ms + HOOK_TIME_MS;
	c->pid = fork();
	if (c->pid == 0)
		command_exec(c->argv);
	if (c->pid > 0)
		return true;
	log_limited(LOG_KIND_HOOK, "cannot run %s: %s", c->argv[0],
	    strerror(errno));
	h->failed++;
	command_release(c);
	return false;
}

static struct hook_command *
command_find(struct hook *h, pid_t pid)
{
	for (unsigned i = 0; i < HOOKS_RUNNING; i++)
		if (h->running[i].pid == pid)
			return &h->running[i];
	return NULL;
}

/* Start waiting commands while there are free places. */
static void
start_waiting(struct hook *h, int64_t now_ms)
{
	struct hook_command *c;

	while (h->nwaiting > 0 && (c = command_find(h, 0)) != NULL) {
		*c = h->waiting[0];
		h->nwaiting--;
		memmove(h->waiting, h->waiting + 1,
		    h->nwaiting * sizeof(h->waiting[0]));
		(void)command_start(h, c, now_ms);
	}
}

void
hook_add(struct hook *h, const char *const *argv,
    const struct hook_event *event, int64_t now_ms)
{
	char begin[TIME_TEXT], end[TIME_TEXT];
	const char *const more[3] = { event->file, begin, end };
	struct hook_command c = { .argv = NULL };

	time_text(event->start_sec, begin);
	time_text(event->end_sec, end);
	if (h->nwaiting < HOOKS_WAITING)
		c.argv = copy_argv(argv, more);
	if (c.argv == NULL) {
		h->left_out++;
		log_limited(LOG_KIND_HOOK, "%s was not run for %s: %s", argv[0],
		    event->file, h->nwaiting < HOOKS_WAITING
			? "out of memory" : "too many are waiting");
		return;
	}
	h->waiting[h->nwaiting++] = c;
	start_waiting(h, now_ms);
}

/* Log and count a failure. */
static void
command_log_failure(struct hook *h, const struct hook_command *c, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return;
	h->failed++;
	if (c->terminated)
		log_limited(LOG_KIND_HOOK,
		    "%s took longer than %d seconds and was terminated",
		    c->argv[0], HOOK_TIME_MS / 1000);
	else if (WIFSIGNALED(status))
		log_limited(LOG_KIND_HOOK, "%s died of signal %d", c->argv[0],
		    WTERMSIG(status));
	else
		log_limited(LOG_KIND_HOOK, "%s exited with %d", c->argv[0],
		    WEXITSTATUS(status));
}

bool
hook_reaped(struct hook *h, pid_t pid, int status, int64_t now_ms)
{
	struct hook_command *c = pid > 0 ? command_find(h, pid) : NULL;

	if (c == NULL)
		return false;
	command_log_failure(h, c, status);
	command_release(c);
	start_waiting(h, now_ms);
	return true;
}

/* Signal the session of the command, or the process before it has one. */
static void
command_signal(const struct hook_command *c, int number)
{
	if (kill(-c->pid, number) != 0)
		(void)kill(c->pid, number);
}

void
hook_tick(struct hook *h, int64_t now_ms)
{
	for (unsigned i = 0; i < HOOKS_RUNNING; i++) {
		struct hook_command *c = &h->running[i];

		if (c->pid == 0 || now_ms < c->until_ms)
			continue;
		command_signal(c, c->terminated ? SIGKILL : SIGTERM);
		c->terminated = true;
		c->until_ms = now_ms + HOOK_GRACE_MS;
	}
}

int
hook_timeout(const struct hook *h, int64_t now_ms)
{
	int64_t least = -1;

	for (unsigned i = 0; i < HOOKS_RUNNING; i++) {
		const struct hook_command *c = &h->running[i];
		int64_t left = c->until_ms > now_ms ? c->until_ms - now_ms : 0;

		if (c->pid != 0 && (least == -1 || left < least))
			least = left;
	}
	return least > INT_MAX ? INT_MAX : (int)least;
}

bool
hook_idle(const struct hook *h)
{
	bool idle = h->nwaiting == 0;

	for (unsigned i = 0; i < HOOKS_RUNNING; i++)
		idle &= h->running[i].pid == 0;
	return idle;
}

void
hook_fini(struct hook *h)
{
	if (h->nwaiting > 0)
		log_warn("dropped %u waiting commands of \"on rotate\"",
		    h->nwaiting);
	for (unsigned i = 0; i < h->nwaiting; i++)
		command_release(&h->waiting[i]);
	for (unsigned i = 0; i < HOOKS_RUNNING; i++)
		command_release(&h->running[i]);
	h->nwaiting = 0;
}
