/* Long work of the library; see task.h. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "task.h"

enum {
	LOOK_MS = 50, /* for signals, so often */
	PATIENCE_MS = 2000 /* with what was cancelled */
};

/* Of both threads; the one that ends last frees it. */
struct run {
	struct task task;
	pthread_mutex_t lock;
	pthread_cond_t ended;
	bool done, abandoned;
};

static void
run_free(struct run *r)
{
	(void)pthread_cond_destroy(&r->ended);
	(void)pthread_mutex_destroy(&r->lock);
	free(r);
}

static void *
run_main(void *arg)
{
	struct run *r = arg;
	bool abandoned;

	r->task.run(r->task.arg);
	(void)pthread_mutex_lock(&r->lock);
	r->done = true;
	abandoned = r->abandoned;
	(void)pthread_cond_signal(&r->ended);
	(void)pthread_mutex_unlock(&r->lock);
	if (abandoned) {
		r->task.abandon(r->task.arg);
		run_free(r);
	}
	return NULL;
}

/* A thread that gets no signals: Python's are of the main thread. */
static int
run_start(struct run *r)
{
	sigset_t all, before;
	pthread_attr_t attr;
	pthread_t thread;
	int bad;

	(void)sigfillset(&all);
	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	(void)pthread_sigmask(SIG_SETMASK, &all, &before);
	bad = pthread_create(&thread, &attr, run_main, r);
	(void)pthread_sigmask(SIG_SETMASK, &before, NULL);
	(void)pthread_attr_destroy(&attr);
	return bad;
}

/* Waits; true when the work is done. Without the GIL. */
static bool
run_wait(struct run *r, long ms)
{
	struct timespec at;
	bool done;

	(void)clock_gettime(CLOCK_MONOTONIC, &at);
	at.tv_nsec += ms % 1000 * 1000000;
	at.tv_sec += ms / 1000 + at.tv_nsec / 1000000000;
	at.tv_nsec %= 1000000000;
	(void)pthread_mutex_lock(&r->lock);
	while (!r->done &&
	       pthread_cond_timedwait(&r->ended, &r->lock, &at) != ETIMEDOUT)
		;
	done = r->done;
	(void)pthread_mutex_unlock(&r->lock);
	return done;
}

static struct run *
run_new(const struct task *task)
{
	struct run *r = calloc(1, sizeof(*r));
	pthread_condattr_t attr;

	if (r == NULL)
		return NULL;
	r->task = *task;
	(void)pthread_mutex_init(&r->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&r->ended, &attr);
	(void)pthread_condattr_destroy(&attr);
	return r;
}

/* It was cancelled: waits for its end, or leaves it alone. */
static enum task_end
run_end(struct run *r)
{
	bool done;

	Py_BEGIN_ALLOW_THREADS
	done = run_wait(r, PATIENCE_MS);
	if (!done) {
		(void)pthread_mutex_lock(&r->lock);
		done = r->done;
		r->abandoned = !done;
		(void)pthread_mutex_unlock(&r->lock);
	}
	Py_END_ALLOW_THREADS
	if (!done)
		return TASK_ABANDONED;
	run_free(r);
	return TASK_INTERRUPTED;
}

enum task_end
task_run(const struct task *task)
{
	struct run *r = run_new(task);
	bool done = false;

	/* Without a thread the work is done, only not interrupted. */
	if (r == NULL || run_start(r) != 0) {
		Py_BEGIN_ALLOW_THREADS
		task->run(task->arg);
		Py_END_ALLOW_THREADS
		if (r != NULL)
			run_free(r);
		return TASK_DONE;
	}
	while (!done) {
		Py_BEGIN_ALLOW_THREADS
		done = run_wait(r, LOOK_MS);
		Py_END_ALLOW_THREADS
		if (!done && PyErr_CheckSignals() != 0) {
			task->cancel(task->arg);
			return run_end(r);
		}
	}
	run_free(r);
	return TASK_DONE;
}
