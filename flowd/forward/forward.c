/* Forwarding; see forward.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "forward.h"
#include "rawsock.h"
#include "sendmany.h"
#include "spoof.h"

enum {
	/* MTUs that every path supports, for when the system reports none. */
	MTU_V4 = 576,
	MTU_V6 = 1280
};

/* Datagrams of one call, and their IP headers. */
struct batch_out {
	struct sendmany_datagram out[FORWARD_BATCH];
	uint8_t head[FORWARD_BATCH][SPOOF_HEAD_MAX];
	const struct datagram *d[FORWARD_BATCH];
	size_t n;
};

enum outcome {
	OUTCOME_SENT,
	OUTCOME_FAILED,
	OUTCOME_DROPPED,
	OUTCOME_AGAIN, /* the error belongs to an earlier datagram */
	OUTCOME_TOO_LONG
};

static void
forward_warn(struct forward *f, const char *why)
{
	char text[ENDPOINT_TEXT_MAX];

	if (log_due(&f->limit))
		log_warn("cannot forward to %s: %s",
		    collector_format(&f->to, text), why);
}

/* Map errno to the outcome of a datagram. */
static enum outcome
outcome_of(int error)
{
	switch (error) {
	case EAGAIN:
#if EWOULDBLOCK != EAGAIN
	case EWOULDBLOCK:
#endif
	case ENOBUFS:
	case ENOMEM:
		return OUTCOME_DROPPED;
	case EINTR:
		return OUTCOME_AGAIN;
	case EMSGSIZE:
		return OUTCOME_TOO_LONG;
	default:
		return OUTCOME_FAILED;
	}
}

/* Send one datagram. An ICMP error for an earlier one is not its failure. */
static enum outcome
send_one(struct forward *f, struct sendmany_datagram *out)
{
	enum outcome result;

	for (int attempt = 0;; attempt++) {
		if (sendmany(f->fd, out, 1) == 1)
			return OUTCOME_SENT;
		result = outcome_of(errno);
		if (result == OUTCOME_AGAIN && attempt < 8)
			continue;
		if (errno == ECONNREFUSED && attempt == 0) {
			forward_warn(f, strerror(errno));
			continue;
		}
		if (result == OUTCOME_FAILED)
			forward_warn(f, strerror(errno));
		return result;
	}
}

static void
forward_count(struct forward *f, enum outcome result)
{
	switch (result) {
	case OUTCOME_SENT:
		f->counters.sent++;
		break;
	case OUTCOME_DROPPED:
		f->counters.dropped++;
		break;
	default:
		f->counters.failed++;
		break;
	}
}

/* Query the path MTU, or use the minimum. */
static void
forward_query_mtu(struct forward *f)
{
	f->mtu = rawsock_mtu(f->fd, f->to.addr.family);
	if (f->mtu == 0)
		f->mtu = f->to.addr.family == ADDR_V6 ? MTU_V6 : MTU_V4;
}

static bool
forward_connect(struct forward *f)
{
	f->connected = collector_connect(&f->to, f->fd) == 0;
	if (!f->connected)
		forward_warn(f, strerror(errno));
	else if (f->to.spoof)
		forward_query_mtu(f);
	return f->connected;
}

static struct spoof_datagram
spoof_of(struct forward *f, const struct datagram *d)
{
	return (struct spoof_datagram){
		.src = &d->src,
		.dst = &f->to.addr,
		.src_port = d->port,
		.dst_port = f->to.port,
		.payload = d->payload,
		.ident = ++f->ident,
	};
}

static struct iovec
iov_of(const uint8_t *p, size_t len)
{
	/* iovec is not const; the data is only read. */
	return (struct iovec){ (void *)(uintptr_t)p, len };
}

/* Send a datagram in fragments; the first failure ends it. */
static enum outcome
send_fragments(struct forward *f, const struct datagram *d)
{
	struct spoof_datagram s = spoof_of(f, d);
	uint8_t head[SPOOF_HEAD_MAX];
	struct sendmany_datagram out;
	struct bytes part;
	enum outcome result;
	size_t at = 0, len;

	while (at < SPOOF_UDP_HEAD + d->payload.len) {
		len = spoof_packet(&s, f->mtu, &at, head, &part);
		out.iov[0] = iov_of(head, len);
		out.iov[1] = iov_of(part.ptr, part.len);
		result = send_one(f, &out);
		if (result != OUTCOME_SENT)
			return result;
	}
	return OUTCOME_SENT;
}

/*
 * Send a datagram that exceeds the MTU. The path MTU may have decreased since
 * it was queried: if so, query it again.
 */
