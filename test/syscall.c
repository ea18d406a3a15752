/*
 * Makes another process perform a system call, whatever it would do by itself,
 * and lets it run:
 *
 *	syscall PID NAME [ARGUMENT...]
 *
 * As root, by ptrace(2). Prints what becomes of it: "signal N" when it is
 * killed, "result N" when the call returns, which is N, then on its way as if
 * nothing had been. Run by test/program/flowd/test_sandbox.py for the children
 * of flowd, whose filter of system calls is to end them.
 *
 * It is stopped where it enters a call of its own, and its registers are set to
 * the call that is wanted. Its filter sees the call after that.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

enum {
	ARGUMENTS = 6,
	BORDER = SIGTRAP | 0x80 /* of a call, as PTRACE_O_TRACESYSGOOD says */
};

typedef struct user_regs_struct registers;
/* Those that tests ask for. */
static const struct {
	const char *name;
	int number;
} calls[] = {
	{ "bind", SYS_bind },
	{ "clone", SYS_clone },
	{ "execve", SYS_execve },
	{ "fcntl", SYS_fcntl },
	{ "getpid", SYS_getpid },
	{ "getsockopt", SYS_getsockopt },
	{ "ioctl", SYS_ioctl },
	{ "kill", SYS_kill },
	{ "mmap", SYS_mmap },
	{ "newfstatat", SYS_newfstatat },
	{ "openat", SYS_openat },
	{ "prctl", SYS_prctl },
	{ "ptrace", SYS_ptrace },
	{ "setsockopt", SYS_setsockopt },
	{ "socket", SYS_socket },
	{ "unlinkat", SYS_unlinkat },
};

static void get_set(int request, pid_t pid, int kind, void *p, size_t len);

#if defined(__x86_64__)
static void
set_call(pid_t pid, registers *r, int number, const unsigned long *a)
{
	(void)pid;
	r->orig_rax = (unsigned long)number;
	r->rdi = a[0];
	r->rsi = a[1];
	r->rdx = a[2];
	r->r10 = a[3];
	r->r8 = a[4];
	r->r9 = a[5];
}

static unsigned long *
result_of(registers *r)
{
	return (unsigned long *)&r->rax;
}
#elif defined(__aarch64__)
static void
set_call(pid_t pid, registers *r, int number, const unsigned long *a)
{
	for (int i = 0; i < ARGUMENTS; i++)
		r->regs[i] = a[i];
	get_set(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &number,
	    sizeof(number));
}

static unsigned long *
result_of(registers *r)
{
	return (unsigned long *)&r->regs[0];
}
#else
#error "registers of this machine are not known here"
#endif

static void
syscall_fail(const char *what)
{
	(void)fprintf(stderr, "syscall: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void
get_set(int request, pid_t pid, int kind, void *p, size_t len)
{
	struct iovec iov = { p, len };

	if (ptrace(request, pid, (void *)(uintptr_t)kind, &iov) != 0)
		syscall_fail("registers");
}

static int
number_of(const char *name)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (strcmp(calls[i].name, name) == 0)
			return calls[i].number;
	(void)fprintf(stderr, "syscall: %s: not in the table\n", name);
	exit(1);
}

/*
 * It goes on to the next border of a system call, and gets the signals that
 * come meanwhile. False when it is gone.
 */
static int
child_step(pid_t pid, int *status)
{
	long signal = 0;

	do {
		if (ptrace(PTRACE_SYSCALL, pid, NULL, (void *)signal) != 0 ||
		    waitpid(pid, status, __WALL) != pid)
			syscall_fail("wait");
		if (!WIFSTOPPED(*status))
			return 0;
		signal = WSTOPSIG(*status);
	} while (signal != BORDER);
	return 1;
}

/* To where it enters a call of its own. */
static void
stop_before_call(pid_t pid)
{
	struct __ptrace_syscall_info info;
	int status;

	if (ptrace(PTRACE_SEIZE, pid, NULL, PTRACE_O_TRACESYSGOOD) != 0 ||
	    ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) != 0 ||
	    waitpid(pid, &status, __WALL) != pid)
		syscall_fail("attach");
	do {
		if (!child_step(pid, &status))
			syscall_fail("it is gone");
		if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, (void *)sizeof(info),
			&info) < 0)
			syscall_fail("call");
	} while (info.op != PTRACE_SYSCALL_INFO_ENTRY);
}

/*
 * The call is over: its own one was interrupted, as it seems to the process.
 * One that is to be killed has come here as well, and is when it goes on.
 */
static unsigned long
leave_call(pid_t pid)
{
	registers r;
	unsigned long result;

	get_set(PTRACE_GETREGSET, pid, NT_PRSTATUS, &r, sizeof(r));
	result = *result_of(&r);
	*result_of(&r) = (unsigned long)-EINTR;
	get_set(PTRACE_SETREGSET, pid, NT_PRSTATUS, &r, sizeof(r));
	return result;
}

int
main(int argc, char **argv)
{
	unsigned long a[ARGUMENTS] = { 0 }, result = 0;
	registers r;
	int number, status;
	pid_t pid;

	if (argc < 3 || argc > 3 + ARGUMENTS) {
		(void)fprintf(stderr, "usage: syscall pid name [argument]\n");
		return 1;
	}
	pid = (pid_t)strtol(argv[1], NULL, 10);
	number = number_of(argv[2]);
	for (int i = 3; i < argc; i++)
		a[i - 3] = strtoul(argv[i], NULL, 0);
	stop_before_call(pid);
	get_set(PTRACE_GETREGSET, pid, NT_PRSTATUS, &r, sizeof(r));
	set_call(pid, &r, number, a);
	get_set(PTRACE_SETREGSET, pid, NT_PRSTATUS, &r, sizeof(r));
	if (child_step(pid, &status))
		result = leave_call(pid);
	if (!WIFSTOPPED(status) || !child_step(pid, &status)) {
		(void)printf("signal %d\n", WTERMSIG(status));
		return 0;
	}
	(void)printf("result %ld\n", (long)result);
	return ptrace(PTRACE_DETACH, pid, NULL, NULL) != 0;
}
