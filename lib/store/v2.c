/* Version 2 flow logs; see v2.h. The layout is in flowd-log(5). */
#include "crc32.h"
#include "v2.h"

enum {
	V2_VERSION = 2,
	CRC_LEN = 4
};

#define V2_MAGIC UINT32_C(0x012cf047)

int
v2_check_head(struct bytes in, uint32_t *start_sec, struct flowd_error *err)
{
	struct wire w;
	uint32_t magic, version;

	wire_init(&w, in);
	magic = wire_u32(&w);
	version = wire_u32(&w);
	*start_sec = wire_u32(&w);
	(void)wire_u32(&w);
	if (!wire_ok(&w))
		return flowd_fail(err, FLOWD_EOF, "premature EOF");
	if (magic != V2_MAGIC)
		return flowd_fail(err, FLOWD_EFORMAT, "Bad magic");
	if (version != V2_VERSION)
		return flowd_fail(err, FLOWD_EVERSION,
		    "Unsupported version %u", version);
	return 0;
}

static struct addr
read_addr(struct wire *w, uint32_t fields, enum classic_field field4,
    enum classic_field field6)
{
	struct addr6 v6;

	if (fields & field4)
		return addr_from_v4(wire_u32(w));
	if (!(fields & field6))
		return (struct addr) { .family = ADDR_NONE };
	v6.hi = wire_u64(w);
	v6.lo = wire_u64(w);
	return addr_from_v6(v6);
}

static void
read_first(struct wire *w, struct classic *c)
{
	uint32_t fields = c->fields;

	if (fields & CLASSIC_TAG)
		c->tag = wire_u32(w);
	if (fields & CLASSIC_RECV_TIME)
		c->recv_sec = wire_u32(w);
	if (fields & CLASSIC_PROTO_FLAGS_TOS) {
		c->tcp_flags = wire_u8(w);
		c->protocol = wire_u8(w);
		c->tos = wire_u8(w);
		(void)wire_u8(w);
	}
	c->agent = read_addr(w, fields, CLASSIC_AGENT_ADDR4,
	    CLASSIC_AGENT_ADDR6);
	c->src = read_addr(w, fields, CLASSIC_SRC_ADDR4, CLASSIC_SRC_ADDR6);
	c->dst = read_addr(w, fields, CLASSIC_DST_ADDR4, CLASSIC_DST_ADDR6);
	c->gateway = read_addr(w, fields, CLASSIC_GATEWAY_ADDR4,
	    CLASSIC_GATEWAY_ADDR6);
	if (fields & CLASSIC_SRCDST_PORT) {
		c->src_port = wire_u16(w);
		c->dst_port = wire_u16(w);
	}
}

/* Interfaces, AS numbers and engines are narrower than in version 3. */
static void
read_second(struct wire *w, struct classic *c)
{
	uint32_t fields = c->fields;

	if (fields & CLASSIC_PACKETS)
		c->packets = wire_u64(w);
	if (fields & CLASSIC_OCTETS)
		c->octets = wire_u64(w);
	if (fields & CLASSIC_IF_INDICES) {
		c->if_in = wire_u16(w);
		c->if_out = wire_u16(w);
	}
	if (fields & CLASSIC_AGENT_INFO) {
		c->sys_uptime_ms = wire_u32(w);
		c->time_sec = wire_u32(w);
		c->time_nanosec = wire_u32(w);
		c->netflow_version = wire_u16(w);
		(void)wire_u16(w);
	}
	if (fields & CLASSIC_FLOW_TIMES) {
		c->flow_start_ms = wire_u32(w);
		c->flow_finish_ms = wire_u32(w);
	}
}

static void
read_third(struct wire *w, struct classic *c)
{
	uint32_t fields = c->fields;

	if (fields & CLASSIC_AS_INFO) {
		c->src_as = wire_u16(w);
		c->dst_as = wire_u16(w);
		c->src_mask = wire_u8(w);
		c->dst_mask = wire_u8(w);
		(void)wire_u16(w);
	}
	if (fields & CLASSIC_FLOW_ENGINE_INFO) {
		c->engine_type = wire_u8(w);
		c->engine_id = wire_u8(w);
		(void)wire_u16(w);
		c->sequence = wire_u32(w);
	}
}

static int
check_fields(uint32_t fields, struct flowd_error *err)
{
	static const uint32_t places[] = { CLASSIC_AGENT_ADDR,
		CLASSIC_SRC_ADDR, CLASSIC_DST_ADDR, CLASSIC_GATEWAY_ADDR };

	if ((fields & ~(uint32_t)CLASSIC_ALL) != 0)
		return flowd_fail(err, FLOWD_EFORMAT,
		    "unsupported flow fields specified (%08x)", fields);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if ((fields & places[i]) == places[i])
			return flowd_fail(err, FLOWD_EFORMAT,
			    "Flow has both v4/v6 addrs in one place");
	return 0;
}

int
v2_decode(struct bytes in, struct classic *c, struct flowd_error *err)
{
	struct wire w;
	size_t len;
	int bad;

	wire_init(&w, in);
	*c = (struct classic) { .fields = wire_u32(&w) };
	if (!wire_ok(&w))
		return FLOWD_EOF;
	if ((bad = check_fields(c->fields, err)) != 0)
		return bad;
	read_first(&w, c);
	read_second(&w, c);
	read_third(&w, c);
	len = (size_t)(w.at - in.ptr);
	if (c->fields & CLASSIC_CRC32)
		c->crc32 = wire_u32(&w);
	if (!wire_ok(&w))
		return FLOWD_EOF;
	if ((c->fields & CLASSIC_CRC32) &&
	    flowd_crc32(in.ptr, len) != c->crc32)
		return flowd_fail(err, FLOWD_ECHECKSUM,
		    "Flow checksum mismatch");
	return (int)(w.at - in.ptr);
}

int
v2_read(struct bytes in, struct batch *batch, size_t *used,
    struct flowd_error *err)
{
	struct classic c;
	int n = 0, len = 0;

	batch->from_log = true;
	*used = 0;
	while (batch_room(batch) > 0) {
		len = v2_decode((struct bytes) { in.ptr + *used,
				    in.len - *used },
		    &c, err);
		if (len < 0)
			break;
		classic_append(batch, &c);
		*used += (size_t)len;
		n++;
	}
	return n > 0 ? n : len;
}
