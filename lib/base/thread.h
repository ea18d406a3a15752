/*
 * Threads that handle no signals: the program's are for the threads that it
 * made. Only what a thread does itself, as to read beyond a mapped file, is a
 * signal to it.
 *
 * Called by parallel.c, partition.c, scan_queue.c and resolve.c. Test:
 * test/unit/base/test_thread.c.
 */
#ifndef FLOWD_THREAD_H
#define FLOWD_THREAD_H

#include <pthread.h>

enum {
	THREADS_AT_ONCE = 4 /* that share work, at most */
};

/* How many may share work: so many, or 0: as there are processors. */
unsigned thread_count(unsigned wanted);

/* The same as pthread_create(3), with its errors. */
int thread_start(pthread_t *thread, void *(*run)(void *arg), void *arg);

#endif
