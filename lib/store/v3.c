/*
 * Version 3 flow logs; see v3.h. The layout of a record is in flowd-log(5).
 */
#include "crc32.h"
#include "v3.h"

enum {
	V3_MAJOR = 3,
	V3_VERSION = V3_MAJOR << 5,	/* minor version 0 */
	CRC_LEN = 4
};

/* Where a record is being written. */
struct out {
	uint8_t *at;
};

static void
put8(struct out *o, uint8_t v)
{
	*o->at++ = v;
}

static void
put16(struct out *o, uint16_t v)
{
	store_be16(o->at, v);
	o->at += 2;
}

static void
put32(struct out *o, uint32_t v)
{
	store_be32(o->at, v);
	o->at += 4;
}

static void
put64(struct out *o, uint64_t v)
{
	store_be64(o->at, v);
	o->at += 8;
}

static void
put_addr(struct out *o, uint32_t fields, enum classic_field field4,
    enum classic_field field6, const struct addr *a)
{
	if (fields & field4)
		put32(o, a->v4);
	if (fields & field6) {
		addr6_store(o->at, a->v6);
		o->at += 16;
	}
}

/* Fields 0 to 10. */
static void
put_first(struct out *o, uint32_t fields, const struct classic *c)
{
	if (fields & CLASSIC_TAG)
		put32(o, c->tag);
	if (fields & CLASSIC_RECV_TIME) {
		put32(o, c->recv_sec);
		put32(o, c->recv_usec);
	}
	if (fields & CLASSIC_PROTO_FLAGS_TOS) {
		put8(o, c->tcp_flags);
		put8(o, c->protocol);
		put8(o, c->tos);
		put8(o, 0);
	}
	put_addr(o, fields, CLASSIC_AGENT_ADDR4, CLASSIC_AGENT_ADDR6,
	    &c->agent);
	put_addr(o, fields, CLASSIC_SRC_ADDR4, CLASSIC_SRC_ADDR6, &c->src);
	put_addr(o, fields, CLASSIC_DST_ADDR4, CLASSIC_DST_ADDR6, &c->dst);
	put_addr(o, fields, CLASSIC_GATEWAY_ADDR4, CLASSIC_GATEWAY_ADDR6,
	    &c->gateway);
}

/* Fields 11 to 18. */
static void
put_second(struct out *o, uint32_t fields, const struct classic *c)
{
	if (fields & CLASSIC_SRCDST_PORT) {
		put16(o, c->src_port);
		put16(o, c->dst_port);
	}
	if (fields & CLASSIC_PACKETS)
		put64(o, c->packets);
	if (fields & CLASSIC_OCTETS)
		put64(o, c->octets);
	if (fields & CLASSIC_IF_INDICES) {
		put32(o, c->if_in);
		put32(o, c->if_out);
	}
	if (fields & CLASSIC_AGENT_INFO) {
		put32(o, c->sys_uptime_ms);
		put32(o, c->time_sec);
		put32(o, c->time_nanosec);
		put16(o, c->netflow_version);
		put16(o, 0);
	}
	if (fields & CLASSIC_FLOW_TIMES) {
		put32(o, c->flow_start_ms);
		put32(o, c->flow_finish_ms);
	}
}

static void
put_third(struct out *o, uint32_t fields, const struct classic *c)
{
	if (fields & CLASSIC_AS_INFO) {
		put32(o, c->src_as);
		put32(o, c->dst_as);
		put8(o, c->src_mask);
		put8(o, c->dst_mask);
		put16(o, 0);
	}
	if (fields & CLASSIC_FLOW_ENGINE_INFO) {
		put16(o, c->engine_type);
		put16(o, c->engine_id);
		put32(o, c->sequence);
		put32(o, c->source_id);
	}
}

