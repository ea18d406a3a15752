/*
 * When segments start and end: at multiples of the rotation interval since
 * 1970, so that 5 minutes are those of the clock. Seconds of UTC; only
 * computes.
 *
 * Called by logdir.c. Test: test/unit/flowd/logs/test_rotation.c.
 */
#ifndef FLOWD_ROTATION_H
#define FLOWD_ROTATION_H

#include <stdbool.h>
#include <stdint.h>

/* The end of a segment that was started at start_sec. */
int64_t rotation_end(int64_t start_sec, uint32_t rotate_sec);

/* A segment may hold flows from so many seconds before its start. */
enum { ROTATION_BACK_SEC = 10 };

/*
 * Is the next segment due? Also when the clock was set back to before the start
 * of this one.
 */
bool rotation_due(int64_t start_sec, uint32_t rotate_sec, int64_t now_sec);

/*
 * The start of the next segment after one of start_sec (0: none): the last
 * multiple of the interval, or now if that is not later than start_sec.
 */
int64_t rotation_start(
    int64_t start_sec, uint32_t rotate_sec, int64_t now_sec);

#endif