static enum outcome
send_long(struct forward *f, const struct datagram *d)
{
	enum outcome result = OUTCOME_TOO_LONG;

	if (f->to.spoof)
		result = send_fragments(f, d);
	if (f->to.spoof && result == OUTCOME_TOO_LONG && forward_connect(f))
		result = send_fragments(f, d);
	if (result == OUTCOME_TOO_LONG)
		forward_warn(f, strerror(EMSGSIZE));
	return result;
}

static void
send_batch(struct forward *f, struct batch_out *b)
{
	enum outcome result = OUTCOME_SENT;
	size_t i;
	int sent;

	for (i = 0; i < b->n; i += (size_t)sent) {
		sent = sendmany(f->fd, &b->out[i], b->n - i);
		if (sent > 0) {
			f->counters.sent += (uint64_t)sent;
			continue;
		}
		/* An ICMP error for an earlier datagram: log it. */
		if (errno == ECONNREFUSED)
			forward_warn(f, strerror(errno));
		sent = 1;
		result = send_one(f, &b->out[i]);
		if (result == OUTCOME_TOO_LONG)
			result = send_long(f, b->d[i]);
		if (result == OUTCOME_DROPPED)
			break;
		forward_count(f, result);
	}
	/* The send buffer is full: drop the rest, too. */
	if (result == OUTCOME_DROPPED)
		f->counters.dropped += b->n - i;
	b->n = 0;
}

static void
add_plain(struct batch_out *b, const struct datagram *d)
{
	b->out[b->n].iov[0] = iov_of(d->payload.ptr, d->payload.len);
	b->out[b->n].iov[1] = iov_of(NULL, 0);
	b->d[b->n++] = d;
}

/*
 * A source address can be kept in its own family only, and not when it is
 * link-local.
 */
static bool
can_spoof(const struct forward *f, const struct datagram *d)
{
	return d->src.family == f->to.addr.family && d->src.scope == 0;
}

static void
add_spoofed(struct forward *f, struct batch_out *b, const struct datagram *d)
{
	struct spoof_datagram s = spoof_of(f, d);
	struct bytes part;
	size_t at = 0, len;

	len = spoof_packet(&s, SIZE_MAX, &at, b->head[b->n], &part);
	b->out[b->n].iov[0] = iov_of(b->head[b->n], len);
	b->out[b->n].iov[1] = iov_of(part.ptr, part.len);
	b->d[b->n++] = d;
}

static void
forward_spoofed(struct forward *f, struct batch_out *b,
    const struct datagram *d)
{
	struct spoof_datagram s = spoof_of(f, d);

	if (!can_spoof(f, d)) {
		forward_warn(
		    f, "cannot keep the address of an exporter: it is of "
			"another family, or link-local");
		forward_count(f, OUTCOME_FAILED);
	} else if (spoof_len(&s) > f->mtu) {
		/* Keep the order: send earlier datagrams first. */
		send_batch(f, b);
		forward_count(f, send_long(f, d));
	} else {
		add_spoofed(f, b, d);
	}
}

void
forward_send(struct forward *f, const struct datagram *const *list, size_t n)
{
	struct batch_out b = { .n = 0 };

	if (!f->connected && !forward_connect(f)) {
		f->counters.failed += n;
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (list[i]->payload.len < FORWARD_LEAST)
			continue;
		if (f->to.spoof)
			forward_spoofed(f, &b, list[i]);
		else
			add_plain(&b, list[i]);
		if (b.n == FORWARD_BATCH)
			send_batch(f, &b);
	}
	send_batch(f, &b);
}

void
forwards_send(struct forwards *f, const struct datagram *const *list, size_t n)
{
	for (size_t i = 0; i < f->n; i++)
		forward_send(&f->list[i], list, n);
}

void
forward_continue(struct forward *f, const struct forwards *old)
{
	for (size_t i = 0; i < old->n; i++) {
		const struct forward *o = &old->list[i];

		if (!collector_equal(&o->to, &f->to))
			continue;
		f->counters = o->counters;
		f->limit = o->limit;
		f->ident = o->ident;
	}
}

void
forwards_close(struct forwards *f)
{
	for (size_t i = 0; i < f->n; i++)
		(void)close(f->list[i].fd);
	free(f->list);
	*f = (struct forwards){ .list = NULL };
}

void
forwards_log_counters(const struct forwards *f)
{
	char text[ENDPOINT_TEXT_MAX];
	const struct forward_counters *c;

	for (size_t i = 0; i < f->n; i++) {
		c = &f->list[i].counters;
		log_info("forward %s%s: sent:%llu failed:%llu dropped:%llu",
		    collector_format(&f->list[i].to, text),
		    f->list[i].to.spoof ? " spoof" : "",
		    (unsigned long long)c->sent,
		    (unsigned long long)c->failed,
		    (unsigned long long)c->dropped);
	}
}
