/* Names of addresses, by a clock of the test and a resolver that is silent. */
#include <sys/socket.h>
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "resolve.h"

#define SEC INT64_C(1000000000)

static int64_t now_ns = 1000 * SEC;

int __wrap_clock_gettime(clockid_t clock, struct timespec *ts);
int __wrap_getnameinfo(const struct sockaddr *sa, socklen_t len, char *host,
    socklen_t hostlen, char *service, socklen_t servicelen, int flags);
int __wrap_pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *lock,
    const struct timespec *until);

int
__wrap_clock_gettime(clockid_t clock, struct timespec *ts)
{
	assert_int_equal(clock, CLOCK_MONOTONIC);
	ts->tv_sec = (time_t)(now_ns / SEC);
	ts->tv_nsec = (long)(now_ns % SEC);
	return 0;
}

int
__wrap_getnameinfo(const struct sockaddr *sa, socklen_t len, char *host,
    socklen_t hostlen, char *service, socklen_t servicelen, int flags)
{
	(void)sa;
	(void)len;
	(void)host;
	(void)hostlen;
	(void)service;
	(void)servicelen;
	(void)flags;
	for (;;)
		(void)pause();
}

int
__wrap_pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *lock,
    const struct timespec *until)
{
	int64_t until_ns = (int64_t)until->tv_sec * SEC + until->tv_nsec;

	(void)cond;
	(void)lock;
	if (until_ns > now_ns)
		now_ns = until_ns;
	return ETIMEDOUT;
}

static void
address_cell(const void *arg, size_t row, unsigned column, struct cell *cell)
{
	const uint32_t *first = arg;

	(void)column;
	*cell = (struct cell) { .v = { .kind = VALUE_ADDR, .prefix = 32 } };
	cell->v.addr = addr_from_v4(*first + (uint32_t)row);
}

static void
all_tables_together_wait_for_3_seconds(void **state)
{
	struct resolver *r = resolver_new();
	uint32_t first = 0;
	struct dataset d = { .column = { { .form = FORM_ADDR } },
		.ncolumns = 1,
		.nrows = 10,
		.cell = address_cell,
		.arg = &first };
	const struct addr a = addr_from_v4(5);
	int64_t begin_ns = now_ns;

	(void)state;
	assert_non_null(r);
	for (unsigned i = 0; i < 18; i++, first += 10)
		resolver_ask(r, &d);
	assert_int_equal(now_ns - begin_ns, 3 * SEC);
	assert_null(resolver_name(r, &a));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_tables_together_wait_for_3_seconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
