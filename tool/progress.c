/* Progress of long operations; see progress.h. */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "progress.h"

enum {
	FIRST_MS = 1000, /* shorter operations show nothing */
	EVERY_MS = 250
};

static int64_t
now_ms(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void
progress_begin(struct progress *p, bool alone)
{
	*p = (struct progress){
		.wanted = isatty(STDERR_FILENO) &&
		    (alone || !isatty(STDOUT_FILENO)),
		.next_ms = now_ms() + FIRST_MS
	};
}

static bool
progress_is_due(const struct progress *p)
{
	return p->wanted && now_ms() >= p->next_ms;
}

void
progress_show(
    struct progress *p, const char *path, uint64_t at, uint64_t all)
{
	if (!progress_is_due(p) || all == 0)
		return;
	p->next_ms = now_ms() + EVERY_MS;
	p->shown = true;
	fprintf(stderr, "\r\033[K%s: %" PRIu64 " %%", path,
	    (uint64_t)((double)at * 100 / (double)all));
}

void
progress_end(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", stderr);
	p->shown = false;
}
