/* The sealer; see sealer.h. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, which POSIX has since 2024 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process.h"
#include "sealer.h"

enum {
	FROM = STDERR_FILENO + 1,
	TO,
	APART, /* from here on neither of these */
	NICE = 10
};

/* A sanitizer takes memory of its own. */
#if defined(__SANITIZE_ADDRESS__)
enum { SANITIZED = 1 };
#elif defined(__has_feature)
enum { SANITIZED = __has_feature(address_sanitizer) };
#else
enum { SANITIZED = 0 };
#endif

static const rlim_t memory_max = (rlim_t)1 << 30;

struct sealer_result {
	int done; /* as seal_descriptor() returned */
	struct seal_report report;
	struct flowd_error err;
};

static void
set_result(struct sealer_result *r, const char *doing)
{
	r->done = flowd_fail(
	    &r->err, FLOWD_EIO, "%s: %s", doing, strerror(errno));
}

static void
reset_signals(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGUSR1, SIGUSR2,
		SIGCHLD };

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		(void)signal(numbers[i], SIG_DFL);
	(void)signal(SIGHUP, SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);
	/* A file that may not grow is a failed write. */
	(void)signal(SIGXFSZ, SIG_IGN);
}

/* Only these two stay, and the standard ones. */
static bool
hold_descriptors(const struct logdir_job *job)
{
	int from = job->from, to = job->to;

	/* Neither is where the other one goes. */
	while (from < APART && from != -1)
		from = dup(from);
	while (to < APART && to != -1)
		to = dup(to);
	if (from == -1 || to == -1 || dup2(from, FROM) == -1 ||
	    dup2(to, TO) == -1)
		return false;
	process_clean(2);
	return true;
}

static bool
give_up(const struct sealer_rights *rights)
{
	struct rlimit limit = { memory_max, memory_max };

	(void)setpriority(PRIO_PROCESS, 0, NICE);
	if (!SANITIZED)
		(void)setrlimit(RLIMIT_DATA, &limit);
	if (rights->insecure)
		return true;
	return identity_take(rights->identity) == 0 &&
	    sandbox_enter(SANDBOX_SEALER) == 0;
}

/* Nothing is logged here: what there is to say the parent says. */
static _Noreturn void
run(struct sealer_result *r, const struct logdir_job *job,
    const struct block_options *options, const struct sealer_rights *rights)
{
	reset_signals();
	if (!hold_descriptors(job))
		set_result(r, "descriptors");
	else if (!give_up(rights))
		set_result(r, "cannot give up rights");
	else
		r->done = seal_descriptor(
		    FROM, TO, options, &r->report, &r->err);
	_exit(0);
}

static struct sealer_result *
share_result(void)
{
	void *p = mmap(NULL, sizeof(struct sealer_result),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p != MAP_FAILED ? p : NULL;
}

static void
forget(struct sealer *s)
{
	if (s->result != NULL)
		(void)munmap(s->result, sizeof(*s->result));
	*s = (struct sealer){ .pid = 0 };
}

int
sealer_start(struct sealer *s, const struct logdir_job *job,
    const struct block_options *options, const struct sealer_rights *rights)
{
	int saved;

	*s = (struct sealer){ .pid = -1, .result = share_result() };
	if (s->result != NULL) {
		s->result->done = FLOWD_EIO;
		s->pid = fork();
	}
	if (s->pid == 0)
		run(s->result, job, options, rights);
	saved = errno;
	(void)close(job->from);
	(void)close(job->to);
	if (s->pid != -1)
		return 0;
	forget(s);
	errno = saved;
	return -1;
}

/* It is what a process without rights wrote: only looked at as such. */
static enum logdir_sealed
read_result(const struct sealer_result *r, int status,
    struct seal_report *report, struct flowd_error *err)
{
	*report = r->report;
	if (WIFSIGNALED(status)) {
		(void)flowd_fail(err, FLOWD_EIO,
		    "the sealer died of signal %d", WTERMSIG(status));
		return LOGDIR_SEAL_FAILED;
	}
	if (r->done == 0)
		return LOGDIR_SEALED;
	if (r->done == 1)
		return LOGDIR_SEALED_BEFORE;
	*err = r->err;
	err->text[sizeof(err->text) - 1] = '\0';
	return LOGDIR_SEAL_FAILED;
}

bool
sealer_reaped(struct sealer *s, pid_t pid, int status,
    enum logdir_sealed *how, struct seal_report *report,
    struct flowd_error *err)
{
	if (s->pid == 0 || pid != s->pid)
		return false;
	*how = read_result(s->result, status, report, err);
	forget(s);
	return true;
}

void
sealer_stop(struct sealer *s)
{
	if (s->pid == 0)
		return;
	(void)kill(s->pid, SIGKILL);
	while (waitpid(s->pid, NULL, 0) == -1 && errno == EINTR)
		;
	forget(s);
}
