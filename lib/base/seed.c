/* Random seeds; see seed.h. */
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "seed.h"

uint64_t
seed_draw(void)
{
	struct timespec now = { .tv_sec = 0 };
	uint64_t seed;

	if (getentropy(&seed, sizeof(seed)) == 0)
		return seed;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_nsec << 32 ^ (uint64_t)now.tv_sec ^
	    (uint64_t)getpid() << 16;
}
