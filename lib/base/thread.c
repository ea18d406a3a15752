/* Threads without signals; see thread.h. */
#include <signal.h>
#include <unistd.h>

#include "thread.h"

unsigned
thread_count(unsigned wanted)
{
	long n = wanted != 0 ? (long)wanted : sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n < THREADS_AT_ONCE ? (unsigned)n : THREADS_AT_ONCE;
}

int
thread_start(pthread_t *thread, void *(*run)(void *arg), void *arg)
{
	static const int own[] = { SIGBUS, SIGFPE, SIGILL, SIGSEGV };
	sigset_t blocked, before;
	int error;

	(void)sigfillset(&blocked);
	for (unsigned i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		(void)sigdelset(&blocked, own[i]);
	error = pthread_sigmask(SIG_SETMASK, &blocked, &before);
	if (error != 0)
		return error;
	error = pthread_create(thread, NULL, run, arg);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}
