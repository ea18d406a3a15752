/* Columns, of the public header; see include/flowd/column.h.in. */
#include "flowd_column.h"
#include "result.h"

_Static_assert((int)FLOWD_TYPE_U8 == COLUMN_U8 + 1 &&
	(int)FLOWD_TYPE_OCTETS == COLUMN_BYTES + 1,
    "enum flowd_type is enum column_type, and one more");

/* The words of columns.def. */
enum {
	HEX = FLOWD_COLUMN_HEX,
	RECORD = FLOWD_COLUMN_RECORD,
	OTHER = 0
};

static const struct flowd_column_info infos[] = {
#define COLUMN(id_, name_, type_, unit_, classic_, flags_, text_) \
	{ \
		.column = id_, \
		.type = COLUMN_##type_ + 1, \
		.unit = UNIT_##unit_, \
		.flags = flags_, \
		.name = #name_, \
		.text = text_, \
	},
#include "columns.def"
#undef COLUMN
};

/* By number, and one more: 0 is none. */
static const uint8_t indexes[] = {
#define COLUMN(id_, name_, type_, unit_, classic_, flags_, text_) \
	[id_] = COL_##name_ + 1,
#include "columns.def"
#undef COLUMN
};

int
flowd_column_index(int column)
{
	if (column < 0 || (size_t)column >= sizeof(indexes))
		return -1;
	return indexes[column] - 1;
}

const struct flowd_column_info *
flowd_column_at(size_t i)
{
	return i < COL_COUNT ? &infos[i] : NULL;
}

const struct flowd_column_info *
flowd_column_info(int column)
{
	int i = flowd_column_index(column);

	return i >= 0 ? &infos[i] : NULL;
}

int
flowd_column_by_name(const char *name)
{
	int i = column_by_name(name);

	return i >= 0 ? infos[i].column : FLOWD_EINVAL;
}
