/*
 * What the benchmarks share: a stopwatch of this process's CPU time, and rows
 * of a table. Figures are printed beside what ran in the same minute, as a
 * ratio: the machine's speed drifts.
 */
#ifndef FLOWD_BENCH_H
#define FLOWD_BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <time.h>

/* CPU seconds of this process. */
static inline double
bench_cpu(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* The same pseudo-random numbers in every run. */
static inline uint32_t
bench_random(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(*state >> 32);
}

#endif
