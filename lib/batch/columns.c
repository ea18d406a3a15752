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

uint64_t
column_max(unsigned col)
{
	switch (column_info[col].type) {
	case COLUMN_U8:
		return UINT8_MAX;
	case COLUMN_U16:
		return UINT16_MAX;
	case COLUMN_U32:
		return UINT32_MAX;
	default:
		return UINT64_MAX;
	}
}

/* Names of other programs that are too different to be found by similarity. */
static const struct {
	const char *name;
	unsigned col;
} others[] = {
	{ "agent", COL_agent_addr },
	{ "bytes", COL_octets },
	{ "byt", COL_octets },
	{ "da", COL_dst_addr },
	{ "dip", COL_dst_addr },
	{ "dp", COL_dst_port },
	{ "dport", COL_dst_port },
	{ "dst", COL_dst_addr },
	{ "dst_ip", COL_dst_addr },
	{ "exporter", COL_agent_addr },
	{ "flags", COL_tcp_flags },
	{ "gateway", COL_next_hop },
	{ "ipkt", COL_packets },
	{ "ibyt", COL_octets },
	{ "in_if", COL_if_in },
	{ "out_if", COL_if_out },
	{ "pkts", COL_packets },
	{ "pr", COL_protocol },
	{ "proto", COL_protocol },
	{ "sa", COL_src_addr },
	{ "sip", COL_src_addr },
	{ "sp", COL_src_port },
	{ "sport", COL_src_port },
	{ "src", COL_src_addr },
	{ "src_ip", COL_src_addr },
	{ "te", COL_flow_end },
	{ "time", COL_recv_time },
	{ "ts", COL_flow_start },
};

const char *
column_suggest(const char *name)
{
	const char *names[COL_COUNT];
	size_t n = 0;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(others[i].name, name) == 0)
			return column_info[others[i].col].name;
	for (unsigned i = 0; i < COL_COUNT; i++)
		if (!(column_info[i].flags & COLUMN_RECORD))
			names[n++] = column_info[i].name;
	return suggest_word(name, names, n);
}
