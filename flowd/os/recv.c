/* What every way to receive needs; see recv.h. */
#include <time.h>

#include "recv.h"

int64_t
recv_clock(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now) != 0)
		return 0;
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
