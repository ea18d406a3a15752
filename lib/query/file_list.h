/*
 * The files of a scan: those that its plan names, and the segments of the
 * directories it names that may have flows of the time range.
 *
 * Called by scan_files.c and flowd-send. Test:
 * test/unit/query/test_file_list.c, test/program/reader/test_reader_follow.py.
 */
#ifndef FLOWD_FILE_LIST_H
#define FLOWD_FILE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "result.h"
#include "segment_watch.h"
#include "timerange.h"

enum file_place {
	FILE_NAMED, /* the plan names it */
	FILE_FIRST, /* the first segment of a directory */
	FILE_LATER /* a later one */
};

struct file_list {
	char **path; /* ends in NULL */
	enum file_place *place; /* of each path */
	size_t n, cap;
	char *const *named; /* the paths of the plan, borrowed */
	bool allows_empty; /* a directory without segments is no error */
	bool follows; /* the last path is followed, and may be empty */
	struct segment_watch watch; /* of the directory that is followed */
};

void file_list_init(struct file_list *l);
void file_list_fini(struct file_list *l);

/* Find the files of all paths, which are borrowed. 0, or err is set. */
int file_list_find(struct file_list *l, char *const *paths,
    const struct timerange *range, struct flowd_error *err);

/*
 * Check that all files can be opened. Returns 0, or a negative FLOWD_E* and err
 * names the first that cannot.
 */
int file_list_check(const struct file_list *l, struct flowd_error *err);
/*
 * Was the file a segment that has been removed since the directory was read?
 * Collectors remove old segments.
 */
bool file_list_gone(const struct file_list *l, const char *path);

#endif
