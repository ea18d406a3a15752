/*
 * Flows for the tests of flow logs: one with a telling value in every member,
 * and any number of random ones.
 */
#ifndef FLOWD_SAMPLE_H
#define FLOWD_SAMPLE_H

#include "../random.h"
#include "classic.h"

#define ALL_ADDR6                                                      \
	(CLASSIC_AGENT_ADDR6 | CLASSIC_SRC_ADDR6 | CLASSIC_DST_ADDR6 | \
	    CLASSIC_GATEWAY_ADDR6)
#define ALL_ADDR4 (ALL_ADDR6 >> 1)

static inline struct addr
sample_addr6(uint8_t first)
{
	uint8_t octets[16];

	for (unsigned i = 0; i < 16; i++)
		octets[i] = (uint8_t)(first + i);
	return addr_from_v6(addr6_load(octets));
}

/* No octet of it is like its neighbour. */
static inline struct classic
sample_flow(void)
{
	return (struct classic){
		.fields = CLASSIC_ALL & ~ALL_ADDR4,
		.tag = 0x01020304,
		.recv_sec = 0x11121314,
		.recv_usec = 0x15161718,
		.tcp_flags = 0x21,
		.protocol = 0x22,
		.tos = 0x23,
		.agent = sample_addr6(0x41),
		.src = sample_addr6(0x61),
		.dst = sample_addr6(0x81),
		.gateway = sample_addr6(0xa1),
		.src_port = 0xb1b2,
		.dst_port = 0xb3b4,
		.packets = UINT64_C(0xc1c2c3c4c5c6c7c8),
		.octets = UINT64_C(0xd1d2d3d4d5d6d7d8),
		.if_in = 0xe1e2e3e4,
		.if_out = 0xe5e6e7e8,
		.sys_uptime_ms = 0xf1f2f3f4,
		.time_sec = 0xf5f6f7f8,
		.time_nanosec = 0xf9fafbfc,
		.netflow_version = 0xfdfe,
		.flow_start_ms = 0x01020304,
		.flow_finish_ms = 0x05060708,
		.src_as = 0x11121314,
		.dst_as = 0x15161718,
		.src_mask = 0x19,
		.dst_mask = 0x1a,
		.engine_type = 0x2122,
		.engine_id = 0x2324,
		.sequence = 0x25262728,
		.source_id = 0x292a2b2c,
	};
}

static inline struct addr
sample_random_addr(struct random *r, bool v6)
{
	struct addr6 a;

	if (!v6)
		return addr_from_v4(random_u32(r));
	a.hi = (uint64_t)random_u32(r) << 32;
	a.lo = random_u32(r);
	return addr_from_v6(a);
}

/* Some of the fields, each place with one family or the other. */
static inline uint32_t
sample_random_fields(struct random *r)
{
	uint32_t fields = random_u32(r) & CLASSIC_ALL;

	for (uint32_t bit = CLASSIC_AGENT_ADDR4; bit <= CLASSIC_GATEWAY_ADDR4;
	     bit <<= 2)
		if (random_u32(r) % 2 != 0)
			fields &= ~bit;
		else
			fields &= ~(bit << 1);
	return fields;
}

/* With these fields, and within what a batch can hold of them. */
static inline struct classic
sample_random_flow(struct random *r, uint32_t fields)
{
	struct classic c = sample_flow();

	c.fields = fields;
	c.tag = random_u32(r);
	c.recv_sec = random_u32(r);
	c.recv_usec = random_u32(r);
	c.protocol = (uint8_t)random_u32(r);
	c.agent = sample_random_addr(r, fields & CLASSIC_AGENT_ADDR6);
	c.src = sample_random_addr(r, fields & CLASSIC_SRC_ADDR6);
	c.dst = sample_random_addr(r, fields & CLASSIC_DST_ADDR6);
	c.gateway = sample_random_addr(r, fields & CLASSIC_GATEWAY_ADDR6);
	c.src_port = (uint16_t)random_u32(r);
	c.packets = random_u32(r);
	c.octets = (uint64_t)random_u32(r) << 32;
	c.if_out = random_u32(r);
	c.sys_uptime_ms = random_u32(r);
	c.time_sec = random_u32(r);
	c.time_nanosec = random_u32(r);
	c.netflow_version = (uint16_t)(random_u32(r) % 12);
	c.flow_start_ms = random_u32(r);
	c.src_as = random_u32(r);
	c.engine_id = (uint16_t)random_u32(r);
	c.sequence = random_u32(r);
	return c;
}

#endif
