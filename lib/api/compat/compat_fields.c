/* Members of flows as fields of records; see compat_fields.h. */
#include <string.h>

#include "compat_fields.h"

/* The members are where the first flowd had them. */
#define AT(member, offset) \
	_Static_assert( \
	    offsetof(struct store_flow_complete, member) == (offset), #member)
AT(tag, 8);
AT(recv_time, 12);
AT(pft, 20);
AT(agent_addr, 24);
AT(src_addr, 48);
AT(dst_addr, 72);
AT(gateway_addr, 96);
AT(ports, 120);
AT(packets, 124);
AT(octets, 132);
AT(ifndx, 140);
AT(ainfo, 148);
AT(ftimes, 164);
AT(asinf, 172);
AT(finf, 184);
AT(crc32, 196);
_Static_assert(sizeof(struct store_flow_complete) == 200, "as it was");
_Static_assert(sizeof(struct xaddr) == 24, "as it was");

#define FIELD(type, name, member, octets) \
	{ .bit = STORE_FIELD_##name, .offset = offsetof(type, member), \
		.size = (octets) }
#define ADDRESS(type, name, member) \
	{ .bit = STORE_FIELD_##name##4, .offset = offsetof(type, member), \
		.size = 4, .af = AF_INET }, \
	{ .bit = STORE_FIELD_##name##6, .offset = offsetof(type, member), \
		.size = 16, .af = AF_INET6 }

/* The sizes of those that differ between versions are given. */
#define LAYOUT(type, recv, ifndx_size, as, engine) { \
	FIELD(type, TAG, tag, 4), \
	FIELD(type, RECV_TIME, recv_time, recv), \
	FIELD(type, PROTO_FLAGS_TOS, pft, 4), \
	ADDRESS(type, AGENT_ADDR, agent_addr), \
	ADDRESS(type, SRC_ADDR, src_addr), \
	ADDRESS(type, DST_ADDR, dst_addr), \
	ADDRESS(type, GATEWAY_ADDR, gateway_addr), \
	FIELD(type, SRCDST_PORT, ports, 4), \
	FIELD(type, PACKETS, packets, 8), \
	FIELD(type, OCTETS, octets, 8), \
	FIELD(type, IF_INDICES, ifndx, ifndx_size), \
	FIELD(type, AGENT_INFO, ainfo, 16), \
	FIELD(type, FLOW_TIMES, ftimes, 8), \
	FIELD(type, AS_INFO, asinf, as), \
	FIELD(type, FLOW_ENGINE_INFO, finf, engine), \
}

const struct compat_layout compat_v3_layout = {
	.field = LAYOUT(struct store_flow_complete, 8, 8, 12, 12),
	.crc_offset = offsetof(struct store_flow_complete, crc32),
	.head = sizeof(struct store_flow),
};

const struct compat_layout compat_v2_layout = {
	.field = LAYOUT(struct store_v2_flow_complete, 4, 4, 8, 8),
	.crc_offset = offsetof(struct store_v2_flow_complete, crc32),
	.head = sizeof(struct store_v2_flow),
};

#define FOREACH(f, layout) \
	for (const struct compat_field *f = (layout)->field; \
	    f < (layout)->field + COMPAT_FIELDS; f++)

int
compat_fields_len(const struct compat_layout *layout, uint32_t fields)
{
	int len = fields & STORE_FIELD_CRC32 ? COMPAT_CRC : 0;

	if ((fields & ~STORE_FIELD_ALL) != 0)
		return -1;
	FOREACH(f, layout)
		if (fields & f->bit)
			len += f->size;
	return len;
}

static const struct xaddr *
address_at(const void *flow, const struct compat_field *f)
{
	return (const struct xaddr *)(const void *)(
	    (const uint8_t *)flow + f->offset);
}

bool
compat_fields_choose(const struct compat_layout *layout, const void *flow,
    uint32_t has, uint32_t wanted, uint32_t *fields)
{
	uint32_t chosen = has & wanted & STORE_FIELD_ALL;
	bool all = true;

	FOREACH(f, layout) {
		/* The bits of both families of an address are neighbours. */
		uint32_t both = f->af == AF_INET ? f->bit | f->bit << 1
						 : f->bit | f->bit >> 1;
		sa_family_t af;

		if (f->af == 0 || (has & both) == 0)
			continue;
		af = address_at(flow, f)->af;
		all &= af == AF_INET || af == AF_INET6 || !(wanted & both);
		chosen &= ~f->bit;
		if (af == f->af)
			chosen |= f->bit & wanted;
	}
	*fields = chosen;
	return all;
}

uint8_t *
compat_fields_put(const struct compat_layout *layout, const void *flow,
    uint32_t fields, uint8_t *p)
{
	FOREACH(f, layout) {
		if (!(fields & f->bit))
			continue;
		memcpy(p, f->af != 0 ? address_at(flow, f)->addr8
				     : (const uint8_t *)flow + f->offset,
		    f->size);
		p += f->size;
	}
	return p;
}

const uint8_t *
compat_fields_get(const struct compat_layout *layout, const uint8_t *p,
    uint32_t fields, void *flow)
{
	FOREACH(f, layout) {
		uint8_t *to = (uint8_t *)flow + f->offset;

		if (!(fields & f->bit))
			continue;
		if (f->af != 0) {
			struct xaddr a = { .af = f->af };

			memcpy(a.addr8, p, f->size);
			memcpy(to, &a, sizeof(a));
		} else {
			memcpy(to, p, f->size);
		}
		p += f->size;
	}
	return p;
}
