/* Reassembly; see reassembly.h. Test: test/unit/capture/test_reassembly.c. */
#include <stdlib.h>
#include <string.h>

#include "bitmap.h"
#include "list.h"
#include "reassembly.h"

enum {
	UNIT = 8,	/* octets; the unit of offsets */
	PACKET_MAX = 65535,
	UNITS = (PACKET_MAX + UNIT - 1) / UNIT
};

/* A packet of which some fragments are missing. */
struct partial {
	struct list link;
	struct addr src, dst;
	uint32_t id;
	uint8_t protocol;	/* by the fragment at offset 0 */
	bool refused;	/* discarded; kept to count more fragments */
	int64_t first_ns;
	uint64_t nfragments;	/* held and not yet counted */
	uint32_t have_len;	/* octets present */
	uint32_t end;	/* behind the last octet present */
	uint32_t total_len;	/* 0: the last fragment is missing */
	uint64_t have[(UNITS + 63) / 64];
	uint8_t data[PACKET_MAX];
};

struct reassembly {
	struct list partials;	/* youngest first */
	unsigned npartials;
	struct partial *done;	/* borrowed by the caller until the next call */
	struct capture_counters *counters;
};

struct reassembly *
reassembly_new(struct capture_counters *counters)
{
	struct reassembly *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	list_init(&r->partials);
	r->counters = counters;
	return r;
}

static void
partial_unlink(struct reassembly *r, struct partial *part)
{
	list_remove(&part->link);
	r->npartials--;
}

static void
partial_discard(struct reassembly *r, struct partial *part)
{
	r->counters->incomplete += part->nfragments;
	partial_unlink(r, part);
	free(part);
}

void
reassembly_finish(struct reassembly *r)
{
	struct list *link;

	while ((link = list_last(&r->partials)) != NULL)
		partial_discard(r, LIST_ENTRY(link, struct partial, link));
}

void
reassembly_free(struct reassembly *r)
{
	if (r == NULL)
		return;
	reassembly_finish(r);
	free(r->done);
	free(r);
}

/* Captures may be out of order: the distant past expires as well. */
static bool
partial_is_expired(const struct partial *part, int64_t time_ns)
{
	return time_ns - part->first_ns > REASSEMBLY_AGE_NS ||
	    part->first_ns - time_ns > REASSEMBLY_AGE_NS;
}

static void
partials_expire(struct reassembly *r, int64_t time_ns)
{
	struct list *link;

	while ((link = list_last(&r->partials)) != NULL) {
		struct partial *part = LIST_ENTRY(link, struct partial, link);

		if (r->npartials < REASSEMBLY_MAX &&
		    !partial_is_expired(part, time_ns))
			break;
		partial_discard(r, part);
	}
}

static struct partial *
partial_find(const struct reassembly *r, const struct ip_packet *p)
{
	struct list *link, *following;

	LIST_FOREACH(link, following, &r->partials) {
		struct partial *part = LIST_ENTRY(link, struct partial, link);

		if (part->id == p->id && addr_equal(&part->src, &p->src) &&
		    addr_equal(&part->dst, &p->dst))
			return part;
	}
	return NULL;
}

static struct partial *
partial_new(struct reassembly *r, const struct ip_packet *p, int64_t time_ns)
{
	struct partial *part = malloc(sizeof(*part));

	if (part == NULL)
		return NULL;
	memset(part, 0, offsetof(struct partial, data));
	part->src = p->src;
	part->dst = p->dst;
	part->id = p->id;
	part->first_ns = time_ns;
	list_insert_first(&r->partials, &part->link);
	r->npartials++;
	return part;
}

/* Whether the fragment is consistent with the known end of the packet. */
static bool
fragment_end_agrees(const struct partial *part, const struct ip_packet *p)
{
	uint32_t end = p->offset + (uint32_t)p->payload.len;

	if (part->total_len != 0 && end > part->total_len)
		return false;
	if (p->more)
		return true;
	return end >= part->end &&
	    (part->total_len == 0 || end == part->total_len);
}

/*
 * Copies a fragment to its place. Returns false if only a part of it is present
 * already, or it differs.
 */
static bool
partial_fill(struct partial *part, const struct ip_packet *p)
{
	size_t first = p->offset / UNIT, len = p->payload.len;
	size_t n = (len + UNIT - 1) / UNIT, taken = 0;

	for (size_t i = first; i < first + n; i++)
		taken += bitmap_test(part->have, i);
	if (taken != 0)
		return taken == n &&
		    memcmp(part->data + p->offset, p->payload.ptr, len) == 0;
	bitmap_set_range(part->have, first, n);
	memcpy(part->data + p->offset, p->payload.ptr, len);
	part->have_len += (uint32_t)len;
	if (p->offset + len > part->end)
		part->end = p->offset + (uint32_t)len;
	return true;
}

static bool
partial_take(struct partial *part, const struct ip_packet *p)
{
	if (part->refused || !fragment_end_agrees(part, p) ||
	    !partial_fill(part, p))
		return false;
	if (!p->more)
		part->total_len = part->end;
	if (p->offset == 0)
		part->protocol = p->protocol;
	return true;
}

static bool
partial_is_whole(const struct partial *part)
{
	return part->total_len != 0 && part->have_len == part->total_len;
}

/* Only the last fragment may have any length, and none is empty. */
static bool
fragment_is_valid(const struct ip_packet *p)
{
	return p->payload.len > 0 && p->offset + p->payload.len <= PACKET_MAX &&
	    (!p->more || p->payload.len % UNIT == 0);
}

/* Completes the packet. The caller counts the last fragment. */
static void
partial_complete(
    struct reassembly *r, struct partial *part, struct ip_packet *p)
{
	partial_unlink(r, part);
	r->counters->fragments += part->nfragments - 1;
	r->done = part;
	p->protocol = part->protocol;
	p->payload = (struct bytes) { part->data, part->total_len };
}

enum packet_fate
reassembly_add(struct reassembly *r, struct ip_packet *p, int64_t time_ns)
{
	struct partial *part;

	free(r->done);
	r->done = NULL;
	if (!fragment_is_valid(p))
		return PACKET_DAMAGED;
	part = partial_find(r, p);
	if (part != NULL && partial_is_expired(part, time_ns)) {
		partial_discard(r, part);
		part = NULL;
	}
	if (part == NULL) {
		partials_expire(r, time_ns);
		part = partial_new(r, p, time_ns);
	}
	if (part == NULL) {
		r->counters->incomplete++;
		return PACKET_HELD;
	}
	part->nfragments++;
	if (!partial_take(part, p)) {
		part->refused = true;
		r->counters->incomplete += part->nfragments;
		part->nfragments = 0;
		return PACKET_HELD;
	}
	if (!partial_is_whole(part))
		return PACKET_HELD;
	partial_complete(r, part, p);
	return PACKET_GOOD;
}
