/*
 * When segments begin and end: at multiples of a span since 1970, so that 5
 * minutes are those of the clock. Seconds of UTC; nothing is done here.
 *
 * Called by logdir.c. Test: test/unit/flowd/test_rotation.c.
 */
#ifndef FLOWD_ROTATION_H
#define FLOWD_ROTATION_H

#include <stdbool.h>
#include <stdint.h>

/* The end of the segment that was begun at start_sec. */
int64_t rotation_end(int64_t start_sec, uint32_t rotate_sec);

/* Seconds before its start that a segment may be written to. */
enum { ROTATION_BACK_SEC = 10 };

/*
 * Is it time for the next one? Also when the clock went back before the start
 * of this one: who looks for what comes now would not find it there.
 */
bool rotation_due(int64_t start_sec, uint32_t rotate_sec, int64_t now_sec);

/*
 * When the next one begins, behind one that was begun at start_sec (0: there
 * was none): at the last multiple, however late it is done; or now, when that
 * is not behind the one before.
 */
int64_t rotation_start(
    int64_t start_sec, uint32_t rotate_sec, int64_t now_sec);

#endif
