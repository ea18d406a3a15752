/*
 * The files that are read: those named in a plan, and the segments
 * of the directories named there that may have flows of the time asked for.
 *
 * Called by scan.c and flowd-send. Test: test/unit/query/test_scan.c.
 */
#ifndef FLOWD_FILE_LIST_H
#define FLOWD_FILE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "removed.h"
#include "result.h"
#include "timerange.h"

struct file_list {
	char **path; /* ends in NULL */
	bool *begins; /* of each: it is not a later segment of a directory */
	size_t n, cap;
	char *const *named; /* what was given, borrowed */
	const char *directory; /* if the last one named is one */
	bool has_segment; /* the directory, among the files */
	int64_t limit_sec; /* segments begun from then on have nothing */
	bool waits; /* it may be without segments: some will come */
};

void file_list_init(struct file_list *l);
void file_list_fini(struct file_list *l);

/* Find the files of all paths, which are borrowed. 0, or err is set. */
int file_list_find(struct file_list *l, char *const *paths,
    const struct timerange *range, struct flowd_error *err);

/* That all of them can be opened: 0, or err says which cannot. */
int file_list_check(const struct file_list *l, struct flowd_error *err);
/*
 * Was the file a segment that was removed since it was found in its directory,
 * as collectors do with old ones?
 */
bool file_list_gone(const struct file_list *l, const char *path);

/* Is the file a segment of the directory that was named last? */
bool file_list_is_segment(const struct file_list *l, const char *path);
/*
 * What was removed from the directory since the segment first was read, or,
 * when it was not, from it on, up to the segment last.
 */
struct removed_sum file_list_missed(const struct file_list *l,
    const char *first, bool unread, const char *last);

/*
 * The segment of the directory that follows the file path, with path NULL the
 * first one; added to the others. NULL when there is none, or with err set.
 */
const char *file_list_following(struct file_list *l, const char *path,
    struct flowd_error *err);

#endif