int
v3_encode(const struct classic *c, uint32_t wanted, uint8_t *out)
{
	uint32_t fields = c->fields & wanted & CLASSIC_ALL;
	struct out o = { out + V3_HEAD };
	size_t body;

	if (c->src.family != c->dst.family)
		return FLOWD_EUNSTORABLE;
	put_first(&o, fields, c);
	put_second(&o, fields, c);
	put_third(&o, fields, c);
	body = (size_t)(o.at - out) - V3_HEAD;
	if (fields & CLASSIC_CRC32)
		body += CRC_LEN;
	out[0] = V3_VERSION;
	out[1] = (uint8_t)(body / 4);
	store_be16(out + 2, 0);
	store_be32(out + 4, fields);
	if (fields & CLASSIC_CRC32)
		put32(&o, flowd_crc32(out, V3_HEAD + body - CRC_LEN));
	return (int)(V3_HEAD + body);
}

int
v3_write(const struct batch *batch, uint32_t wanted, struct buf *out,
    uint64_t *unstorable)
{
	size_t before = out->len;
	struct classic c;
	int n = 0;

	for (size_t row = bitmap_next(batch->selected, 0, batch->nrows);
	    row < batch->nrows;
	    row = bitmap_next(batch->selected, row + 1, batch->nrows)) {
		uint8_t *room = buf_room(out, V3_RECORD_MAX);
		int len;

		if (room == NULL) {
			out->len = before;
			return FLOWD_ENOMEM;
		}
		classic_load(batch, row, &c);
		len = v3_encode(&c, wanted, room);
		if (len < 0) {
			++*unstorable;
			continue;
		}
		out->len += (size_t)len;
		n++;
	}
	return n;
}

/*
 * Octets of each field, by its bit. Fields between FLOW_ENGINE_INFO and CRC32
 * are of newer minor versions.
 */
static const uint8_t field_len[] = { 4, 8, 4, 4, 16, 4, 16, 4, 16, 4, 16, 4, 8,
	8, 8, 16, 8, 12, 12 };

enum {
	FIELD_COUNT = sizeof(field_len)
};

/* Octets of the known fields, without the CRC. */
static size_t
fields_len(uint32_t fields)
{
	size_t len = 0;

	for (unsigned i = 0; i < FIELD_COUNT; i++)
		if (fields & UINT32_C(1) << i)
			len += field_len[i];
	return len;
}

