/*
 * Lists of columns as people write them: "src_addr,octets".
 *
 * Called by tool/scan_options.c and lib/api. Test: test/unit/batch/
 * test_column_list.c.
 */
#ifndef FLOWD_COLUMN_LIST_H
#define FLOWD_COLUMN_LIST_H

#include "columns.h"
#include "result.h"

struct column_list {
	uint8_t col[COL_COUNT]; /* enum column_index, each once */
	size_t n;
	bool all; /* column_list_all() made it: nobody named one */
};

/*
 * Append the columns that are named and not there yet. records: those that
 * describe a record of a log may be named, too. 0, or FLOWD_EINVAL with err set
 * to which name is none, and what was meant; or to that none was named.
 */
int column_list_parse(struct column_list *l, const char *text, bool records,
    struct flowd_error *err);
/* Every column, in the order of the table. */
void column_list_all(struct column_list *l, bool records);
struct colset column_list_set(const struct column_list *l);

#endif
