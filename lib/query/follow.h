/*
 * What comes after the end of a followed file: more flows, another file at its
 * path, or nothing because the time range is over.
 *
 * Called by scan_files.c. Test: test/program/reader/test_reader_follow.py.
 */
#ifndef FLOWD_FOLLOW_H
#define FLOWD_FOLLOW_H

#include "scan_source.h"

enum {
	/* flows may be written this late, plus the flush interval */
	FOLLOW_LATE_SEC = 10,
	FOLLOW_PATH = 4096
};

enum follow_next {
	FOLLOW_WAIT, /* the file may grow */
	FOLLOW_OTHER, /* its path names another file, which has data */
	FOLLOW_SHORTER, /* the file was truncated */
	FOLLOW_OVER /* no more flows of the range can arrive */
};

/*
 * Examine the file s, which has been read to its end. path is its path; or
 * NULL, if another file with its name has the same flows, as a sealed segment
 * does. before_ns is the end of the time range. Flows that were appended
 * meanwhile are still to be read, except after FOLLOW_SHORTER.
 */
enum follow_next follow_look(
    const struct scan_source *s, const char *path, int64_t before_ns);

/*
 * The file to read after the file ended, whose path was path: the next one that
 * had this path and was renamed too, or else the one that has the path now.
 * Returns path, or another path in room.
 */
const char *follow_successor(const char *path, const struct stat *ended,
    char room[FOLLOW_PATH]);

/*
 * Is it too late for flows before before_ns to arrive, if flows wait for
 * flush_ns before they are written?
 */
bool follow_is_over(int64_t before_ns, int64_t flush_ns);

#endif
