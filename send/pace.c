/* Pacing; see pace.h. */
#include <time.h>

#include "pace.h"

static const int64_t second_ns = 1000000000;
static const int64_t tick_ns = 250000;
/* After a longer delay, do not catch up: bursts cause losses. */
static const int64_t late_ns = 20000000;

int64_t
pace_clock(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * second_ns + ts.tv_nsec;
}

void
pace_init(struct pace *p, uint64_t rate)
{
	*p = (struct pace) { .rate = rate, .begin_ns = pace_clock() };
}

unsigned
pace_burst(const struct pace *p, unsigned max)
{
	uint64_t due = p->rate / (uint64_t)(second_ns / tick_ns);

	if (p->rate == 0 || due > max)
		return max;
	return due > 0 ? (unsigned)due : 1;
}

/* nanosleep() rather than clock_nanosleep(), which not all systems have. */
static void
sleep_until(int64_t due_ns)
{
	int64_t left = due_ns - pace_clock();
	struct timespec ts = { (time_t)(left / second_ns),
		(long)(left % second_ns) };

	if (left > 0)
		(void)nanosleep(&ts, NULL);
}

/* Whole seconds go from the count into its beginning: no product overflows. */
static void
pace_rebase(struct pace *p)
{
	p->begin_ns += (int64_t)(p->count / p->rate) * second_ns;
	p->count %= p->rate;
}

void
pace_wait(struct pace *p, unsigned n)
{
	int64_t due, now;

	if (p->rate == 0)
		return;
	pace_rebase(p);
	now = pace_clock();
	due = p->begin_ns + (int64_t)(p->count * (uint64_t)second_ns / p->rate);
	if (now - due > late_ns)
		p->begin_ns += now - due;
	else
		sleep_until(due);
	p->count += n;
}

void
pace_wait_for(struct pace *p, int64_t time_ns)
{
	int64_t after = time_ns - p->first_ns;

	if (!p->has_first || after < 0) {
		p->has_first = true;
		p->first_ns = time_ns;
		p->begin_ns = pace_clock();
		return;
	}
	sleep_until(p->begin_ns + after);
}
