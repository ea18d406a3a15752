/*
 * The files that are read: those named on the command line, and the segments
 * of the directories named there that may have flows of the time asked for.
 *
 * Called by reader.c. Test: test/program/test_reader_v4.py.
 */
#ifndef FLOWD_READER_SOURCES_H
#define FLOWD_READER_SOURCES_H

#include <stdbool.h>
#include <stddef.h>

#include "removed.h"
#include "result.h"
#include "timerange.h"

struct sources {
	char **path; /* ends in NULL */
	bool *begins; /* of each: it is not a later segment of a directory */
	size_t n, cap;
	char *const *named; /* what was given, borrowed */
	const char *directory; /* if the last one named is one */
	bool has_segment; /* the directory, among the files */
	int64_t limit_sec; /* segments begun from then on have nothing */
	bool waits; /* it may be without segments: some will come */
};

void sources_init(struct sources *s);
void sources_fini(struct sources *s);

/* Find the files of all paths, which are borrowed. 0, or err is set. */
int sources_find(struct sources *s, char *const *paths,
    const struct timerange *range, struct flowd_error *err);

/* That all of them can be opened: 0, or err says which cannot. */
int sources_check(const struct sources *s, struct flowd_error *err);
/*
 * Was the file a segment that was removed since it was found in its directory,
 * as collectors do with old ones?
 */
bool sources_gone(const struct sources *s, const char *path);

/* Is the file a segment of the directory that was named last? */
bool sources_is_segment(const struct sources *s, const char *path);
/*
 * What was removed from the directory since the segment first was read, or,
 * when it was not, from it on, up to the segment last.
 */
struct removed_sum sources_missed(const struct sources *s, const char *first,
    bool unread, const char *last);

/*
 * The segment of the directory that follows the file path, with path NULL the
 * first one; added to the others. NULL when there is none, or with err set.
 */
const char *sources_following(struct sources *s, const char *path,
    struct flowd_error *err);

#endif
