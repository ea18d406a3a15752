/* Records of versions 3 and 2; see record.h. */
#include "record.h"

enum {
	RUN = 64 /* records decoded at a time */
};

/*
 * The most common fields: those of IPv4 flows of version 5 without a tag. The
 * compiler specializes the code for them.
 */
#define USUAL \
	((uint32_t)(CLASSIC_ALL & \
	    ~(CLASSIC_TAG | CLASSIC_AGENT_ADDR6 | CLASSIC_SRC_ADDR6 | \
		CLASSIC_DST_ADDR6 | CLASSIC_GATEWAY_ADDR6)))

/* Makes a sum, 0 + 4 + 4, which is valid without members, too. */
#define M(member, v3, v2) +(v3)
#define PAD(v3, v2) +(v3)
#define V4(member) +4
#define V6(member) +16
#define FIELD(name, members) \
	len += fields & CLASSIC_##name ? (size_t)(0 members) : 0;

static inline size_t
sum_v3(uint32_t fields)
{
	size_t len = 0;

#include "record.def"
	return len;
}

size_t
record_len_v3(uint32_t fields)
{
	return fields == USUAL ? sum_v3(USUAL) : sum_v3(fields);
}

#define M(member, v3, v2) +(v2)
#define PAD(v3, v2) +(v2)
#define V4(member) +4
#define V6(member) +16
#define FIELD(name, members) \
	len += fields & CLASSIC_##name ? (size_t)(0 members) : 0;

size_t
record_len_v2(uint32_t fields)
{
	size_t len = 0;

#include "record.def"
	return len;
}

/* The integer of this many octets at p. The compiler knows len. */
static inline uint64_t
field_load(const uint8_t *p, size_t len)
{
	switch (len) {
	case 2:
		return load_be16(p);
	case 4:
		return load_be32(p);
	case 8:
		return load_be64(p);
	default:
		return load_be(p, len);
	}
}

/* Sets members one by one: copying the whole struct would dominate the cost. */
static inline const uint8_t *
get_v4(const uint8_t *p, struct addr *a)
{
	a->family = ADDR_V4;
	a->scope = 0;
	a->v4 = load_be32(p);
	return p + 4;
}

static inline const uint8_t *
get_v6(const uint8_t *p, struct addr *a)
{
	a->family = ADDR_V6;
	a->scope = 0;
	a->v6.hi = load_be64(p);
	a->v6.lo = load_be64(p + 8);
	return p + 16;
}

static void
forget_addrs(struct classic *c)
{
	c->agent.family = c->src.family = ADDR_NONE;
	c->dst.family = c->gateway.family = ADDR_NONE;
}

#define M(member, v3, v2) (c->member = field_load(p, v3), p += (v3));
#define PAD(v3, v2) p += (v3);
#define V4(member) p = get_v4(p, &c->member);
#define V6(member) p = get_v6(p, &c->member);
#define FIELD(name, members)           \
	if (fields & CLASSIC_##name) { \
		members                \
	}

static inline const uint8_t *
get_v3(const uint8_t *p, uint32_t fields, struct classic *c)
{
	c->fields = fields;
	forget_addrs(c);
#include "record.def"
	return p;
}

const uint8_t *
record_get_v3(const uint8_t *p, uint32_t fields, struct classic *c)
{
	return fields == USUAL ? get_v3(p, USUAL, c) : get_v3(p, fields, c);
}

#define M(member, v3, v2) (c->member = field_load(p, v2), p += (v2));
#define PAD(v3, v2) p += (v2);
#define V4(member) p = get_v4(p, &c->member);
#define V6(member) p = get_v6(p, &c->member);
#define FIELD(name, members)           \
	if (fields & CLASSIC_##name) { \
		members                \
	}

const uint8_t *
record_get_v2(const uint8_t *p, uint32_t fields, struct classic *c)
{
	c->fields = fields;
	forget_addrs(c);
#include "record.def"
	return p;
}

#define M(member, v3, v2) p = record_store(p, c->member, v3);
#define PAD(v3, v2)   \
	if ((v3) > 0) \
		p = record_store(p, 0, v3);
#define V4(member) p = record_store(p, c->member.v4, 4);
#define V6(member) (addr6_store(p, c->member.v6), p += 16);
#define FIELD(name, members)           \
	if (fields & CLASSIC_##name) { \
		members                \
	}

uint8_t *
record_put_v3(uint8_t *p, uint32_t fields, const struct classic *c)
{
#include "record.def"
	return p;
}

int
record_check_families(uint32_t fields, struct flowd_error *err)
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
	const uint32_t v4 = CLASSIC_AGENT_ADDR4 | CLASSIC_SRC_ADDR4 |
	    CLASSIC_DST_ADDR4 | CLASSIC_GATEWAY_ADDR4;

	/* The bit for IPv6 follows that for IPv4; hardly ever both are set. */
	if ((fields & fields >> 1 & v4) == 0)
		return 0;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if ((fields & places[i].both) == places[i].both)
			return flowd_fail(err, FLOWD_EFORMAT,
			    "flow has both an IPv4 and an IPv6 %s address",
			    places[i].word);
	return 0;
}

/*
 * Decodes up to max records into rows. Returns how many; if fewer, bad is the
 * result of decode for the next one.
 */
static size_t
read_run(record_decode *decode, struct bytes *in, struct classic *rows,
    size_t max, int *bad, struct flowd_error *err)
{
	size_t n;

	for (n = 0; n < max; n++) {
		int len = decode(*in, &rows[n], err);

		if (len < 0) {
			*bad = len;
			break;
		}
		in->ptr += len;
		in->len -= (size_t)len;
	}
	return n;
}

/* Decodes runs of rows through the classic view, which stays in the cache. */
int
record_read(record_decode *decode, struct bytes in, struct batch *batch,
    size_t *used, struct flowd_error *err)
{
	struct classic rows[RUN];
	const uint8_t *start = in.ptr;
	size_t room, total = 0;
	int bad = 0;

	batch->from_log = true;
	while (bad == 0 && (room = batch_room(batch)) > 0) {
		size_t n = read_run(
		    decode, &in, rows, room < RUN ? room : RUN, &bad, err);

		classic_append_rows(batch, rows, n);
		total += n;
	}
	*used = (size_t)(in.ptr - start);
	return total > 0 ? (int)total : bad;
}
