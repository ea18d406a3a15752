/*
 * Allow-list of system calls, with libseccomp; see sandbox.h. Any other call,
 * or another value of a restricted argument, kills the process.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sandbox.h"
#include "sanitized.h"

/*
 * Names, so that calls which this machine lacks are skipped. sysinfo: qsort(3)
 * of glibc queries the size of memory.
 */
static const char *const common[] = { "read", "readv", "write", "writev",
	"close", "poll", "ppoll", "clock_gettime", "gettimeofday", "time",
	"clock_gettime64", "exit", "exit_group", "rt_sigreturn", "sigreturn",
	"rt_sigprocmask", "rt_sigaction", "brk", "munmap", "mremap", "madvise",
	"futex", "getpid", "gettid", "fstat", "fstat64", "sendmsg", "recvmsg",
	"sendto", "recvfrom", "restart_syscall", "getrandom",
	"clock_nanosleep", "nanosleep", "sysinfo", NULL };

static const char *const control[] = { "accept", "accept4", "shutdown", NULL };

static const char *const engine[] = { "recvmmsg", "recvmmsg_time64",
	"sendmmsg", NULL };

static const char *const forwarder[] = { "sendmmsg", "connect", NULL };

static const char *const writer[] = { "ftruncate", "ftruncate64", "lseek",
	"_llseek", "pread64", "pwrite64", "fsync", "fdatasync", NULL };

static const char *const sealer[] = { "fsync", "fdatasync", NULL };

static const char *const *const lists[] = {
	[SANDBOX_CONTROL] = control,
	[SANDBOX_ENGINE] = engine,
	[SANDBOX_FORWARDER] = forwarder,
	[SANDBOX_WRITER] = writer,
	[SANDBOX_SEALER] = sealer,
};

/*
 * Calls that are allowed only with these values of an argument. fcntl: no
 * locks, no signals, no dup, and no clearing of flags. mmap and mprotect: no
 * executable memory. fstat(3) of a newer glibc is a newfstatat of a bare
 * descriptor.
 */
enum { ANY = -1, MATCHES = 2, CALL_NAMES = 3 };

#define WHOLE UINT32_MAX /* all bits of an int */
#define KIND(kind) (1u << SANDBOX_##kind)

static const struct narrow {
	unsigned kinds; /* of enum sandbox_kind; 0: all */
	const char *names[CALL_NAMES]; /* alternative names of the call */
	struct {
		int argument; /* index; ANY: unrestricted */
		uint64_t mask, value;
	} match[MATCHES];
} narrows[] = {
	{ 0, { "mmap", "mmap2", "mprotect" },
	    { { 2, PROT_EXEC, 0 }, { ANY, 0, 0 } } },
	{ 0, { "newfstatat", NULL, NULL },
	    { { 3, AT_EMPTY_PATH, AT_EMPTY_PATH }, { ANY, 0, 0 } } },
	{ 0, { "fcntl", "fcntl64", NULL },
	    { { 1, WHOLE, F_SETFD }, { 2, WHOLE, FD_CLOEXEC } } },
	{ KIND(CONTROL), { "fcntl", "fcntl64", NULL },
	    { { 1, WHOLE, F_SETFL }, { 2, WHOLE, O_NONBLOCK } } },
	{ KIND(CONTROL), { "ioctl", NULL, NULL },
	    { { 1, WHOLE, SIOCOUTQ }, { ANY, 0, 0 } } },
	{ KIND(ENGINE), { "getsockopt", NULL, NULL },
	    { { 1, WHOLE, SOL_SOCKET }, { 2, WHOLE, SO_MEMINFO } } },
	{ KIND(FORWARDER), { "getsockopt", NULL, NULL },
	    { { 1, WHOLE, IPPROTO_IP }, { 2, WHOLE, IP_MTU } } },
	{ KIND(FORWARDER), { "getsockopt", NULL, NULL },
	    { { 1, WHOLE, IPPROTO_IPV6 }, { 2, WHOLE, IPV6_MTU } } },
};

static int
allow_calls(scmp_filter_ctx ctx, const char *const *names)
{
	for (; *names != NULL; names++) {
		int nr = seccomp_syscall_resolve_name(*names);

		if (nr != __NR_SCMP_ERROR &&
		    seccomp_rule_add(ctx, SCMP_ACT_ALLOW, nr, 0) < 0)
			return -1;
	}
	return 0;
}

static int
allow_narrow(scmp_filter_ctx ctx, const struct narrow *n)
{
	struct scmp_arg_cmp cmp[MATCHES];
	unsigned ncmp = 0;

	for (int i = 0; i < MATCHES; i++)
		if (n->match[i].argument != ANY)
			cmp[ncmp++] = SCMP_CMP((unsigned)n->match[i].argument,
			    SCMP_CMP_MASKED_EQ, n->match[i].mask,
			    n->match[i].value);
	for (int i = 0; i < CALL_NAMES && n->names[i] != NULL; i++) {
		int nr = seccomp_syscall_resolve_name(n->names[i]);

		if (nr != __NR_SCMP_ERROR &&
		    seccomp_rule_add_array(
			ctx, SCMP_ACT_ALLOW, nr, ncmp, cmp) < 0)
			return -1;
	}
	return 0;
}

static int
allow_narrows(scmp_filter_ctx ctx, enum sandbox_kind kind)
{
	for (size_t i = 0; i < sizeof(narrows) / sizeof(narrows[0]); i++)
		if ((narrows[i].kinds == 0 ||
			(narrows[i].kinds >> kind & 1) != 0) &&
		    allow_narrow(ctx, &narrows[i]) != 0)
			return -1;
	return 0;
}

static int
filter_calls(enum sandbox_kind kind)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int rc = -1;

	if (ctx == NULL)
		return -1;
	if (allow_calls(ctx, common) == 0 &&
	    allow_calls(ctx, lists[kind]) == 0 &&
	    allow_narrows(ctx, kind) == 0)
		rc = seccomp_load(ctx);
	seccomp_release(ctx);
	if (rc < 0) {
		errno = rc == -1 ? EPERM : -rc;
		return -1;
	}
	return 0;
}

int
sandbox_basics(void)
{
	struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) != 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
		return -1;
	return 0;
}

/* Keep one capability, with the raw system call. */
static int
keep_reading(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { 0, 0, 0 }, { 0, 0, 0 } };

	data[0].effective = data[0].permitted = UINT32_C(1)
	    << CAP_DAC_READ_SEARCH;
	return (int)syscall(SYS_capset, &head, data);
}

int
identity_take_for_reading(const struct identity *id)
{
	gid_t gid = id->gid;

	if (!id->root)
		return sandbox_basics();
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0 ||
	    setgroups(1, &gid) != 0 || setresgid(gid, gid, gid) != 0 ||
	    setresuid(id->uid, id->uid, id->uid) != 0 || keep_reading() != 0)
		return -1;
	return sandbox_basics();
}

int
sandbox_enter(enum sandbox_kind kind)
{
	if (sandbox_basics() != 0)
		return -1;
	/* Other kinds notice on their channel, and finish their work. */
	if (kind == SANDBOX_SEALER &&
	    prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
		return -1;
	return SANITIZED ? 0 : filter_calls(kind);
}

const char *
sandbox_name(void)
{
	return "seccomp";
}
