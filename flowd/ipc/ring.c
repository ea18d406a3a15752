/* The ring buffer; see ring.h. Test: test/unit/flowd/ipc/test_ring.c. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, which POSIX has since 2024 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "memory.h"
#include "ring.h"

enum { HEAD_OCTETS = 64 * 1024 /* a multiple of any page */ };

_Static_assert(sizeof(struct ring_shared) <= HEAD_OCTETS,
    "the head of a ring has its place");

#define GET(member) \
	atomic_load_explicit(&m->shared->member, memory_order_acquire)
#define SET(member, value) \
	atomic_store_explicit( \
	    &m->shared->member, (value), memory_order_release)
#define ADD(member, value) \
	atomic_fetch_add_explicit( \
	    &m->shared->member, (value), memory_order_acq_rel)

size_t
ring_size(size_t octets)
{
	return HEAD_OCTETS + (octets + HEAD_OCTETS - 1) / HEAD_OCTETS *
	    HEAD_OCTETS;
}

static bool
ring_map_at(uint8_t *at, size_t len, int fd, off_t off)
{
	return mmap(at, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		   fd, off) != MAP_FAILED;
}

/* Size of the ring in a descriptor; 0 and errno when invalid. */
static size_t
ring_octets(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return 0;
	if (st.st_size > HEAD_OCTETS && st.st_size % HEAD_OCTETS == 0 &&
	    (uint64_t)st.st_size < SIZE_MAX / 2)
		return (size_t)st.st_size - HEAD_OCTETS;
	errno = EINVAL;
	return 0;
}

