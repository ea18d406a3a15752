/*
 * Frames; see frame.h. In network order: magic 2, version 1, type 1, serial
 * number 4, length of the body 4.
 */
#include "frame.h"
#include "report.h"

enum {
	MAGIC = 0xf10d,
	VERSION = 1,
	SERIAL_AT = 4,
	LEN_AT = 8
};

size_t
frame_open(struct buf *out, enum frame_type type, uint32_t serial)
{
	size_t begin = out->len;
	uint8_t head[FRAME_HEAD] = { MAGIC >> 8, MAGIC & 0xff, VERSION,
		(uint8_t)type };

	store_be32(head + SERIAL_AT, serial);
	buf_append(out, head, sizeof(head));
	return begin;
}

void
frame_close(struct buf *out, size_t begin)
{
	if (buf_ok(out))
		store_be32(out->ptr + begin + LEN_AT,
		    (uint32_t)(out->len - begin - FRAME_HEAD));
}

void
frame_put(struct buf *out, enum frame_type type, uint32_t serial,
    struct bytes body)
{
	size_t begin = frame_open(out, type, serial);

	buf_append(out, body.ptr, body.len);
	frame_close(out, begin);
}

int64_t
frame_next(struct bytes in, size_t max, struct frame *f)
{
	struct wire w;
	uint32_t len;
	uint8_t version, type;

	if (in.len < FRAME_HEAD)
		return 0;
	wire_init(&w, in);
	if (wire_u16(&w) != MAGIC)
		return FLOWD_EFORMAT;
	version = wire_u8(&w);
	type = wire_u8(&w);
	f->serial = wire_u32(&w);
	len = wire_u32(&w);
	if (version != VERSION)
		return FLOWD_EVERSION;
	if (type == 0 || type >= FRAME_TYPES || len > max)
		return FLOWD_EFORMAT;
	if (wire_left(&w) < len)
		return 0;
	f->type = (enum frame_type)type;
	f->body = wire_bytes(&w, len);
	return FRAME_HEAD + (int64_t)len;
}

/* What an octet says of whom is asked for; an address follows its family. */
enum { OF_ALL = 0, OF_ALL_FOR_METRICS = 1, OF_V4 = 4, OF_V6 = 6 };

/* Kinds 4, of whom 1, and 4 octets of the address, or 16 and 4 of its scope. */
void
ask_put(struct buf *out, uint32_t serial, const struct ask *ask)
{
	uint8_t body[4 + 1 + 16 + 4] = { 0 };
	size_t len = 5;

	store_be32(body, ask->kinds);
	body[4] = ask->metrics ? OF_ALL_FOR_METRICS : OF_ALL;
	if (ask->only.family == ADDR_V4) {
		body[4] = OF_V4;
		store_be32(body + len, ask->only.v4);
		len += 4;
	} else if (ask->only.family == ADDR_V6) {
		body[4] = OF_V6;
		addr6_store(body + len, ask->only.v6);
		store_be32(body + len + 16, ask->only.scope);
		len += 20;
	}
	frame_put(out, FRAME_ASK, serial, (struct bytes){ body, len });
}

static struct addr
read_addr6(struct wire *w)
{
	const uint8_t *p = wire_take(w, 16);
	struct addr a = { .family = ADDR_NONE };

	if (p != NULL)
		a = addr_from_v6(addr6_load(p));
	a.scope = wire_u32(w);
	return a;
}

int
ask_read(struct bytes body, struct ask *ask)
{
	struct wire w;
	uint8_t of;

	wire_init(&w, body);
	*ask = (struct ask){ .kinds = wire_u32(&w) };
	of = wire_u8(&w);
	ask->metrics = of == OF_ALL_FOR_METRICS;
	if (of == OF_V4)
		ask->only = addr_from_v4(wire_u32(&w));
	else if (of == OF_V6)
		ask->only = read_addr6(&w);
	else if (of != OF_ALL && of != OF_ALL_FOR_METRICS)
		return FLOWD_EFORMAT;
	if (!wire_ok(&w) || wire_left(&w) > 0 ||
	    ask->kinds >= UINT32_C(1) << REPORT_KINDS)
		return FLOWD_EFORMAT;
	return 0;
}

void
flows_put(
    struct buf *out, const struct flows_head *head, struct bytes block)
{
	size_t begin = frame_open(out, FRAME_FLOWS, 0);
	uint8_t octets[FLOWS_HEAD];

	store_be32(octets, head->nrows);
	store_be64(octets + 4, head->dropped);
	buf_append(out, octets, sizeof(octets));
	buf_append(out, block.ptr, block.len);
	frame_close(out, begin);
}

int
flows_read(struct bytes body, struct flows_head *head, struct bytes *block)
{
	struct wire w;

	wire_init(&w, body);
	head->nrows = wire_u32(&w);
	head->dropped = wire_u64(&w);
	*block = wire_bytes(&w, wire_left(&w));
	return wire_ok(&w) ? 0 : FLOWD_EFORMAT;
}

void
end_put(struct buf *out, uint32_t serial, enum end_status status)
{
	uint8_t octet = (uint8_t)status;

	frame_put(out, FRAME_END, serial, (struct bytes){ &octet, 1 });
}

int
end_read(struct bytes body)
{
	return body.len == 1 && body.ptr[0] < END_STATUSES ? body.ptr[0]
							    : FLOWD_EFORMAT;
}
