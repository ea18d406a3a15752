/* The sealer; see sealer.h. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memory.h"
#include "process.h"
#include "sanitized.h"
#include "sealer.h"

enum {
	FROM = STDERR_FILENO + 1,
	TO,
	MEMORY,
	APART, /* above the descriptors of the sealer */
	NICE = 10,
	SOON_MS = 1000 /* retry interval after SIGKILL */
};

static const rlim_t memory_max = (rlim_t)1 << 30;

/* Memory shared with the parent: input and result. */
struct sealer_memory {
	struct block_options options;
	struct identity identity;
	bool insecure;
	int done; /* return value of seal_descriptor() */
	struct seal_report report;
	struct flowd_error err;
};

static void
set_result(struct sealer_memory *r, const char *doing)
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
	/* Beyond the file size limit, write(2) fails instead. */
	(void)signal(SIGXFSZ, SIG_IGN);
}

/* Duplicate fd out of the range of the sealer's descriptors. */
static int
fd_apart(int fd)
{
	while (fd < APART && fd != -1)
		fd = dup(fd);
	return fd;
}

/* Move the descriptors into place, and close all others. */
static bool
place_descriptors(const struct logdir_job *job, int memory)
{
	int from = fd_apart(job->from), to = fd_apart(job->to);

	memory = fd_apart(memory);
	if (from == -1 || to == -1 || memory == -1 ||
	    dup2(from, FROM) == -1 || dup2(to, TO) == -1 ||
	    dup2(memory, MEMORY) == -1)
		return false;
	process_clean(SEALER_FDS, -1);
	return true;
}

static bool
sealer_drop_privileges(const struct sealer_memory *m)
{
	struct rlimit limit = { memory_max, memory_max };

	(void)setpriority(PRIO_PROCESS, 0, NICE);
	if (!SANITIZED)
		(void)setrlimit(RLIMIT_DATA, &limit);
	if (m->insecure)
		return true;
	return identity_take(&m->identity) == 0 &&
	    sandbox_enter(SANDBOX_SEALER) == 0;
}

static struct sealer_memory *
map_memory(int fd)
{
	void *p = mmap(NULL, sizeof(struct sealer_memory),
	    PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return p != MAP_FAILED ? p : NULL;
}

/* Logs nothing: the parent logs the result. */
int
sealer_main(void)
{
	struct sealer_memory *m;

	reset_signals();
	m = map_memory(MEMORY);
	if (m == NULL)
		return 1;
	if (!sealer_drop_privileges(m))
		set_result(m, "cannot drop privileges");
	else
		m->done = seal_descriptor(
		    FROM, TO, &m->options, &m->report, &m->err);
	return 0;
}

/* Executed, not only forked: no memory of the parent is kept. */
static _Noreturn void
sealer_exec(const char *self, const struct logdir_job *job, int memory)
{
	char *const argv[] = {
		(char *)(uintptr_t)"flowd",
		(char *)(uintptr_t)"-P",
		(char *)(uintptr_t)"sealer",
		(char *)(uintptr_t)"-g",
		NULL,
	};

	if (!place_descriptors(job, memory))
		_exit(1);
	if (self != NULL)
		process_exec(self, argv);
	_exit(self != NULL ? 1 : sealer_main());
}

static void
sealer_reset(struct sealer *s)
{
	if (s->memory != NULL)
		(void)munmap(s->memory, sizeof(*s->memory));
	*s = (struct sealer){ .pid = 0 };
}

/* Create and map the shared memory. Returns a descriptor, or -1 and errno. */
static int
make_memory(struct sealer *s, const struct block_options *options,
    const struct sealer_setup *setup)
{
	int fd = memory_create("flowd-sealer", sizeof(*s->memory));

	s->memory = fd != -1 ? map_memory(fd) : NULL;
	if (s->memory == NULL)
		return fd;
	*s->memory = (struct sealer_memory){ .options = *options,
		.identity = *setup->identity,
		.insecure = setup->insecure,
		.done = FLOWD_EIO };
	(void)flowd_fail(&s->memory->err, FLOWD_EIO, "it did not start");
	return fd;
}

int
sealer_start(struct sealer *s, const struct logdir_job *job,
    const struct block_options *options, const struct sealer_setup *setup)
{
	int memory, saved;

	*s = (struct sealer){ .pid = -1 };
	memory = make_memory(s, options, setup);
	if (s->memory != NULL)
		s->pid = fork();
	if (s->pid == 0)
		sealer_exec(setup->self, job, memory);
	saved = errno;
	(void)close(job->from);
	(void)close(job->to);
	if (memory != -1)
		(void)close(memory);
	if (s->pid != -1)
		return 0;
	sealer_reset(s);
	errno = saved;
	return -1;
}

/* Read the result, which is untrusted input. */
static enum logdir_sealed
read_result(const struct sealer_memory *r, int status,
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
	*how = read_result(s->memory, status, report, err);
	sealer_reset(s);
	return true;
}

void
sealer_tick(struct sealer *s, int64_t now_ms)
{
	if (s->pid == 0)
		return;
	if (s->until_ms == 0)
		s->until_ms = now_ms + SEALER_TIME_MS;
	else if (now_ms >= s->until_ms)
		(void)kill(s->pid, SIGKILL);
}

int
sealer_timeout(const struct sealer *s, int64_t now_ms)
{
	if (s->pid == 0 || s->until_ms == 0)
		return -1;
	return s->until_ms > now_ms ? (int)(s->until_ms - now_ms) : SOON_MS;
}

void
sealer_stop(struct sealer *s)
{
	if (s->pid == 0)
		return;
	(void)kill(s->pid, SIGKILL);
	while (waitpid(s->pid, NULL, 0) == -1 && errno == EINTR)
		;
	sealer_reset(s);
}
