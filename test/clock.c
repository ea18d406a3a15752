/*
 * A clock that a test sets: put in front of the system's with LD_PRELOAD, it
 * makes processes see a time that is as many seconds ahead as the file
 * $FLOWD_TEST_CLOCK says, 8 octets of the machine's order, from one moment to
 * the next. Other clocks go on as they do. Run by
 * test/program/flowd/test_clock.py.
 *
 * The file is mapped when a process begins, so that those that may open none
 * see it, too.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t none, *ahead_sec = &none;

__attribute__((constructor)) static void
map_clock(void)
{
	const char *path = getenv("FLOWD_TEST_CLOCK");
	int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *p;

	if (fd == -1)
		return;
	p = mmap(NULL, sizeof(*ahead_sec), PROT_READ, MAP_SHARED, fd, 0);
	if (p != MAP_FAILED)
		ahead_sec = p;
	(void)close(fd);
}

int
clock_gettime(clockid_t clock, struct timespec *ts)
{
	int bad = (int)syscall(SYS_clock_gettime, clock, ts);

	if (bad == 0 && clock == CLOCK_REALTIME)
		ts->tv_sec += (time_t)*ahead_sec;
	return bad;
}

time_t
time(time_t *to)
{
	struct timespec ts = { .tv_sec = 0 };

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	if (to != NULL)
		*to = ts.tv_sec;
	return ts.tv_sec;
}
