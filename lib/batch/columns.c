/* Descriptors of the columns; see columns.h. Test: test_columns.c. */
#include <string.h>

#include "columns.h"
#include "suggest.h"

/* The flag and type words of columns.def. */
enum {
	HEX = COLUMN_HEX,
	RECORD = COLUMN_RECORD,
	OTHER = COLUMN_OTHER
};

const struct column_info column_info[COL_COUNT] = {
#define COLUMN(id_, name_, type_, unit_, classic_, flags_, doc_) \
	[COL_##name_] = { \
		.name = #name_, \
		.doc = doc_, \
		.id = id_, \
		.type = COLUMN_##type_, \
		.unit = UNIT_##unit_, \
		.flags = flags_, \
		.classic = CLASSIC_##classic_, \
	},
#include "columns.def"
#undef COLUMN
};

int
column_by_name(const char *name)
{
	for (int i = 0; i < COL_COUNT; i++)
		if (strcmp(column_info[i].name, name) == 0)
			return i;
	return -1;
}

int
column_by_id(unsigned id)
{
	for (int i = 0; i < COL_COUNT; i++)
		if (column_info[i].id == id)
			return i;
	return -1;
}

struct colset
colset_outputs(void)
{
	struct colset set = { { 0, 0 } };

	for (unsigned i = 0; i < COL_COUNT; i++)
		if (!(column_info[i].flags & COLUMN_RECORD))
			colset_add(&set, i);
	return set;
}

const char *
column_suggest(const char *name)
{
	const char *names[COL_COUNT];
	size_t n = 0;

	for (unsigned i = 0; i < COL_COUNT; i++)
		if (!(column_info[i].flags & COLUMN_RECORD))
			names[n++] = column_info[i].name;
	return suggest_word(name, names, n);
}
