/*
 * The name of the next segment of a directory, and when it must end.
 *
 * Segments must not overlap, so that a search by time finds all flows; names
 * are the order of segments. A clock that was set back leaves segments with a
 * start in the future, so both depend on the segments in the directory.
 *
 * Called by logdir.c. Test: test/unit/flowd/logs/test_segment_place.c.
 */
#ifndef FLOWD_SEGMENT_PLACE_H
#define FLOWD_SEGMENT_PLACE_H

#include <stdbool.h>
#include <stdint.h>

enum { SEGMENT_NUMBERS = 10000 /* of segments that start in one second */ };

struct segment_place {
	int64_t start_sec;
	uint32_t number; /* among segments of that second */
	int64_t until_sec; /* start of the next later segment, or INT64_MAX */
};

/*
 * Find the place of a segment that would start at start_sec. Returns false and
 * errno when the directory cannot be read.
 */
bool segment_place_find(struct segment_place *p, int dirfd,
    uint32_t rotate_sec, int64_t start_sec, int64_t now_sec);

#endif
