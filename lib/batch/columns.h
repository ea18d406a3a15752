/*
 * The column table as C: numbers of columns, their descriptors, sets of them.
 * The table itself is columns.def.
 */
#ifndef FLOWD_COLUMNS_H
#define FLOWD_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Index of a column in this build: COL_recv_time, ..., COL_COUNT. */
enum column_index {
#define COLUMN(id, name, type, unit, classic, flags, doc) COL_##name,
#include "columns.def"
#undef COLUMN
	COL_COUNT
};

enum column_type {
	COLUMN_U8,
	COLUMN_U16,
	COLUMN_U32,
	COLUMN_U64,
	COLUMN_TIME,
	COLUMN_ADDR,
	COLUMN_MAC,
	COLUMN_BYTES
};

enum column_unit {
	UNIT_NONE,
	UNIT_MS,
	UNIT_PACKETS,
	UNIT_OCTETS
};

enum column_flags {
	COLUMN_HEX = 1 << 0,
	COLUMN_RECORD = 1 << 1,
	COLUMN_OTHER = 1 << 2
};

/*
 * Fields of a version 3 log record, which are groups of columns, by their
 * classic names. A field of an address is two bits, IPv4 and IPv6.
 */
enum classic_field {
	CLASSIC_NONE = 0,
	CLASSIC_TAG = 1 << 0,
	CLASSIC_RECV_TIME = 1 << 1,
	CLASSIC_PROTO_FLAGS_TOS = 1 << 2,
	CLASSIC_AGENT_ADDR4 = 1 << 3,
	CLASSIC_AGENT_ADDR6 = 1 << 4,
	CLASSIC_AGENT_ADDR = CLASSIC_AGENT_ADDR4 | CLASSIC_AGENT_ADDR6,
	CLASSIC_SRC_ADDR4 = 1 << 5,
	CLASSIC_SRC_ADDR6 = 1 << 6,
	CLASSIC_SRC_ADDR = CLASSIC_SRC_ADDR4 | CLASSIC_SRC_ADDR6,
	CLASSIC_DST_ADDR4 = 1 << 7,
	CLASSIC_DST_ADDR6 = 1 << 8,
	CLASSIC_DST_ADDR = CLASSIC_DST_ADDR4 | CLASSIC_DST_ADDR6,
	CLASSIC_GATEWAY_ADDR4 = 1 << 9,
	CLASSIC_GATEWAY_ADDR6 = 1 << 10,
	CLASSIC_GATEWAY_ADDR = CLASSIC_GATEWAY_ADDR4 | CLASSIC_GATEWAY_ADDR6,
	CLASSIC_SRCDST_PORT = 1 << 11,
	CLASSIC_PACKETS = 1 << 12,
	CLASSIC_OCTETS = 1 << 13,
	CLASSIC_IF_INDICES = 1 << 14,
	CLASSIC_AGENT_INFO = 1 << 15,
	CLASSIC_FLOW_TIMES = 1 << 16,
	CLASSIC_AS_INFO = 1 << 17,
	CLASSIC_FLOW_ENGINE_INFO = 1 << 18,
	CLASSIC_CRC32 = 1 << 30,

	CLASSIC_ALL = 0x4007ffff,	/* "store ALL", and what is known */
	CLASSIC_BRIEF = 0x39ff		/* what flowd-reader prints unasked */
};

struct column_info {
	const char *name;
	const char *doc;
	uint16_t id;
	uint8_t type;		/* enum column_type */
	uint8_t unit;		/* enum column_unit */
	uint8_t flags;		/* enum column_flags */
	uint32_t classic;	/* enum classic_field */
};

extern const struct column_info column_info[COL_COUNT];

/* Index of the column with this name, or -1. */
int column_by_name(const char *name);
/* Index of the column with this id in columnar logs, or -1. */
int column_by_id(unsigned id);
/* The largest number that fits the column. */
uint64_t column_max(unsigned col);

/* A set of columns. */
struct colset {
	uint64_t word[2];
};

_Static_assert(COL_COUNT <= 128, "struct colset wants another word");

static inline void
colset_add(struct colset *set, unsigned col)
{
	set->word[col / 64] |= UINT64_C(1) << (col % 64);
}

static inline void
colset_remove(struct colset *set, unsigned col)
{
	set->word[col / 64] &= ~(UINT64_C(1) << (col % 64));
}

static inline bool
colset_has(const struct colset *set, unsigned col)
{
	return set->word[col / 64] >> (col % 64) & 1;
}

/* Those of set that are not in less. */
static inline struct colset
colset_without(struct colset set, struct colset less)
{
	return (struct colset){ { set.word[0] & ~less.word[0],
		set.word[1] & ~less.word[1] } };
}

/* The name of an output that a misspelt one may have been meant as; NULL. */
const char *column_suggest(const char *name);

/* Every column that is an output: all but those marked RECORD. */
struct colset colset_outputs(void);

#endif
