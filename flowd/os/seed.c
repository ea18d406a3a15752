/* Random seeds; see seed.h. */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "seed.h"

uint64_t
seed_draw(void)
{
	struct timespec now = { .tv_sec = 0 };
	uint64_t seed;
	FILE *f = fopen("/dev/urandom", "r");
	size_t n = 0;

	if (f != NULL) {
		n = fread(&seed, sizeof(seed), 1, f);
		(void)fclose(f);
	}
	if (n == 1)
		return seed;
	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_nsec << 32 ^ (uint64_t)now.tv_sec ^
	       (uint64_t)getpid() << 16;
}
