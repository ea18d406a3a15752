/* Fields of filters; see filter_field.h. */
#include <string.h>

#include "derived.h"
#include "filter_field.h"
#include "suggest.h"

#define UNSIGNED(bits) (UINT64_MAX >> (64 - (bits)))

const struct filter_field filter_field_address = {
	NULL, FIELD_ADDRESS, ORDER_SRC, COL_src_addr, COL_dst_addr, 0, 0
};

const struct filter_field filter_field_port = {
	NULL, FIELD_PORT, ORDER_SRC_PORT, COL_src_port, COL_dst_port, 1,
	UNSIGNED(16)
};

/* Fields with a word of their own, or with more than the column tells. */
/* clang-format off */
static const struct filter_field words[] = {
	{ "agent", FIELD_ADDRESS, ORDER_AGENT, COL_agent_addr, 0, 0, 0 },
	{ "in_ifndx", FIELD_NUMBER, ORDER_IN_IFNDX, COL_if_in, 0,
	    1, UNSIGNED(16) },
	{ "out_ifndx", FIELD_NUMBER, ORDER_OUT_IFNDX, COL_if_out, 0,
	    1, UNSIGNED(16) },
	{ "inet", FIELD_FAMILY, ORDER_FAMILY, COL_src_addr, COL_dst_addr,
	    ADDR_V4, ADDR_V4 },
	{ "inet6", FIELD_FAMILY, ORDER_FAMILY, COL_src_addr, COL_dst_addr,
	    ADDR_V6, ADDR_V6 },
	{ "proto", FIELD_PROTOCOL, ORDER_PROTO, COL_protocol, 0,
	    0, UNSIGNED(8) },
	{ "tos", FIELD_HEX, ORDER_TOS, COL_tos, 0, 0, UNSIGNED(8) },
	{ "tcp_flags", FIELD_TCP_FLAGS, ORDER_TCP_FLAGS, COL_tcp_flags, 0,
	    0, UNSIGNED(16) },
	{ "flags", FIELD_FLAGS, ORDER_NONE, COL_tcp_flags, 0, 0, 0 },
	{ "days", FIELD_DAYS, ORDER_DAYS, COL_weekday, 0, 0, 0 },
	{ "after", FIELD_CLOCK, ORDER_CLOCK, COL_day_second, 0, 0, 0 },
	{ "after date", FIELD_DATE, ORDER_DATE, COL_recv_time, 0, 0, 0 },
	{ "has", FIELD_HAS, ORDER_NONE, 0, 0, 0, 0 },
	{ "duration", FIELD_SPAN, ORDER_NONE, COL_duration, 0,
	    0, UINT64_MAX },
	{ "bps", FIELD_NUMBER, ORDER_NONE, COL_bps, 0, 0, UINT64_MAX },
	{ "pps", FIELD_NUMBER, ORDER_NONE, COL_pps, 0, 0, UINT64_MAX },
	{ "bpp", FIELD_NUMBER, ORDER_NONE, COL_bpp, 0, 0, UINT64_MAX },
	{ "protocol", FIELD_PROTOCOL, ORDER_NONE, COL_protocol, 0,
	    0, UNSIGNED(8) },
	{ "src_port", FIELD_PORT, ORDER_NONE, COL_src_port, 0,
	    0, UNSIGNED(16) },
	{ "dst_port", FIELD_PORT, ORDER_NONE, COL_dst_port, 0,
	    0, UNSIGNED(16) },
	{ "post_nat_src_port", FIELD_PORT, ORDER_NONE,
	    COL_post_nat_src_port, 0, 0, UNSIGNED(16) },
	{ "post_nat_dst_port", FIELD_PORT, ORDER_NONE,
	    COL_post_nat_dst_port, 0, 0, UNSIGNED(16) },
	{ "icmp_type", FIELD_ICMP_TYPE, ORDER_NONE, COL_icmp_type, 0,
	    0, UNSIGNED(8) },
	{ "icmp_code", FIELD_ICMP_CODE, ORDER_NONE, COL_icmp_code, 0,
	    0, UNSIGNED(8) },
};
/* clang-format on */

enum { NWORDS = sizeof(words) / sizeof(words[0]) };

#define KIND_U8 FIELD_NUMBER
#define KIND_U16 FIELD_NUMBER
#define KIND_U32 FIELD_NUMBER
#define KIND_U64 FIELD_NUMBER
#define KIND_TIME FIELD_TIME
#define KIND_ADDR FIELD_ADDRESS
#define KIND_MAC FIELD_MAC
#define KIND_BYTES FIELD_HAS /* filter_field_find() never returns it */
#define MAX_U8 UNSIGNED(8)
#define MAX_U16 UNSIGNED(16)
#define MAX_U32 UNSIGNED(32)
#define MAX_U64 UINT64_MAX
#define MAX_TIME 0
#define MAX_ADDR 0
#define MAX_MAC UNSIGNED(48)
#define MAX_BYTES 0
#define UNIT_IS_MS(unit) (UNIT_##unit == UNIT_MS)

static const struct filter_field columns[COL_COUNT] = {
#define COLUMN(id, name, type, unit, classic, flags, doc) \
	[COL_##name] = { #name, \
		UNIT_IS_MS(unit) ? FIELD_MS : KIND_##type, ORDER_NONE, \
		COL_##name, 0, 0, MAX_##type },
#include "columns.def"
#undef COLUMN
};

static bool
column_is_field(unsigned col)
{
	return column_info[col].type != COLUMN_BYTES &&
	    !(column_info[col].flags & COLUMN_RECORD);
}

const struct filter_field *
filter_field_find(const char *word)
{
	int col;

	for (size_t i = 0; i < NWORDS; i++)
		if (strcmp(words[i].word, word) == 0)
			return &words[i];
	col = column_by_name(word);
	return col >= 0 && column_is_field((unsigned)col) ? &columns[col]
							    : NULL;
}

/* Words of the grammar that are not fields. */
static const char *const other_words[] = { "src", "dst", "host", "net", "port",
	"before", "and", "or", "not", "all", "tcp", "udp", "icmp" };

enum { NOTHER = sizeof(other_words) / sizeof(other_words[0]) };

const char *
filter_field_suggest(const char *word)
{
	const char *all[NWORDS + NOTHER + COL_COUNT];
	size_t n = 0;

	for (size_t i = 0; i < NWORDS; i++)
		all[n++] = words[i].word;
	for (size_t i = 0; i < NOTHER; i++)
		all[n++] = other_words[i];
	for (unsigned col = 0; col < COL_COUNT; col++)
		if (column_is_field(col))
			all[n++] = column_info[col].name;
	return suggest_word(word, all, n);
}
