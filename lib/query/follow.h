/*
 * What comes behind the end of a file that is followed: more of it, the next
 * segment, another file that has taken its name, or nothing any more.
 *
 * Called by scan.c. Test: test/program/test_reader_follow.py.
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
 * path names the file, or is NULL when other files may take its name without
 * being another one, as segments do when they are sealed. before_ns is the end
 * of the range. What is there now is still to be read, but for FOLLOW_SHORTER.
 */
enum follow_next follow_look(
    const struct scan_source *s, const char *path, int64_t before_ns);

/*
 * The file to go on with when this one, which had that path, has ended: the
 * first that had the path after it and was renamed, too, as it was, or else
 * what has the path now. The name is put into room, or path is returned.
 */
const char *follow_successor(const char *path, const struct stat *ended,
    char room[FOLLOW_PATH]);

/*
 * Can no flow from before that come any more, if those that come have waited
 * for flush_ns?
 */
bool follow_is_over(int64_t before_ns, int64_t flush_ns);

#endif