bool
ring_map(struct ring *m, enum unit_kind kind, int fd)
{
	size_t octets = ring_octets(fd), all = HEAD_OCTETS + 2 * octets;
	uint8_t *p;

	*m = (struct ring){ .shared = NULL };
	if (octets == 0)
		return false;
	p = mmap(NULL, all, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return false;
	if (!ring_map_at(p, HEAD_OCTETS + octets, fd, 0) ||
	    !ring_map_at(p + HEAD_OCTETS + octets, octets, fd, HEAD_OCTETS)) {
		(void)munmap(p, all);
		return false;
	}
	m->memory = p;
	m->kind = kind;
	m->octets = octets;
	m->shared = (struct ring_shared *)(void *)p;
	m->ring = p + HEAD_OCTETS;
	return true;
}

void
ring_unmap(struct ring *m)
{
	if (m->memory != NULL)
		(void)munmap(m->memory, HEAD_OCTETS + 2 * m->octets);
	*m = (struct ring){ .shared = NULL };
}

/* The writer trusts only its own copy of taken, in the write intent. */
static uint64_t
ring_taken(const struct ring *m)
{
	return m->intent != NULL ? atomic_load(&m->intent->taken) : GET(taken);
}

/*
 * The write intent comes first: if the writer dies in between, the octets count
 * as taken.
 */
static void
ring_set_taken(struct ring *m, uint64_t position)
{
	atomic_store(&m->intent->taken, position);
	SET(taken, position);
}

void
ring_begin_writer(struct ring *m, struct write_intent *intent)
{
	m->intent = intent;
	ring_set_taken(m, ring_taken(m));
}

/*
 * Octets between taken and put, at most all of the ring: the engine's position
 * is untrusted.
 */
static size_t
ring_filled(const struct ring *m)
{
	uint64_t n = GET(done.put) - ring_taken(m);

	return n < m->octets ? (size_t)n : m->octets;
}

static uint8_t *
ring_at(const struct ring *m, uint64_t position)
{
	return m->ring + (position - GET(base)) % m->octets;
}

static void
copy_progress(struct ring_progress *to, const struct ring_progress *from)
{
	atomic_store(&to->flows, atomic_load(&from->flows));
	atomic_store(&to->refused, atomic_load(&from->refused));
	atomic_store(&to->through, atomic_load(&from->through));
}

/* Store the next state first; setting done.put commits it. */
static void
ring_commit(struct ring *m, uint64_t put, uint64_t flows, uint64_t refused,
    uint64_t through)
{
	struct ring_progress *next = &m->shared->next;

	atomic_store(&next->put, UINT64_MAX);
	atomic_store(&next->flows, GET(done.flows) + flows);
	atomic_store(&next->refused, GET(done.refused) + refused);
	atomic_store(&next->through, through);
	atomic_store(&next->put, put);
	SET(done.put, put);
	copy_progress(&m->shared->done, next);
}

/* The ring is empty: return memory beyond RING_KEPT to the system. */
static void
ring_rewind(struct ring *m, uint64_t put)
{
	if (m->touched > RING_KEPT)
		memory_release(m->ring + RING_KEPT,
		    m->octets - RING_KEPT);
	m->touched = 0;
	/* Continue in memory that is already allocated. */
	SET(base, put);
}

/* Append octets; the caller has checked that they fit. */
static void
ring_append(struct ring *m, uint64_t put, struct bytes units)
{
	uint64_t end = put - GET(base) + units.len;

	if (units.len > 0)
		memcpy(ring_at(m, put), units.ptr, units.len);
	if (end > m->touched)
		m->touched = end < m->octets ? (size_t)end : m->octets;
}

bool
ring_put(struct ring *m, struct bytes units, uint64_t flows,
    uint64_t through)
{
	uint64_t put = GET(done.put), fit = flows;
	size_t room, len = units.len;

	if (put == ring_taken(m))
		ring_rewind(m, put);
	room = m->octets - ring_filled(m);
	if (len > room) {
		fit = 0;
		len = unit_whole(
		    m->kind, (struct bytes){ units.ptr, room }, &fit);
	}
	ring_append(m, put, (struct bytes){ units.ptr, len });
	ring_commit(m, put + len, fit, flows - fit, through);
	atomic_thread_fence(memory_order_seq_cst);
	return len > 0 && atomic_exchange(&m->shared->asleep, 0) != 0;
}

/*
 * The number of flows put before this position, or UNIT_UNKNOWN unless it is
 * the last one. The value is stable while next.put does not change.
 */
static uint64_t
ring_flows_before(const struct ring *m, uint64_t position)
{
	uint64_t flows = UNIT_UNKNOWN;

	if (GET(next.put) == position)
		flows = GET(next.flows);
	return GET(next.put) == position ? flows : UNIT_UNKNOWN;
}

/* A unit longer than RING_PIECE is returned as a whole. */
struct bytes
ring_peek(const struct ring *m, uint64_t *flows)
{
	uint64_t start = ring_taken(m);
	struct bytes all = { ring_at(m, start), ring_filled(m) };
	struct bytes piece = { all.ptr, RING_PIECE };

	if (all.len <= RING_PIECE) {
		*flows = ring_flows_before(m, start + all.len);
		if (*flows != UNIT_UNKNOWN)
			*flows -= GET(written) + GET(lost);
		return all;
	}
	*flows = 0;
	piece.len = unit_whole(m->kind, piece, flows);
	if (piece.len > 0)
		return piece;
	*flows = UNIT_UNKNOWN;
	return all;
}

void
ring_take(struct ring *m, size_t len, uint64_t flows)
{
	(void)ADD(written, flows);
	ring_set_taken(m, ring_taken(m) + len);
}

uint64_t
ring_discard(struct ring *m)
{
	uint64_t flows = ring_waiting(m);

	(void)ADD(lost, flows);
	/* The write intent may name an append at the position of put. */
	write_intent_clear(m->intent);
	ring_set_taken(m, GET(done.put));
	return flows;
}

/*
 * The engine checks asleep after it sets put; the writer checks put after it
 * sets asleep.
 */
bool
ring_sleep(struct ring *m)
{
	atomic_store(&m->shared->asleep, 1);
	atomic_thread_fence(memory_order_seq_cst);
	return GET(done.put) == ring_taken(m);
}

void
ring_awake(struct ring *m)
{
	atomic_store(&m->shared->asleep, 0);
}

bool
ring_begin_engine(struct ring *m, uint64_t received)
{
	struct ring_shared *s = m->shared;
	bool was_one = atomic_exchange(&s->begun, 1) != 0;

	/* The last engine died while it committed: finish that. */
	if (was_one && GET(next.put) == GET(done.put))
		copy_progress(&s->done, &s->next);
	if (was_one)
		(void)ADD(buried, received - GET(done.through));
	SET(done.through, received);
	SET(next.put, UINT64_MAX);
	return was_one;
}

uint64_t
ring_waiting(const struct ring *m)
{
	uint64_t gone = GET(written) + GET(lost);
	uint64_t put = GET(done.flows);

	return put > gone ? put - gone : 0;
}

void
ring_count(const struct ring *m, struct ring_counts *counts)
{
	counts->written += GET(written);
	counts->waiting += ring_waiting(m);
	counts->lost += GET(lost) + GET(done.refused);
	counts->buried += GET(buried);
}
