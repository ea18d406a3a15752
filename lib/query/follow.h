/*
 * What follows the end of a file that is followed: more flows, another file
 * that has taken its path, or nothing, as the range has ended.
 *
 * Called by scan_files.c. Test: test/program/test_reader_follow.py.
 */
#ifndef FLOWD_FOLLOW_H
#define FLOWD_FOLLOW_H

#include "scan_source.h"

enum {
	FOLLOW_LATE_SEC = 10, /* so late a flow is in its log, and the flush */
	FOLLOW_PATH = 4096
};

enum follow_next {
	FOLLOW_WAIT, /* it may get more */
	FOLLOW_OTHER, /* its path names another file, in which there is some */
	FOLLOW_SHORTER, /* it was emptied, at least in part */
	FOLLOW_OVER /* no flow of the range can come any more */
};

/*
 * Look at the file s, which was read to its end. path is its path; or NULL, if
 * another file with its name has the same flows, as a sealed segment does.
 * before_ns is the end of the range. Flows that were appended in the meantime
 * are still to be read, except after FOLLOW_SHORTER.
 */
enum follow_next follow_look(
    const struct scan_source *s, const char *path, int64_t before_ns);

/*
 * The file to read after the file ended, which had this path: the first one
 * that had the path after it and was also renamed, or else the one that has the
 * path now. Returns path, or room with another name in it.
 */
const char *follow_successor(const char *path, const struct stat *ended,
    char room[FOLLOW_PATH]);

/*
 * Can no flow from before before_ns arrive any more, if flows wait for flush_ns
 * before they are written?
 */
bool follow_is_over(int64_t before_ns, int64_t flush_ns);

#endif
