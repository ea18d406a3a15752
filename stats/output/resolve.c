/*
 * Names of addresses; see resolve.h. Threads ask, each for one address at a
 * time, as getnameinfo(3) cannot be told how long it may take. Those that have
 * no answer when the time is up go on asking and are not waited for.
 */
#include <sys/socket.h>
#include <netdb.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "resolve.h"
#include "thread.h"

enum {
	NAMES = 1000, /* of which so many are asked for */
	THREADS = 16,
	WAIT_SEC = 3,
	NAME_OCTETS = 256
};

#define SECOND_NS INT64_C(1000000000)

struct resolved {
	struct addr addr;
	bool done;
	char name[NAME_OCTETS]; /* "" if it has none */
};

struct resolver {
	pthread_mutex_t lock; /* of all that follows */
	pthread_cond_t answered;
	size_t n, next, ndone; /* asked for, begun, done */
	unsigned nthreads;
	int64_t left_ns; /* to wait for answers, of all data sets */
	struct resolved name[NAMES];
};

static void
resolve_one(const struct addr *addr, char name[NAME_OCTETS])
{
	struct sockaddr_storage ss;
	unsigned len = addr_to_sockaddr(addr, 0, &ss);

	if (getnameinfo((const struct sockaddr *)&ss, (socklen_t)len, name,
		NAME_OCTETS, NULL, 0, NI_NAMEREQD) != 0)
		name[0] = '\0';
}

static void *
resolver_thread(void *arg)
{
	struct resolver *r = arg;
	char name[NAME_OCTETS];

	(void)pthread_mutex_lock(&r->lock);
	while (r->next < r->n) {
		struct resolved *at = &r->name[r->next++];
		struct addr addr = at->addr;

		(void)pthread_mutex_unlock(&r->lock);
		resolve_one(&addr, name);
		(void)pthread_mutex_lock(&r->lock);
		memcpy(at->name, name, sizeof(at->name));
		at->done = true;
		r->ndone++;
		(void)pthread_cond_signal(&r->answered);
	}
	r->nthreads--;
	(void)pthread_mutex_unlock(&r->lock);
	return NULL;
}

struct resolver *
resolver_new(void)
{
	struct resolver *r = calloc(1, sizeof(*r));
	pthread_condattr_t attr;

	if (r == NULL)
		return NULL;
	r->left_ns = WAIT_SEC * SECOND_NS;
	(void)pthread_mutex_init(&r->lock, NULL);
	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&r->answered, &attr);
	(void)pthread_condattr_destroy(&attr);
	return r;
}

static const struct resolved *
resolver_find(const struct resolver *r, const struct addr *addr)
{
	for (size_t i = 0; i < r->n; i++)
		if (addr_equal(&r->name[i].addr, addr))
			return &r->name[i];
	return NULL;
}

static void
resolver_add(struct resolver *r, const struct aggregate_value *v)
{
	unsigned whole = v->addr.family == ADDR_V4 ? 32 : 128;

	if (v->kind == VALUE_ADDR && v->prefix == whole && r->n < NAMES &&
	    resolver_find(r, &v->addr) == NULL)
		r->name[r->n++].addr = v->addr;
}

/* The lock is held. */
static void
resolver_start(struct resolver *r)
{
	while (r->nthreads < THREADS && r->nthreads < r->n - r->next) {
		pthread_t thread;

		if (thread_start(&thread, resolver_thread, r) != 0)
			return;
		(void)pthread_detach(thread);
		r->nthreads++;
	}
}

static int64_t
resolver_clock_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * SECOND_NS + now.tv_nsec;
}

/* Until all have an answer, or the time is up. The lock is held. */
static void
resolver_wait(struct resolver *r)
{
	int64_t begin_ns = resolver_clock_ns(), end_ns = begin_ns + r->left_ns;
	struct timespec until = { .tv_sec = (time_t)(end_ns / SECOND_NS),
		.tv_nsec = (long)(end_ns % SECOND_NS) };

	while (r->ndone < r->n && r->nthreads > 0)
		if (pthread_cond_timedwait(&r->answered, &r->lock, &until) != 0)
			break;
	r->left_ns -= resolver_clock_ns() - begin_ns;
	if (r->left_ns < 0)
		r->left_ns = 0;
}

void
resolver_ask(struct resolver *r, const struct dataset *d)
{
	(void)pthread_mutex_lock(&r->lock);
	for (size_t row = 0; row < d->nrows && r->n < NAMES; row++)
		for (unsigned i = 0; i < d->ncolumns; i++)
			if (d->column[i].form == FORM_ADDR) {
				struct cell cell = dataset_cell(d, row, i);

				resolver_add(r, &cell.v);
			}
	resolver_start(r);
	resolver_wait(r);
	(void)pthread_mutex_unlock(&r->lock);
}

/* A name that has come stays as it is. */
const char *
resolver_name(struct resolver *r, const struct addr *address)
{
	const struct resolved *found;
	const char *name = NULL;

	(void)pthread_mutex_lock(&r->lock);
	found = resolver_find(r, address);
	if (found != NULL && found->done && found->name[0] != '\0')
		name = found->name;
	(void)pthread_mutex_unlock(&r->lock);
	return name;
}
