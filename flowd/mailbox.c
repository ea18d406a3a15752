/* The mailbox; see mailbox.h. Test: test/unit/flowd/test_mailbox.c. */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS, which POSIX has since 2024 */
#include <string.h>
#include <sys/mman.h>

#include "mailbox.h"
#include "v3.h"

enum { HEAD_OCTETS = 64 * 1024 /* a multiple of any page */ };

_Static_assert(sizeof(struct mailbox_shared) <= HEAD_OCTETS,
    "the head of a mailbox has its place");

#define GET(member) \
	atomic_load_explicit(&m->shared->member, memory_order_acquire)
#define SET(member, value) \
	atomic_store_explicit( \
	    &m->shared->member, (value), memory_order_release)
#define ADD(member, value) \
	atomic_fetch_add_explicit( \
	    &m->shared->member, (value), memory_order_acq_rel)

size_t
mailbox_size(void)
{
	return HEAD_OCTETS + (size_t)MAILBOX_OCTETS;
}

static bool
map_at(uint8_t *at, size_t len, int fd, off_t off)
{
	return mmap(at, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		   fd, off) != MAP_FAILED;
}

bool
mailbox_map(struct mailbox *m, int fd)
{
	size_t all = HEAD_OCTETS + 2 * (size_t)MAILBOX_OCTETS;
	uint8_t *p = mmap(NULL, all, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
	    -1, 0);

	*m = (struct mailbox){ .shared = NULL };
	if (p == MAP_FAILED)
		return false;
	if (!map_at(p, mailbox_size(), fd, 0) ||
	    !map_at(p + mailbox_size(), MAILBOX_OCTETS, fd, HEAD_OCTETS)) {
		(void)munmap(p, all);
		return false;
	}
	m->memory = p;
	m->shared = (struct mailbox_shared *)(void *)p;
	m->ring = p + HEAD_OCTETS;
	return true;
}

void
mailbox_unmap(struct mailbox *m)
{
	if (m->memory != NULL)
		(void)munmap(
		    m->memory, HEAD_OCTETS + 2 * (size_t)MAILBOX_OCTETS);
	*m = (struct mailbox){ .shared = NULL };
}

size_t
mailbox_whole(struct bytes b, uint64_t *n)
{
	size_t off = 0, len;

	while (b.len - off >= V3_HEAD) {
		len = V3_HEAD + 4 * (size_t)b.ptr[off + 1];
		if (len > b.len - off)
			break;
		off += len;
		++*n;
	}
	return off;
}

static uint8_t *
ring_at(const struct mailbox *m, uint64_t position)
{
	return m->ring + (position - GET(base)) % MAILBOX_OCTETS;
}

bool
mailbox_put(struct mailbox *m, struct bytes records)
{
	uint64_t put = GET(put), taken = GET(taken), n = 0, rest = 0;
	size_t room, len = records.len;

	/* Empty: begin where memory has been touched already. */
	if (put == taken)
		SET(base, put);
	room = (size_t)(MAILBOX_OCTETS - (put - taken));
	if (len > room)
		len = room;
	len = mailbox_whole((struct bytes){ records.ptr, len }, &n);
	(void)mailbox_whole(
	    (struct bytes){ records.ptr + len, records.len - len }, &rest);
	memcpy(ring_at(m, put), records.ptr, len);
	(void)ADD(put_records, n);
	(void)ADD(refused_records, rest);
	SET(put, put + len);
	atomic_thread_fence(memory_order_seq_cst);
	return len > 0 && atomic_exchange(&m->shared->asleep, 0) != 0;
}

struct bytes
mailbox_peek(const struct mailbox *m)
{
	uint64_t put = GET(put), taken = GET(taken), n = 0;
	struct bytes b = { ring_at(m, taken), (size_t)(put - taken) };

	if (b.len > MAILBOX_PIECE)
		b.len = mailbox_whole(
		    (struct bytes){ b.ptr, MAILBOX_PIECE }, &n);
	return b;
}

void
mailbox_intend(struct mailbox *m, size_t len, uint64_t device, uint64_t inode,
    uint64_t size)
{
	SET(intent.start, UINT64_MAX);
	SET(intent.len, len);
	SET(intent.device, device);
	SET(intent.inode, inode);
	SET(intent.size, size);
	SET(intent.start, GET(taken));
}

void
mailbox_take(struct mailbox *m, size_t len, uint64_t nrecords)
{
	(void)ADD(written_records, nrecords);
	SET(taken, GET(taken) + len);
}

size_t
mailbox_recover(const struct mailbox *m, uint64_t device, uint64_t inode,
    uint64_t size)
{
	uint64_t more = size - GET(intent.size);

	if (GET(intent.start) != GET(taken) ||
	    GET(intent.device) != device || GET(intent.inode) != inode ||
	    size < GET(intent.size) || more > GET(intent.len) ||
	    more > GET(put) - GET(taken))
		return 0;
	return (size_t)more;
}

/* The engine looks at asleep after it has put, the keeper at put after. */
bool
mailbox_sleep(struct mailbox *m)
{
	atomic_store(&m->shared->asleep, 1);
	atomic_thread_fence(memory_order_seq_cst);
	return GET(put) == GET(taken);
}

void
mailbox_awake(struct mailbox *m)
{
	atomic_store(&m->shared->asleep, 0);
}

uint64_t
mailbox_bury(struct mailbox *m)
{
	uint64_t received = GET(received) + m->shared->live.datagrams -
	    GET(live_from) + recv_call_taken(&m->shared->call);
	uint64_t lost = received - GET(finished);

	m->shared->live = (struct recv_counters){ 0, 0, 0, 0 };
	memset(&m->shared->call, 0, sizeof(m->shared->call));
	SET(live_from, 0);
	SET(received, received);
	SET(finished, received);
	return lost;
}

uint64_t
mailbox_waiting(const struct mailbox *m)
{
	uint64_t gone = GET(written_records) + GET(lost_records);
	uint64_t put = GET(put_records);

	return put > gone ? put - gone : 0;
}
