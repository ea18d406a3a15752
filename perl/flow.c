/* Classic flows; see flow.h. */
#include <sys/socket.h>

#include "flow.h"
#include "number.h"

enum flow_kind {
	FLOW_FIELDS,	/* the mask of what is there */
	FLOW_VERSION,	/* of the record: 0x60 */
	FLOW_UINT,
	FLOW_ADDR,
	FLOW_FAMILY	/* of an address: AF_INET, AF_INET6 */
};

struct flow_key {
	const char *key;
	uint32_t field;	/* 0: is always there */
	uint8_t kind, size;
	uint16_t offset; /* in struct flowd_classic */
};

#define FIELD(name) ((uint32_t)FLOWD_FIELD_##name)
#define EITHER(role) (FIELD(role##_ADDR4) | FIELD(role##_ADDR6))
#define AT(member) \
	sizeof(((struct flowd_classic *)0)->member), \
	    offsetof(struct flowd_classic, member)
#define UINT(key, field, member) { key, FIELD(field), FLOW_UINT, AT(member) }
#define ADDR(key, role, member) \
	{ key, EITHER(role), FLOW_ADDR, AT(member) }, \
	{ key "_af", EITHER(role), FLOW_FAMILY, AT(member) }

static const struct flow_key flow_keys[] = {
	{ "fields", 0, FLOW_FIELDS, AT(fields) },
	{ "flow_ver", 0, FLOW_VERSION, 0, 0 },
	UINT("tag", TAG, tag),
	UINT("recv_sec", RECV_TIME, recv_sec),
	UINT("recv_usec", RECV_TIME, recv_usec),
	UINT("tcp_flags", PROTO_FLAGS_TOS, tcp_flags),
	UINT("protocol", PROTO_FLAGS_TOS, protocol),
	UINT("tos", PROTO_FLAGS_TOS, tos),
	ADDR("agent_addr", AGENT, agent_addr),
	ADDR("src_addr", SRC, src_addr),
	ADDR("dst_addr", DST, dst_addr),
	ADDR("gateway_addr", GATEWAY, gateway_addr),
	UINT("src_port", SRCDST_PORT, src_port),
	UINT("dst_port", SRCDST_PORT, dst_port),
	UINT("flow_packets", PACKETS, packets),
	UINT("flow_octets", OCTETS, octets),
	UINT("if_index_in", IF_INDICES, if_index_in),
	UINT("if_index_out", IF_INDICES, if_index_out),
	UINT("sys_uptime_ms", AGENT_INFO, sys_uptime_ms),
	UINT("time_sec", AGENT_INFO, time_sec),
	UINT("time_nanosec", AGENT_INFO, time_nanosec),
	UINT("netflow_version", AGENT_INFO, netflow_version),
	UINT("flow_start", FLOW_TIMES, flow_start),
	UINT("flow_finish", FLOW_TIMES, flow_finish),
	UINT("src_as", AS_INFO, src_as),
	UINT("dst_as", AS_INFO, dst_as),
	UINT("src_mask", AS_INFO, src_mask),
	UINT("dst_mask", AS_INFO, dst_mask),
	UINT("engine_type", FLOW_ENGINE_INFO, engine_type),
	UINT("engine_id", FLOW_ENGINE_INFO, engine_id),
	UINT("flow_sequence", FLOW_ENGINE_INFO, flow_sequence),
	UINT("source_id", FLOW_ENGINE_INFO, source_id),
	UINT("crc", CRC32, crc32),
};

enum { FLOW_KEYS = sizeof(flow_keys) / sizeof(flow_keys[0]) };

/* --- To a hash --- */

static void
flow_keyset(uint32_t fields, struct keyset *keys)
{
	Zero(keys, 1, struct keyset);
	for (unsigned i = 0; i < FLOW_KEYS; i++)
		if (flow_keys[i].field == 0 || flow_keys[i].field & fields)
			keyset_add(keys, i);
}

void
flow_maker_init(pTHX_ struct flow_maker *m)
{
	Zero(m, 1, struct flow_maker);
	shapes_init(&m->shapes);
	for (unsigned i = 0; i < FLOW_KEYS; i++)
		shapes_add(aTHX_ &m->shapes, flow_keys[i].key);
	flow_keyset(0, &m->keys);
}

