/*
 * Long work of the library: without the GIL, by another thread, while this one
 * looks for signals every now and then, so that Ctrl-C ends it.
 *
 * Called by scan.c and groups.c.
 */
#ifndef FLOWD_TASK_H
#define FLOWD_TASK_H

#include "native.h"

struct task {
	/* The work; it must end soon when cancel() was called. */
	void (*run)(void *arg);
	void (*cancel)(void *arg);
	/*
	 * Free arg, when all is done and nobody waits for it any more: it waits
	 * for a pipe, which nothing can end.
	 */
	void (*abandon)(void *arg);
	void *arg;
};

enum task_end {
	TASK_DONE = 0,
	TASK_INTERRUPTED = 1,	/* it is done; an exception is set */
	TASK_ABANDONED = 2	/* arg is no more; an exception is set */
};

enum task_end task_run(const struct task *task);

#endif
