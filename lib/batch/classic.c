/* The classic view; see classic.h. Test: test/unit/batch/test_classic.c. */
#include "classic.h"

static const int64_t second_ns = 1000000000;
static const int64_t ms_ns = 1000000;

/* The value of a row, or 0. The column is a compile-time constant. */
#define HAS(name) bitmap_test(batch->col[COL_##name].valid, row)
#define GET(member, name) \
	(HAS(name) ? batch->col[COL_##name].member[row] : 0)

static uint32_t
if_any(bool any, enum classic_field field)
{
	return any ? (uint32_t)field : 0;
}

/* An address, and the bit of its field for its family. */
static uint32_t
load_addr(const struct batch *batch, size_t row, unsigned col,
    enum classic_field field4, enum classic_field field6, struct addr *a)
{
	const struct column *c = &batch->col[col];

	if (!bitmap_test(c->valid, row)) {
		a->family = ADDR_NONE;
		return 0;
	}
	a->scope = 0;
	if (bitmap_test(c->is6, row)) {
		a->family = ADDR_V6;
		a->v6 = c->v6[row];
		return (uint32_t)field6;
	}
	a->family = ADDR_V4;
	a->v4 = c->u32[row];
	return (uint32_t)field4;
}

static uint32_t
load_recv_time(const struct batch *batch, size_t row, struct classic *c)
{
	int64_t ns = GET(ns, recv_time);
	uint32_t carry = GET(u16, recv_time_carry);

	c->recv_sec = (uint32_t)(ns / second_ns) - carry;
	c->recv_usec = (uint32_t)(ns % second_ns / 1000) + carry * 1000000;
	return if_any(HAS(recv_time), CLASSIC_RECV_TIME);
}

/*
 * The age of at, which is not after t, in milliseconds, at most what 32 bits
 * hold. Exporters send times whose difference exceeds 63 bits.
 */
static uint32_t
age_ms(int64_t t, int64_t at)
{
	uint64_t ms = ((uint64_t)t - (uint64_t)at) / (uint64_t)ms_ns;

	return ms > UINT32_MAX ? UINT32_MAX : (uint32_t)ms;
}

/* The time from at to t in uptime milliseconds, which wrap. */
static uint32_t
uptime_between(int64_t at, int64_t t)
{
	return (uint32_t)(t / ms_ns - at / ms_ns);
}

static int64_t
time_later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* The start and end of a flow; an unknown one equals the other. */
static void
absolute_times(const struct batch *batch, size_t row, int64_t *start,
    int64_t *end)
{
	*start = HAS(flow_start) ? GET(ns, flow_start) : GET(ns, flow_end);
	*end = HAS(flow_end) ? GET(ns, flow_end) : *start;
	if (!HAS(flow_end) && HAS(event_time))
		*end = time_later(*end, GET(ns, event_time));
}

/* Flow times without uptimes: makes up a scale of uptime for them. */
static uint32_t
make_uptimes(const struct batch *batch, size_t row, struct classic *c,
    int64_t *agent_ns)
{
	int64_t start, end, t;
	uint32_t age;

	c->flow_start_ms = c->flow_finish_ms = 0;
	if (!HAS(flow_start) && !HAS(flow_end))
		return 0;
	absolute_times(batch, row, &start, &end);
	t = time_later(time_later(start, end), *agent_ns);
	/* Readers take the difference of two uptimes as signed. */
	if (age_ms(t, start) > INT32_MAX)
		t = time_later(start, end);
	if (HAS(sys_uptime_ms) && t > *agent_ns)
		c->sys_uptime_ms += age_ms(t, *agent_ns);
	age = age_ms(t, start);
	if (c->sys_uptime_ms < age)
		c->sys_uptime_ms = age;
	/* Of IPFIX, 0 says that it is not known. */
	if (c->sys_uptime_ms == 0)
		c->sys_uptime_ms = 1;
	c->flow_start_ms = c->sys_uptime_ms - age;
	age = age_ms(t, end);
	if (age > c->sys_uptime_ms)
		age = c->sys_uptime_ms;
	c->flow_finish_ms = c->sys_uptime_ms - age;
	*agent_ns = t;
	return CLASSIC_FLOW_TIMES;
}

/* The later of the known uptimes, modulo 2^32. */
static uint32_t
latest_uptime(const struct batch *batch, size_t row)
{
	uint32_t start = GET(u32, flow_start_uptime_ms);
	uint32_t finish = GET(u32, flow_end_uptime_ms);

	if (!HAS(flow_end_uptime_ms))
		return start;
	if (!HAS(flow_start_uptime_ms))
		return finish;
	return (int32_t)(start - finish) > 0 ? start : finish;
}

/*
 * The uptime at the agent's time when the header has none, as in IPFIX: what
 * the decoder derived from the start of the exporter, or from a flow time that
 * is known as an uptime and as an absolute time; otherwise the uptime at the
 * end of the flow.
 */
static uint32_t
find_uptime(const struct batch *batch, size_t row, int64_t agent_ns)
{
	if (HAS(sys_uptime_ms))
		return GET(u32, sys_uptime_ms);
	if (HAS(flow_end) && HAS(flow_end_uptime_ms))
		return GET(u32, flow_end_uptime_ms) +
		    uptime_between(GET(ns, flow_end), agent_ns);
	if (HAS(flow_start) && HAS(flow_start_uptime_ms))
		return GET(u32, flow_start_uptime_ms) +
		    uptime_between(GET(ns, flow_start), agent_ns);
	return latest_uptime(batch, row);
}

/*
 * Uptimes as sent. The export time of IPFIX is in whole seconds, so that flows
 * may end after it: then the uptime and the time of the agent move forward
 * together.
 */
static uint32_t
load_uptimes(const struct batch *batch, size_t row, struct classic *c,
    int64_t *agent_ns)
{
	int32_t ahead;

	c->flow_start_ms = GET(u32, flow_start_uptime_ms);
	c->flow_finish_ms = GET(u32, flow_end_uptime_ms);
	if (batch->from_log || c->netflow_version != 10)
		return CLASSIC_FLOW_TIMES;
	c->sys_uptime_ms = find_uptime(batch, row, *agent_ns);
	ahead = (int32_t)(latest_uptime(batch, row) - c->sys_uptime_ms);
	if (ahead > 0) {
		c->sys_uptime_ms += (uint32_t)ahead;
		*agent_ns += ahead * ms_ns;
	}
	return CLASSIC_FLOW_TIMES;
}

static uint32_t
load_times(const struct batch *batch, size_t row, struct classic *c)
{
	int64_t agent_ns = GET(ns, agent_time);
	uint32_t carry = GET(u8, agent_time_carry);
	bool agent = HAS(agent_time) || HAS(sys_uptime_ms) ||
	    HAS(netflow_version);
	uint32_t fields = 0;

	c->sys_uptime_ms = GET(u32, sys_uptime_ms);
	c->netflow_version = GET(u16, netflow_version);
	if (HAS(flow_start_uptime_ms) || HAS(flow_end_uptime_ms))
		fields = load_uptimes(batch, row, c, &agent_ns);
	else
		fields = make_uptimes(batch, row, c, &agent_ns);
	c->time_sec = (uint32_t)(agent_ns / second_ns) - carry;
	c->time_nanosec = (uint32_t)(agent_ns % second_ns) +
	    carry * (uint32_t)second_ns;
	return fields | if_any(agent, CLASSIC_AGENT_INFO);
}

static uint32_t
load_numbers(const struct batch *batch, size_t row, struct classic *c)
{
	uint32_t fields = 0;

	c->tag = GET(u32, tag);
	fields |= if_any(HAS(tag), CLASSIC_TAG);
	c->tcp_flags = (uint8_t)GET(u16, tcp_flags);
	c->protocol = GET(u8, protocol);
	c->tos = GET(u8, tos);
	fields |= if_any(HAS(tcp_flags) || HAS(protocol) || HAS(tos),
	    CLASSIC_PROTO_FLAGS_TOS);
	c->src_port = GET(u16, src_port);
	c->dst_port = GET(u16, dst_port);
	fields |= if_any(HAS(src_port) || HAS(dst_port), CLASSIC_SRCDST_PORT);
	c->packets = GET(u64, packets);
	fields |= if_any(HAS(packets), CLASSIC_PACKETS);
	c->octets = GET(u64, octets);
	fields |= if_any(HAS(octets), CLASSIC_OCTETS);
	c->if_in = GET(u32, if_in);
	c->if_out = GET(u32, if_out);
	fields |= if_any(HAS(if_in) || HAS(if_out), CLASSIC_IF_INDICES);
	return fields;
}

static uint32_t
load_routing(const struct batch *batch, size_t row, struct classic *c)
{
	uint32_t fields = 0;

	c->src_as = GET(u32, src_as);
	c->dst_as = GET(u32, dst_as);
	c->src_mask = GET(u8, src_mask);
	c->dst_mask = GET(u8, dst_mask);
	fields |= if_any(HAS(src_as) || HAS(dst_as) || HAS(src_mask) ||
		HAS(dst_mask), CLASSIC_AS_INFO);
	c->engine_type = GET(u16, engine_type);
	c->engine_id = GET(u16, engine_id);
	c->sequence = GET(u32, sequence);
	c->source_id = GET(u32, source_id);
	fields |= if_any(HAS(engine_type) || HAS(engine_id) ||
		HAS(sequence) || HAS(source_id), CLASSIC_FLOW_ENGINE_INFO);
	c->crc32 = GET(u32, crc32);
	fields |= if_any(HAS(crc32) || !batch->from_log, CLASSIC_CRC32);
	return fields;
}

void
classic_load(const struct batch *batch, size_t row, struct classic *c)
{
	c->fields = load_numbers(batch, row, c) |
	    load_routing(batch, row, c) | load_times(batch, row, c) |
	    load_recv_time(batch, row, c);
	c->fields |= load_addr(batch, row, COL_agent_addr,
	    CLASSIC_AGENT_ADDR4, CLASSIC_AGENT_ADDR6, &c->agent);
	c->fields |= load_addr(batch, row, COL_src_addr, CLASSIC_SRC_ADDR4,
	    CLASSIC_SRC_ADDR6, &c->src);
	c->fields |= load_addr(batch, row, COL_dst_addr, CLASSIC_DST_ADDR4,
	    CLASSIC_DST_ADDR6, &c->dst);
	c->fields |= load_addr(batch, row, COL_next_hop,
	    CLASSIC_GATEWAY_ADDR4, CLASSIC_GATEWAY_ADDR6, &c->gateway);
}

/* Fills n rows of a column from first on with a member of each record. */
#define PUT(member, name, from) \
	do { \
		const struct column to = batch->col[COL_##name]; \
\
		if (colset_has(&batch->unasked, COL_##name)) \
			break; \
		for (size_t i = 0; i < n; i++) \
			to.member[first + i] = c[i].from; \
		batch_mark(batch, COL_##name, first, n); \
	} while (0)

/* Carries whole seconds out of a fraction of a second; hardly ever needed. */
static void
append_carry(struct batch *batch, unsigned col, size_t row, uint32_t carry)
{
	if (carry != 0)
		batch_set_uint(batch, col, row, carry);
}

static void
append_recv_time(struct batch *batch, size_t first, const struct classic *c,
    size_t n)
{
	int64_t *recv_ns = batch->col[COL_recv_time].ns + first;

	if (!(c->fields & CLASSIC_RECV_TIME) ||
	    colset_has(&batch->unasked, COL_recv_time))
		return;
	for (size_t i = 0; i < n; i++) {
		recv_ns[i] = c[i].recv_sec * second_ns +
		    c[i].recv_usec * INT64_C(1000);
		append_carry(batch, COL_recv_time_carry, first + i,
		    c[i].recv_usec / 1000000);
	}
	batch_mark(batch, COL_recv_time, first, n);
}

static int64_t
agent_time_ns(const struct classic *c)
{
	return c->time_sec * second_ns + c->time_nanosec;
}

static void
append_agent_info(struct batch *batch, size_t first, const struct classic *c,
    size_t n)
{
	int64_t *agent_ns = batch->col[COL_agent_time].ns + first;

	if (!(c->fields & CLASSIC_AGENT_INFO))
		return;
	PUT(u32, sys_uptime_ms, sys_uptime_ms);
	PUT(u16, netflow_version, netflow_version);
	if (colset_has(&batch->unasked, COL_agent_time))
		return;
	for (size_t i = 0; i < n; i++) {
		agent_ns[i] = agent_time_ns(&c[i]);
		append_carry(batch, COL_agent_time_carry, first + i,
		    c[i].time_nanosec / (uint32_t)second_ns);
	}
	batch_mark(batch, COL_agent_time, first, n);
}

/* Converts an uptime of the exporter, which wraps, to an absolute time. */
static int64_t
uptime_ns(const struct classic *c, uint32_t ms)
{
	return agent_time_ns(c) - (int32_t)(c->sys_uptime_ms - ms) * ms_ns;
}

/* The first flowd wrote IPFIX without an uptime. */
static bool
has_uptime(const struct classic *c)
{
	return c->netflow_version != 10 || c->sys_uptime_ms != 0;
}

/* How many records at the start have an uptime. */
static size_t
run_of_uptimes(const struct classic *c, size_t n)
{
	size_t i = 0;

	while (i < n && has_uptime(&c[i]))
		i++;
	return i;
}

static void
append_flow_times(struct batch *batch, size_t first, const struct classic *c,
    size_t n)
{
	int64_t *start_ns = batch->col[COL_flow_start].ns + first;
	int64_t *end_ns = batch->col[COL_flow_end].ns + first;

	if (!(c->fields & CLASSIC_FLOW_TIMES))
		return;
	PUT(u32, flow_start_uptime_ms, flow_start_ms);
	PUT(u32, flow_end_uptime_ms, flow_finish_ms);
	if (!(c->fields & CLASSIC_AGENT_INFO) ||
	    (colset_has(&batch->unasked, COL_flow_start) &&
		colset_has(&batch->unasked, COL_flow_end)))
		return;
	for (size_t i = 0, run; i < n; i += run) {
		run = run_of_uptimes(c + i, n - i);
		for (size_t k = i; k < i + run; k++) {
			start_ns[k] = uptime_ns(&c[k], c[k].flow_start_ms);
			end_ns[k] = uptime_ns(&c[k], c[k].flow_finish_ms);
		}
		if (run > 0) {
			batch_mark(batch, COL_flow_start, first + i, run);
			batch_mark(batch, COL_flow_end, first + i, run);
		}
		run += i + run < n;
	}
}

static void
append_numbers(struct batch *batch, size_t first, const struct classic *c,
    size_t n)
{
	if (c->fields & CLASSIC_TAG)
		PUT(u32, tag, tag);
	if (c->fields & CLASSIC_PROTO_FLAGS_TOS) {
		PUT(u16, tcp_flags, tcp_flags);
		PUT(u8, protocol, protocol);
		PUT(u8, tos, tos);
	}
	if (c->fields & CLASSIC_SRCDST_PORT) {
		PUT(u16, src_port, src_port);
		PUT(u16, dst_port, dst_port);
	}
	if (c->fields & CLASSIC_PACKETS)
		PUT(u64, packets, packets);
	if (c->fields & CLASSIC_OCTETS)
		PUT(u64, octets, octets);
	if (c->fields & CLASSIC_IF_INDICES) {
		PUT(u32, if_in, if_in);
		PUT(u32, if_out, if_out);
	}
}

static void
append_routing(struct batch *batch, size_t first, const struct classic *c,
    size_t n)
{
	if (c->fields & CLASSIC_AS_INFO) {
		PUT(u32, src_as, src_as);
		PUT(u32, dst_as, dst_as);
		PUT(u8, src_mask, src_mask);
		PUT(u8, dst_mask, dst_mask);
	}
	if (c->fields & CLASSIC_FLOW_ENGINE_INFO) {
		PUT(u16, engine_type, engine_type);
		PUT(u16, engine_id, engine_id);
		PUT(u32, sequence, sequence);
		PUT(u32, source_id, source_id);
	}
	if (c->fields & CLASSIC_CRC32)
		PUT(u32, crc32, crc32);
}

/* is6 is clear in new rows: see batch_reset(). */
#define PUT_ADDR(name, field, from) \
	do { \
		const struct column to = batch->col[COL_##name]; \
\
		if (!(c->fields & (field)) || \
		    colset_has(&batch->unasked, COL_##name)) \
			break; \
		for (size_t i = 0; i < n; i++) { \
			if (c[i].from.family == ADDR_V6) { \
				to.v6[first + i] = c[i].from.v6; \
				bitmap_set(to.is6, first + i); \
			} else { \
				to.u32[first + i] = c[i].from.v4; \
			} \
		} \
		batch_mark(batch, COL_##name, first, n); \
	} while (0)

static void
append_addrs(struct batch *batch, size_t first, const struct classic *c,
    size_t n)
{
	PUT_ADDR(agent_addr, CLASSIC_AGENT_ADDR, agent);
	PUT_ADDR(src_addr, CLASSIC_SRC_ADDR, src);
	PUT_ADDR(dst_addr, CLASSIC_DST_ADDR, dst);
	PUT_ADDR(next_hop, CLASSIC_GATEWAY_ADDR, gateway);
}

/*
 * The address fields regardless of family: the IPv6 bit follows the IPv4 bit.
 */
static uint32_t
any_family(uint32_t fields)
{
	const uint32_t v6 = CLASSIC_AGENT_ADDR6 | CLASSIC_SRC_ADDR6 |
	    CLASSIC_DST_ADDR6 | CLASSIC_GATEWAY_ADDR6;

	return (fields & ~v6) | (fields & v6) >> 1;
}

/* How many records at the start have the same fields; at least one. */
static size_t
times_alike(const struct classic *c, size_t n)
{
	uint32_t fields = any_family(c->fields);
	size_t i = 1;

	while (i < n && any_family(c[i].fields) == fields)
		i++;
	return i;
}

void
classic_append_rows(struct batch *batch, const struct classic *c, size_t n)
{
	for (size_t run; n > 0; c += run, n -= run) {
		size_t first;

		run = times_alike(c, n);
		first = batch_append(batch, run);
		append_recv_time(batch, first, c, run);
		append_agent_info(batch, first, c, run);
		append_flow_times(batch, first, c, run);
		append_numbers(batch, first, c, run);
		append_routing(batch, first, c, run);
		append_addrs(batch, first, c, run);
	}
}

void
classic_append(struct batch *batch, const struct classic *c)
{
	classic_append_rows(batch, c, 1);
}
