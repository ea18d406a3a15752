/* Patching the record before; see record_patch.h. */
#include "record.h"
#include "record_patch.h"

enum { IPFIX = 10 };

/* The columns that a record is made of, and those that its times come from. */
static const uint8_t looked_at[] = {
#define COLUMN(id, name, type, unit, classic, flags, doc) \
	CLASSIC_##classic != CLASSIC_NONE ? COL_##name : COL_flow_start,
#include "columns.def"
#undef COLUMN
	COL_flow_start, COL_flow_end, COL_event_time
};

/* Are all rows of one family? Sets the bit in six for IPv6. */
static bool
one_family(struct record_patch *like, const struct column *c, unsigned col,
    size_t word, uint64_t rows)
{
	uint64_t is6 = c->is6[word] & rows;

	if (is6 == rows)
		colset_add(&like->six, col);
	return is6 == 0 || is6 == rows;
}

/* Do all rows have the column, or none, and addresses of one family? */
static bool
is_even(struct record_patch *like, const struct batch *batch, unsigned col,
    size_t word, uint64_t rows)
{
	const struct column *c = &batch->col[col];
	uint64_t valid = c->valid[word] & rows;

	if (valid == 0)
		return true;
	if (valid != rows)
		return false;
	colset_add(&like->have, col);
	return column_info[col].type != COLUMN_ADDR ||
	    one_family(like, c, col, word, rows);
}

static bool
patch_has(const struct record_patch *like, unsigned col)
{
	return colset_has(&like->have, col);
}

/*
 * Are the times those of NetFlow 5 or 9? Others are computed for each row. Rows
 * from a log may lack the checksum.
 */
static bool
is_ordinary(const struct record_patch *like, const struct batch *batch)
{
	bool uptimes = patch_has(like, COL_flow_start_uptime_ms) ||
	    patch_has(like, COL_flow_end_uptime_ms);
	bool times =
	    patch_has(like, COL_flow_start) || patch_has(like, COL_flow_end);

	return !batch->from_log && (uptimes || !times);
}

void
record_patch_look(struct record_patch *like, const struct batch *batch,
    size_t word)
{
	size_t left = batch->nrows - 64 * word;
	uint64_t rows = left >= 64 ? UINT64_MAX : bitmap_low(left);

	*like = (struct record_patch){ .usable = true };
	for (size_t i = 0; i < sizeof(looked_at) && like->usable; i++)
		like->usable =
		    is_even(like, batch, looked_at[i], word, rows);
	like->usable = like->usable && is_ordinary(like, batch);
}

#define HAS(name) colset_has(&like->have, COL_##name)
#define SAME(member, name) \
	(!HAS(name) || \
	    batch->col[COL_##name].member[row] == \
		batch->col[COL_##name].member[other])

static bool
same_agent(const struct record_patch *like, const struct batch *batch,
    size_t row, size_t other)
{
	const struct column *c = &batch->col[COL_agent_addr];

	if (!colset_has(&like->six, COL_agent_addr))
		return SAME(u32, agent_addr);
	return c->v6[row].hi == c->v6[other].hi &&
	    c->v6[row].lo == c->v6[other].lo;
}

bool
record_patch_is(const struct record_patch *like, const struct batch *batch,
    size_t row, size_t other)
{
	return SAME(u32, sequence) && SAME(ns, recv_time) &&
	    SAME(ns, agent_time) && same_agent(like, batch, row, other) &&
	    SAME(u32, sys_uptime_ms) && SAME(u16, netflow_version) &&
	    SAME(u32, source_id) && SAME(u16, engine_type) &&
	    SAME(u16, engine_id) && SAME(u16, recv_time_carry) &&
	    SAME(u8, agent_time_carry) &&
	    (!HAS(netflow_version) ||
		batch->col[COL_netflow_version].u16[row] != IPFIX);
}

/*
 * The column of each member and how it is written; those of the datagram stay.
 */
#define FLOW(len, type, name) \
	if (HAS(name)) \
		(void)record_store(p, batch->col[COL_##name].type[row], len);
#define MEMBER_tag(len) FLOW(len, u32, tag)
#define MEMBER_recv_sec(len)
#define MEMBER_recv_usec(len)
#define MEMBER_tcp_flags(len) FLOW(len, u16, tcp_flags)
#define MEMBER_protocol(len) FLOW(len, u8, protocol)
#define MEMBER_tos(len) FLOW(len, u8, tos)
#define MEMBER_src_port(len) FLOW(len, u16, src_port)
#define MEMBER_dst_port(len) FLOW(len, u16, dst_port)
#define MEMBER_packets(len) FLOW(len, u64, packets)
#define MEMBER_octets(len) FLOW(len, u64, octets)
#define MEMBER_if_in(len) FLOW(len, u32, if_in)
#define MEMBER_if_out(len) FLOW(len, u32, if_out)
#define MEMBER_sys_uptime_ms(len)
#define MEMBER_time_sec(len)
#define MEMBER_time_nanosec(len)
#define MEMBER_netflow_version(len)
#define MEMBER_flow_start_ms(len) FLOW(len, u32, flow_start_uptime_ms)
#define MEMBER_flow_finish_ms(len) FLOW(len, u32, flow_end_uptime_ms)
#define MEMBER_src_as(len) FLOW(len, u32, src_as)
#define MEMBER_dst_as(len) FLOW(len, u32, dst_as)
#define MEMBER_src_mask(len) FLOW(len, u8, src_mask)
#define MEMBER_dst_mask(len) FLOW(len, u8, dst_mask)
#define MEMBER_engine_type(len)
#define MEMBER_engine_id(len)
#define MEMBER_sequence(len)
#define MEMBER_source_id(len)
#define COLUMN_agent COL_agent_addr
#define COLUMN_src COL_src_addr
#define COLUMN_dst COL_dst_addr
#define COLUMN_gateway COL_next_hop

#define M(member, v3, v2) MEMBER_##member(v3) p += (v3);
#define PAD(v3, v2) p += (v3);
#define V4(member) \
	p = record_store(p, batch->col[COLUMN_##member].u32[row], 4);
#define V6(member) \
	addr6_store(p, batch->col[COLUMN_##member].v6[row]); \
	p += 16;
#define FIELD(name, members)           \
	if (fields & CLASSIC_##name) { \
		members                \
	}

uint8_t *
record_patch_put(const struct record_patch *like, uint8_t *p, uint32_t fields,
    const struct batch *batch, size_t row)
{
#include "record.def"
	return p;
}