/* A place has one address: never both families. */
static int
check_families(uint32_t fields, struct flowd_error *err)
{
	static const struct {
		uint32_t both;
		const char *word;
	} places[] = {
		{ CLASSIC_AGENT_ADDR, "agent" },
		{ CLASSIC_SRC_ADDR, "src" },
		{ CLASSIC_DST_ADDR, "dst" },
		{ CLASSIC_GATEWAY_ADDR, "gateway" },
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if ((fields & places[i].both) == places[i].both)
			return flowd_fail(err, FLOWD_EFORMAT,
			    "Flow has both v4/v6 %s addrs", places[i].word);
	return 0;
}

/*
 * Check a whole record whose body has len octets; then every field that
 * read_fields() takes lies within it. Returns the offset of the CRC, or 0
 * without one.
 */
static int
check_record(const uint8_t *rec, size_t len, struct flowd_error *err)
{
	uint32_t fields = load_be32(rec + 4);
	unsigned minor = rec[0] & 0x1f;
	size_t known = fields_len(fields), crc_at = 0;
	int bad;

	if (rec[0] >> 5 != V3_MAJOR)
		return flowd_fail(err, FLOWD_EVERSION,
		    "Unsupported version %u", rec[0] >> 5);
	if (minor == 0 && (fields & ~(uint32_t)CLASSIC_ALL) != 0)
		return flowd_fail(err, FLOWD_EFORMAT,
		    "Flow has unknown fields (%08x)", fields);
	if ((bad = check_families(fields, err)) != 0)
		return bad;
	if (fields & CLASSIC_CRC32) {
		/* A newer version may have more in front of the CRC. */
		crc_at = (fields & ~(uint32_t)CLASSIC_ALL) != 0 &&
			len >= CRC_LEN
		    ? V3_HEAD + len - CRC_LEN
		    : V3_HEAD + known;
	}
	if (known + (crc_at != 0 ? CRC_LEN : 0) > len)
		return flowd_fail(err, FLOWD_EFORMAT,
		    "Flow is shorter (%zu octets) than its fields", len);
	if (crc_at != 0 &&
	    flowd_crc32(rec, V3_HEAD + known) != load_be32(rec + crc_at))
		return flowd_fail(err, FLOWD_ECHECKSUM,
		    "Flow checksum mismatch");
	return (int)crc_at;
}

/* Fields are read through a cursor that check_record() has proved. */
static struct addr
read_addr(struct wire *w, uint32_t fields, enum classic_field field4,
    enum classic_field field6)
{
	if (fields & field4)
		return addr_from_v4(wire_u32(w));
	if (fields & field6) {
		struct addr6 v6 = { wire_u64(w), 0 };

		v6.lo = wire_u64(w);
		return addr_from_v6(v6);
	}
	return (struct addr) { .family = ADDR_NONE };
}

static void
read_first(struct wire *w, uint32_t fields, struct classic *c)
{
	if (fields & CLASSIC_TAG)
		c->tag = wire_u32(w);
	if (fields & CLASSIC_RECV_TIME) {
		c->recv_sec = wire_u32(w);
		c->recv_usec = wire_u32(w);
	}
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
}

static void
read_second(struct wire *w, uint32_t fields, struct classic *c)
{
	if (fields & CLASSIC_SRCDST_PORT) {
		c->src_port = wire_u16(w);
		c->dst_port = wire_u16(w);
	}
	if (fields & CLASSIC_PACKETS)
		c->packets = wire_u64(w);
	if (fields & CLASSIC_OCTETS)
		c->octets = wire_u64(w);
	if (fields & CLASSIC_IF_INDICES) {
		c->if_in = wire_u32(w);
		c->if_out = wire_u32(w);
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
read_third(struct wire *w, uint32_t fields, struct classic *c)
{
	if (fields & CLASSIC_AS_INFO) {
		c->src_as = wire_u32(w);
		c->dst_as = wire_u32(w);
		c->src_mask = wire_u8(w);
		c->dst_mask = wire_u8(w);
		(void)wire_u16(w);
	}
	if (fields & CLASSIC_FLOW_ENGINE_INFO) {
		c->engine_type = wire_u16(w);
		c->engine_id = wire_u16(w);
		c->sequence = wire_u32(w);
		c->source_id = wire_u32(w);
	}
}

int
v3_decode(struct bytes in, struct classic *c, struct flowd_error *err)
{
	struct wire w;
	size_t len;
	int crc_at;

	if (in.len < V3_HEAD)
		return FLOWD_EOF;
	len = (size_t)in.ptr[1] * 4;
	/* Checked first, as it always was: it is how garbage shows. */
	if (len > V3_BODY_MAX)
		return flowd_fail(err, FLOWD_EFORMAT,
		    "Flow is too long (%zu octets), probably corrupt", len);
	if (in.len - V3_HEAD < len)
		return FLOWD_EOF;
	crc_at = check_record(in.ptr, len, err);
	if (crc_at < 0)
		return crc_at;
	c->fields = load_be32(in.ptr + 4) & CLASSIC_ALL;
	wire_init(&w, (struct bytes) { in.ptr + V3_HEAD, len });
	read_first(&w, c->fields, c);
	read_second(&w, c->fields, c);
	read_third(&w, c->fields, c);
	if (crc_at != 0)
		c->crc32 = load_be32(in.ptr + crc_at);
	return (int)(V3_HEAD + len);
}

int
v3_read(struct bytes in, struct batch *batch, size_t *used,
    struct flowd_error *err)
{
	struct classic c;
	int n = 0, len = 0;

	batch->from_log = true;
	*used = 0;
	while (batch_room(batch) > 0) {
		len = v3_decode((struct bytes) { in.ptr + *used,
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
