/*
 * The files that are read: those named in a plan, and the segments
 * of the directories named there that may have flows of the time asked for.
 *
 * Called by scan_files.c and flowd-send. Test: test/unit/query/test_scan.c,
 * test/program/test_reader_follow.py.
 */
#ifndef FLOWD_FILE_LIST_H
#define FLOWD_FILE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "result.h"
#include "segment_watch.h"
#include "timerange.h"

enum file_place {
	FILE_NAMED, /* it was named itself */
	FILE_FIRST, /* the first segment of a directory */
	FILE_LATER /* a later one */
};

struct file_list {
	char **path; /* ends in NULL */
	enum file_place *place; /* of each */
	size_t n, cap;
	char *const *named; /* what was given, borrowed */
	bool allows_empty; /* a directory without segments is no error */
	bool follows; /* the last path is followed, and may be empty, too */
	struct segment_watch watch; /* if that is a directory and followed */
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

#endif
