/* Datagrams that wait to be decoded; see recv.h. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "recv.h"

enum { HEADROOM = INBOX_BATCH * INBOX_DATAGRAM };

bool
inbox_init(struct inbox *in)
{
	*in = (struct inbox){
		.octets = malloc(INBOX_OCTETS + HEADROOM),
		.list = calloc(INBOX_MAX, sizeof(*in->list)),
	};
	if (in->octets != NULL && in->list != NULL)
		return true;
	inbox_fini(in);
	return false;
}

void
inbox_fini(struct inbox *in)
{
	free(in->octets);
	free(in->list);
	*in = (struct inbox){ .octets = NULL };
}

void
inbox_reset(struct inbox *in)
{
	in->n = 0;
	in->used = 0;
}

bool
inbox_full(const struct inbox *in)
{
	return in->n + INBOX_BATCH > INBOX_MAX || in->used > INBOX_OCTETS;
}

uint8_t *
inbox_slot(const struct inbox *in, size_t base, size_t i)
{
	return in->octets + base + i * INBOX_DATAGRAM;
}

void
inbox_add(struct inbox *in, const uint8_t *slot, size_t len,
    const struct sockaddr *from, int64_t recv_ns)
{
	struct datagram *d = &in->list[in->n++];
	uint8_t *to = in->octets + in->used;

	if (to != slot)
		memmove(to, slot, len);
	in->used += len;
	d->payload = (struct bytes){ to, len };
	d->src = addr_from_sockaddr(from, &d->port);
	d->recv_ns = recv_ns;
}

int64_t
recv_clock(void)
{
	struct timespec now;

	if (clock_gettime(CLOCK_REALTIME, &now) != 0)
		return 0;
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
