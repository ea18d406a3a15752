/* Lists of columns; see column_list.h. */
#include <string.h>

#include "column_list.h"

enum { NAME_MAX_OCTETS = 64 };

/* The column of a name that is not ended by a 0, or -1. */
static int
column_of(const char *name, size_t len, bool records)
{
	for (int i = 0; i < COL_COUNT; i++)
		if (strlen(column_info[i].name) == len &&
		    memcmp(column_info[i].name, name, len) == 0)
			return records ||
				!(column_info[i].flags & COLUMN_RECORD)
			    ? i
			    : -1;
	return -1;
}

static int
column_list_fail(const char *name, size_t len, struct flowd_error *err)
{
	char word[NAME_MAX_OCTETS];
	const char *near;

	if (len >= sizeof(word))
		len = sizeof(word) - 1;
	memcpy(word, name, len);
	word[len] = '\0';
	near = column_suggest(word);
	if (near != NULL)
		return flowd_fail(err, FLOWD_EINVAL,
		    "no column \"%s\"; did you mean \"%s\"?", word, near);
	return flowd_fail(err, FLOWD_EINVAL,
	    "no column \"%s\"; see flowd-reader(8)", word);
}

static void
column_list_add(struct column_list *l, int col)
{
	if (l->n == 0 || memchr(l->col, col, l->n) == NULL)
		l->col[l->n++] = (uint8_t)col;
}

int
column_list_parse(struct column_list *l, const char *text, bool records,
    struct flowd_error *err)
{
	size_t len;

	for (; *text != '\0'; text += len + (text[len] == ',')) {
		int col;

		len = strcspn(text, ",");
		if (len == 0)
			continue;
		col = column_of(text, len, records);
		if (col < 0)
			return column_list_fail(text, len, err);
		column_list_add(l, col);
	}
	return l->n > 0 ? 0
			: flowd_fail(err, FLOWD_EINVAL,
			      "at least one column is wanted");
}

void
column_list_all(struct column_list *l, bool records)
{
	l->n = 0;
	l->all = true;
	for (int i = 0; i < COL_COUNT; i++)
		if (records || !(column_info[i].flags & COLUMN_RECORD))
			column_list_add(l, i);
}

struct colset
column_list_set(const struct column_list *l)
{
	struct colset set = { { 0, 0 } };

	for (size_t i = 0; i < l->n; i++)
		colset_add(&set, l->col[i]);
	return set;
}
