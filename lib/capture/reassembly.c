/* Fragments; see reassembly.h. */
#include <stdlib.h>
#include <string.h>

#include "reassembly.h"

enum {
	SLOTS = 64,		/* datagrams in work */
	DATAGRAM_MAX = 65535,
	UNITS = 65536 / 8	/* fragments begin at multiples of 8 octets */
};

/* RFC 8200, 4.5: what is not whole after a minute never will be. */
static const int64_t patience_ns = INT64_C(60) * 1000000000;

/* A datagram in work. */
struct slot {
	bool used;
	bool spoiled;
	struct addr src, dst;
	uint32_t id;
	int64_t begun_ns;
	uint32_t total;		/* octets; 0 while the last is not here */
	uint32_t units;		/* pieces of 8 octets that are here */
	uint64_t here[UNITS / 64];
	uint8_t data[DATAGRAM_MAX + 8];
};

struct reassembly {
	struct slot slot[SLOTS];
	uint64_t lost;
};

struct reassembly *
reassembly_new(void)
{
	return calloc(1, sizeof(struct reassembly));
}

void
reassembly_free(struct reassembly *all)
{
	free(all);
}

static void
slot_begin(struct slot *s, const struct ip_packet *ip, int64_t time_ns)
{
	s->used = true;
	s->spoiled = false;
	s->src = ip->src;
	s->dst = ip->dst;
	s->id = ip->id;
	s->begun_ns = time_ns;
	s->total = 0;
	s->units = 0;
	memset(s->here, 0, sizeof(s->here));
}

static bool
slot_is(const struct slot *s, const struct ip_packet *ip)
{
	return s->used && s->id == ip->id && addr_equal(&s->src, &ip->src) &&
	    addr_equal(&s->dst, &ip->dst);
}

/* The slot of this datagram: its own, a free one, or the oldest. */
static struct slot *
slot_find(struct reassembly *all, const struct ip_packet *ip, int64_t time_ns)
{
	struct slot *oldest = &all->slot[0];

	for (int i = 0; i < SLOTS; i++) {
		struct slot *s = &all->slot[i];

		if (s->used && time_ns - s->begun_ns > patience_ns) {
			s->used = false;
			all->lost++;
		}
		if (slot_is(s, ip))
			return s;
	}
	for (int i = 0; i < SLOTS; i++) {
		struct slot *s = &all->slot[i];

		if (!s->used) {
			slot_begin(s, ip, time_ns);
			return s;
		}
		if (s->begun_ns < oldest->begun_ns)
			oldest = s;
	}
	all->lost++;
	slot_begin(oldest, ip, time_ns);
	return oldest;
}

/* Only the last fragment may end off a multiple of 8, and all end in time. */
static bool
fragment_fits(const struct ip_packet *ip)
{
	size_t end = ip->offset + ip->payload.len;

	return ip->payload.len > 0 && end <= DATAGRAM_MAX &&
	    (!ip->more || ip->payload.len % 8 == 0);
}

/* How many of the fragment's units are here already. */
static size_t
units_here(const struct slot *s, size_t first, size_t n)
{
	size_t count = 0;

	for (size_t i = first; i < first + n; i++)
		count += s->here[i / 64] >> (i % 64) & 1;
	return count;
}

/* Does the fragment say another end than what is here already? */
static bool
end_disagrees(const struct slot *s, const struct ip_packet *ip, uint32_t end)
{
	size_t behind = (end + 7) / 8;

	if (s->total != 0)
		return end > s->total || !ip->more;
	return !ip->more && units_here(s, behind, UNITS - behind) > 0;
}

/* Put a fragment in its place; what does not fit in spoils the datagram. */
static void
slot_add(struct slot *s, const struct ip_packet *ip)
{
	size_t first = ip->offset / 8, len = ip->payload.len;
	size_t n = (len + 7) / 8, old = units_here(s, first, n);
	uint32_t end = (uint32_t)(ip->offset + len);

	if (old == n && memcmp(s->data + ip->offset, ip->payload.ptr, len) == 0)
		return;
	if (old > 0 || end_disagrees(s, ip, end)) {
		s->spoiled = true;
		return;
	}
	if (!ip->more)
		s->total = end;
	memcpy(s->data + ip->offset, ip->payload.ptr, len);
	for (size_t i = first; i < first + n; i++)
		s->here[i / 64] |= UINT64_C(1) << (i % 64);
	s->units += (uint32_t)n;
}

enum ip_result
reassembly_add(struct reassembly *all, struct ip_packet *ip, int64_t time_ns)
{
	struct slot *s;

	if (!fragment_fits(ip))
		return IP_TRUNCATED;
	s = slot_find(all, ip, time_ns);
	if (!s->spoiled)
		slot_add(s, ip);
	if (s->spoiled || s->total == 0 || s->units != (s->total + 7) / 8)
		return IP_FRAGMENT;
	s->used = false;
	ip->payload = (struct bytes) { s->data, s->total };
	ip->offset = 0;
	ip->more = false;
	return IP_DATAGRAM;
}

uint64_t
reassembly_lost(const struct reassembly *all)
{
	uint64_t lost = all->lost;

	for (int i = 0; i < SLOTS; i++)
		lost += all->slot[i].used;
	return lost;
}
