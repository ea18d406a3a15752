/* The classic view, of the public header; see include/flowd/classic.h. */
#include "classic.h"
#include "flowd/classic.h"
#include "flowd_addr.h"
#include "flowd_batch.h"
#include "v3.h"

_Static_assert((int)FLOWD_RECORD_VERSION == V3_VERSION &&
	(int)FLOWD_RECORD_HEAD == V3_HEAD &&
	(int)FLOWD_RECORD_MAX == V3_RECORD_MAX &&
	(int)FLOWD_FIELD_CRC32 == CLASSIC_CRC32 &&
	(int)FLOWD_FIELD_FLOW_ENGINE_INFO == CLASSIC_FLOW_ENGINE_INFO,
    "numbers are the same outside");

/* Members that have one type: public name, name of lib/batch. */
#define MEMBERS(X) \
	X(tag, tag) \
	X(recv_sec, recv_sec) \
	X(recv_usec, recv_usec) \
	X(packets, packets) \
	X(octets, octets) \
	X(if_index_in, if_in) \
	X(if_index_out, if_out) \
	X(sys_uptime_ms, sys_uptime_ms) \
	X(time_sec, time_sec) \
	X(time_nanosec, time_nanosec) \
	X(flow_start, flow_start_ms) \
	X(flow_finish, flow_finish_ms) \
	X(src_as, src_as) \
	X(dst_as, dst_as) \
	X(flow_sequence, sequence) \
	X(source_id, source_id) \
	X(crc32, crc32) \
	X(src_port, src_port) \
	X(dst_port, dst_port) \
	X(netflow_version, netflow_version) \
	X(engine_type, engine_type) \
	X(engine_id, engine_id) \
	X(tcp_flags, tcp_flags) \
	X(protocol, protocol) \
	X(tos, tos) \
	X(src_mask, src_mask) \
	X(dst_mask, dst_mask)

/* Addresses: public name, name of lib/batch, name of the field. */
#define ADDRESSES(X) \
	X(agent_addr, agent, AGENT) \
	X(src_addr, src, SRC) \
	X(dst_addr, dst, DST) \
	X(gateway_addr, gateway, GATEWAY)

static void
classic_give(const struct classic *c, struct flowd_classic *to)
{
	to->fields = c->fields;
	to->reserved = 0;
#define GIVE(outside, inside) to->outside = c->inside;
	MEMBERS(GIVE)
#undef GIVE
#define GIVE(outside, inside, field) to->outside = flowd_addr_of(&c->inside);
	ADDRESSES(GIVE)
#undef GIVE
}

/* The field of an address is that of its family. */
static uint32_t
field_of_family(uint32_t fields, const struct addr *a, enum classic_field v4,
    enum classic_field v6)
{
	uint32_t field = a->family == ADDR_V4 ? (uint32_t)v4
	    : a->family == ADDR_V6	      ? (uint32_t)v6
					      : 0;
	uint32_t both = (uint32_t)v4 | (uint32_t)v6;

	return fields & both ? (fields & ~both) | field : fields;
}

/* False when an address is none. */
static bool
classic_take(const struct flowd_classic *c, struct classic *to)
{
	to->fields = c->fields & CLASSIC_ALL;
#define TAKE(outside, inside) to->inside = c->outside;
	MEMBERS(TAKE)
#undef TAKE
#define TAKE(outside, inside, field) \
	if (!flowd_addr_get(&c->outside, &to->inside)) \
		return false; \
	to->fields = field_of_family(to->fields, &to->inside, \
	    CLASSIC_##field##_ADDR4, CLASSIC_##field##_ADDR6);
	ADDRESSES(TAKE)
#undef TAKE
	return true;
}

int
flowd_classic_load(
    const struct flowd_batch *b, size_t row, struct flowd_classic *c)
{
	struct classic own;

	if (row >= b->rows->nrows)
		return FLOWD_EINVAL;
	classic_load(b->rows, row, &own);
	classic_give(&own, c);
	return 0;
}

/* Has it all columns, and rows of records only? */
static bool
is_of_records(const struct flowd_batch *b)
{
	return b->columns.n == COL_COUNT &&
	    (b->rows->nrows == 0 || b->rows->from_log);
}

int
flowd_classic_append(struct flowd_batch *b, const struct flowd_classic *c)
{
	struct classic own;

	if (flowd_batch_is_shared(b) || !is_of_records(b) ||
	    !classic_take(c, &own))
		return FLOWD_EINVAL;
	if (batch_room(b->rows) == 0)
		return FLOWD_ERANGE;
	b->rows->from_log = true;
	flowd_batch_clear_values(b, b->rows->nrows);
	classic_append(b->rows, &own);
	return (int)b->rows->nrows - 1;
}

int
flowd_classic_decode(const void *octets, size_t len, struct flowd_classic *c,
    struct flowd_error *err)
{
	struct classic own = { .fields = 0 };
	int used = v3_decode((struct bytes) { octets, len }, &own, err);

	if (used == FLOWD_EOF)
		return flowd_fail(err, FLOWD_EOF, "the flow is not whole");
	if (used >= 0)
		classic_give(&own, c);
	return used;
}

int
flowd_classic_encode(
    const struct flowd_classic *c, uint32_t wanted, void *out)
{
	struct classic own;

	return classic_take(c, &own) ? (int)v3_encode(&own, wanted, out)
				     : FLOWD_EINVAL;
}
