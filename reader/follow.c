/* What comes behind the end of a file; see follow.h. */
#include <sys/stat.h>
#include <time.h>

#include "follow.h"

static const int64_t second_ns = 1000000000;

/*
 * Whoever writes goes over to a new file when it is there; before it has
 * something the old one may get more.
 */
static bool
follow_is_other(const struct stat *open, const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
	    (st.st_dev != open->st_dev || st.st_ino != open->st_ino);
}

bool
follow_is_over(int64_t before_ns, int64_t flush_ns)
{
	struct timespec now;

	if (before_ns == INT64_MAX)
		return false;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * second_ns - FOLLOW_LATE_SEC * second_ns -
	    flush_ns >= before_ns;
}

enum follow_next
follow_look(const struct input *in, const char *path, int64_t before_ns)
{
	struct stat st;

	if (input_stat(in, &st) && (uint64_t)st.st_size < input_seen(in))
		return FOLLOW_SHORTER;
	if (path != NULL && input_stat(in, &st) && follow_is_other(&st, path))
		return FOLLOW_OTHER;
	return follow_is_over(before_ns, input_flush_ns(in)) ? FOLLOW_OVER
							     : FOLLOW_WAIT;
}