void
flow_maker_fini(pTHX_ struct flow_maker *m)
{
	shapes_fini(aTHX_ &m->shapes);
	addr_texts_fini(aTHX_ &m->addrs);
}

static UV
uint_load(const void *p, size_t size)
{
	switch (size) {
	case 1:
		return *(const uint8_t *)p;
	case 2:
		return *(const uint16_t *)p;
	case 4:
		return *(const uint32_t *)p;
	default:
		return *(const uint64_t *)p;
	}
}

/* Almost all fit into an integer with a sign, which is the faster one. */
static SV *
uint_value(pTHX_ UV value)
{
	return value <= (UV)IV_MAX ? newSViv((IV)value) : newSVuv(value);
}

struct flow_values {
	struct flow_maker *maker;
	const struct flowd_classic *classic;
};

static SV *
flow_value(pTHX_ void *arg, unsigned i)
{
	struct flow_values *from = arg;
	const struct flow_key *key = &flow_keys[i];
	const void *at = (const char *)from->classic + key->offset;
	const struct flowd_addr *a = at;

	switch ((enum flow_kind)key->kind) {
	case FLOW_UINT:
	case FLOW_FIELDS:
		return uint_value(aTHX_ uint_load(at, key->size));
	case FLOW_VERSION:
		return newSViv(FLOWD_RECORD_VERSION);
	case FLOW_ADDR:
		return addr_text(aTHX_ &from->maker->addrs, a);
	case FLOW_FAMILY:
		return newSViv(
		    a->family == FLOWD_ADDR_V6 ? AF_INET6 : AF_INET);
	}
	return newSV(0);
}

SV *
flow_hash(pTHX_ struct flow_maker *m, const struct flowd_classic *c)
{
	struct flow_values from = { m, c };

	if (c->fields != m->fields) {
		m->fields = c->fields;
		flow_keyset(c->fields, &m->keys);
	}
	return shapes_make(aTHX_ &m->shapes, &m->keys, flow_value, &from);
}

/* --- And back --- */

static void
uint_store(void *p, UV value, size_t size)
{
	switch (size) {
	case 1:
		*(uint8_t *)p = (uint8_t)value;
		break;
	case 2:
		*(uint16_t *)p = (uint16_t)value;
		break;
	case 4:
		*(uint32_t *)p = (uint32_t)value;
		break;
	default:
		*(uint64_t *)p = value;
		break;
	}
}

static UV
uint_max(size_t size)
{
	return size < 8 ? ((UV)1 << 8 * size) - 1 : UV_MAX;
}

/* The field of an address is that of its family: the upper bit for IPv6. */
static uint32_t
addr_field(uint32_t either, const struct flowd_addr *a)
{
	uint32_t v4 = either & (0 - either);

	return a->family == FLOWD_ADDR_V4 ? v4
	    : a->family == FLOWD_ADDR_V6  ? v4 << 1
					  : 0;
}

static void
flow_take_key(pTHX_ const struct flow_key *key, SV *sv,
    struct flowd_classic *c)
{
	char *at = (char *)c + key->offset;

	if (key->kind == FLOW_ADDR) {
		addr_parse(aTHX_ sv, key->key, (void *)at);
		c->fields |= addr_field(key->field, (void *)at);
	} else if (key->kind == FLOW_UINT) {
		uint_store(at,
		    number_uint(aTHX_ sv, key->key, uint_max(key->size)),
		    key->size);
		c->fields |= key->field;
	}
}

void
flow_take(pTHX_ SV *hash, struct flowd_classic *c)
{
	SV **found;
	HV *hv;

	if (!SvROK(hash) || SvTYPE(SvRV(hash)) != SVt_PVHV)
		croak("a flow is a reference to a hash");
	hv = (HV *)SvRV(hash);
	Zero(c, 1, struct flowd_classic);
	for (unsigned i = 0; i < FLOW_KEYS; i++) {
		const struct flow_key *key = &flow_keys[i];

		found = hv_fetch(hv, key->key, (I32)strlen(key->key), 0);
		if (found == NULL)
			continue;
		SvGETMAGIC(*found);
		if (SvOK(*found))
			flow_take_key(aTHX_ key, *found, c);
	}
	found = hv_fetchs(hv, "fields", 0);
	if (found != NULL && SvOK(*found))
		c->fields &=
		    (uint32_t)number_uint(aTHX_ *found, "fields", U32_MAX);
}
