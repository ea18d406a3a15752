/* Fields to store; see store_field.h. Test: test/unit/config/test_parse.c. */
#include <strings.h>

#include "store_field.h"
#include "suggest.h"

const struct store_field store_fields[] = {
	{ "ALL", CLASSIC_ALL },
	{ "TAG", CLASSIC_TAG },
	{ "RECV_TIME", CLASSIC_RECV_TIME },
	{ "PROTO_FLAGS_TOS", CLASSIC_PROTO_FLAGS_TOS },
	{ "AGENT_ADDR", CLASSIC_AGENT_ADDR },
	{ "AGENT_ADDR4", CLASSIC_AGENT_ADDR4 },
	{ "AGENT_ADDR6", CLASSIC_AGENT_ADDR6 },
	{ "SRC_ADDR", CLASSIC_SRC_ADDR },
	{ "SRC_ADDR4", CLASSIC_SRC_ADDR4 },
	{ "SRC_ADDR6", CLASSIC_SRC_ADDR6 },
	{ "DST_ADDR", CLASSIC_DST_ADDR },
	{ "DST_ADDR4", CLASSIC_DST_ADDR4 },
	{ "DST_ADDR6", CLASSIC_DST_ADDR6 },
	{ "SRCDST_ADDR", CLASSIC_SRC_ADDR | CLASSIC_DST_ADDR },
	{ "GATEWAY_ADDR", CLASSIC_GATEWAY_ADDR },
	{ "GATEWAY_ADDR4", CLASSIC_GATEWAY_ADDR4 },
	{ "GATEWAY_ADDR6", CLASSIC_GATEWAY_ADDR6 },
	{ "SRCDST_PORT", CLASSIC_SRCDST_PORT },
	{ "PACKETS", CLASSIC_PACKETS },
	{ "OCTETS", CLASSIC_OCTETS },
	{ "IF_INDICES", CLASSIC_IF_INDICES },
	{ "AGENT_INFO", CLASSIC_AGENT_INFO },
	{ "FLOW_TIMES", CLASSIC_FLOW_TIMES },
	{ "AS_INFO", CLASSIC_AS_INFO },
	{ "FLOW_ENGINE_INFO", CLASSIC_FLOW_ENGINE_INFO },
	{ "CRC32", CLASSIC_CRC32 },
	{ NULL, CLASSIC_NONE },
};

enum { NFIELDS = sizeof(store_fields) / sizeof(store_fields[0]) - 1 };

bool
store_field_find(const char *name, uint32_t *classic, int *column)
{
	const struct store_field *f;

	*column = -1;
	for (f = store_fields; f->name != NULL; f++) {
		if (strcasecmp(f->name, name) == 0) {
			*classic = f->classic;
			return true;
		}
	}
	*column = column_by_name(name);
	if (*column < 0 || (column_info[*column].flags & COLUMN_RECORD))
		return false;
	*classic = column_info[*column].classic;
	return true;
}

const char *
store_field_suggest(const char *name)
{
	const char *near = suggest_row(
	    name, &store_fields[0].name, sizeof(store_fields[0]), NFIELDS);

	return near != NULL ? near : column_suggest(name);
}
