/* The process that sends copies on; see forwarder.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "answer.h"
#include "channel.h"
#include "child.h"
#include "daemonlog.h"
#include "forward.h"
#include "forwarder.h"
#include "rows.h"

enum {
	PAIR_OCTETS = 8 * 1024 * 1024, /* that may wait between the two */
	DATAGRAM_MAX = 65536,
	SOME = 64, /* received in one turn */

	POLL_CHANNEL = 0,
	POLL_PAIR,
	POLL_ANSWER,
	POLL_PLACES
};

/* In front of each datagram. */
struct hand_over {
	struct addr src;
	uint16_t port;
	int64_t recv_ns;
};

struct forwarder {
	int channel;
	int pair;
	bool going, leaving;
	struct forwards forwards;
	struct answer answer; /* to control */
	uint8_t *octets; /* DATAGRAM_MAX for each of SOME */
	struct datagram list[SOME];
};

int
forwarder_pair(int ends[2])
{
	int size = PAIR_OCTETS;

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, ends) != 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		(void)fcntl(ends[i], F_SETFD, FD_CLOEXEC);
		(void)fcntl(ends[i], F_SETFL, O_NONBLOCK);
#ifdef SO_SNDBUFFORCE
		if (setsockopt(ends[i], SOL_SOCKET, SO_SNDBUFFORCE, &size,
			sizeof(size)) == 0)
			continue;
#endif
		(void)setsockopt(ends[i], SOL_SOCKET, SO_SNDBUF, &size,
		    sizeof(size));
	}
	return 0;
}

static bool
hand_over_one(int fd, const struct datagram *d)
{
	struct hand_over head;
	struct iovec iov[2] = {
		{ &head, sizeof(head) },
		{ (void *)(uintptr_t)d->payload.ptr, d->payload.len },
	};
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };

	memset(&head, 0, sizeof(head));
	head.src = d->src;
	head.port = d->port;
	head.recv_ns = d->recv_ns;
	return sendmsg(fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0;
}

size_t
forwarder_hand_over(int fd, const struct datagram *const *list, size_t n)
{
	size_t failed = 0;

	for (size_t i = 0; i < n; i++)
		failed += !hand_over_one(fd, list[i]);
	return failed;
}

/* One datagram into place i; false when there is none. */
static bool
take_one(struct forwarder *f, size_t i)
{
	struct hand_over head;
	uint8_t *to = f->octets + i * DATAGRAM_MAX;
	struct iovec iov[2] = {
		{ &head, sizeof(head) },
		{ to, DATAGRAM_MAX },
	};
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
	ssize_t n = recvmsg(f->pair, &msg, MSG_DONTWAIT);

	if (n < (ssize_t)sizeof(head))
		return false;
	f->list[i] = (struct datagram){
		.payload = { to, (size_t)n - sizeof(head) },
		.src = head.src,
		.port = head.port,
		.recv_ns = head.recv_ns,
	};
	return true;
}

/* Send some on; returns true when there may be more. */
static bool
forward_some(struct forwarder *f)
{
	const struct datagram *list[SOME];
	size_t n = 0;

	while (n < SOME && take_one(f, n)) {
		list[n] = &f->list[n];
		n++;
	}
	forwards_send(&f->forwards, list, n);
	return n == SOME;
}

/* Messages of the parent; each returns false when it cannot go on. */

static bool
take_pair(struct forwarder *f, const struct message *msg)
{
	if (msg->nfds != 1)
		return false;
	if (f->pair != -1)
		(void)close(f->pair);
	f->pair = msg->fds[0];
	return true;
}

/* All collectors, with their sockets; counters of those that stay go on. */
static bool
take_collectors(struct forwarder *f, const struct message *msg)
{
	struct forward *list;

	if (msg->len != msg->nfds * sizeof(struct collector))
		return false;
	list = calloc(msg->nfds + 1, sizeof(*list));
	if (list == NULL)
		return false;
	for (uint32_t i = 0; i < msg->nfds; i++) {
		memcpy(&list[i].to, msg->data + i * sizeof(list[i].to),
		    sizeof(list[i].to));
		list[i].fd = msg->fds[i];
		forward_continue(&list[i], &f->forwards);
	}
	forwards_close(&f->forwards);
	f->forwards = (struct forwards){ list, msg->nfds };
	return true;
}

static bool
take_answer(struct forwarder *f, const struct message *msg)
{
	if (msg->nfds != 1)
		return false;
	answer_adopt(&f->answer, msg->fds[0]);
	return true;
}

static bool
obey(void *arg, const struct message *msg)
{
	struct forwarder *f = arg;

	switch (msg->type) {
	case MESSAGE_PAIR:
		return take_pair(f, msg);
	case MESSAGE_COLLECTORS:
		return take_collectors(f, msg);
	case MESSAGE_ANSWER:
		return take_answer(f, msg);
	case MESSAGE_GO:
		f->going = true;
		return channel_tell(f->channel, MESSAGE_READY) == 0;
	case MESSAGE_STATISTICS:
		while (forward_some(f))
			;
		forwards_log_counters(&f->forwards);
		return channel_tell(f->channel, MESSAGE_STATISTICS) == 0;
	case MESSAGE_QUIT:
		f->leaving = true;
		return true;
	default:
		log_error("a message of unknown type %u", (unsigned)msg->type);
		return false;
	}
}

static bool
begin(struct forwarder *f)
{
	struct child_begin how;

	if (child_hear_begin(f->channel, &how) != 0 ||
	    child_confine(&how, SANDBOX_FORWARDER) != 0)
		return false;
	f->octets = malloc((size_t)SOME * DATAGRAM_MAX);
	return f->octets != NULL;
}

static bool
forwarder_loop(struct forwarder *f)
{
	struct pollfd pfd[POLL_PLACES];
	bool more = false;

	while (!f->leaving) {
		log_tick();
		pfd[POLL_CHANNEL] = (struct pollfd){ f->channel, POLLIN, 0 };
		pfd[POLL_PAIR] = (struct pollfd){ f->pair, POLLIN, 0 };
		pfd[POLL_ANSWER] = (struct pollfd){ f->answer.conn.fd,
			answer_events(&f->answer), 0 };
		if (poll(pfd, POLL_PLACES, more ? 0 : log_timeout()) < 0) {
			if (errno != EINTR)
				log_some(LOG_KIND_POLL, "poll: %s",
				    strerror(errno));
			continue;
		}
		if (pfd[POLL_CHANNEL].revents != 0 &&
		    !child_listen(f->channel, obey, f))
			return false;
		more = f->pair != -1 && forward_some(f);
		if (pfd[POLL_ANSWER].revents != 0)
			answer_turn(&f->answer);
	}
	return true;
}

static void
fill_collectors(struct report *r, const struct addr *only, void *arg)
{
	const struct forwarder *f = arg;

	(void)only;
	rows_of_collectors(r, &f->forwards);
}

const struct answer_row forwarder_rows[FORWARDER_ROWS] = {
	{ REPORT_OF_COLLECTORS, fill_collectors },
};

int
forwarder_main(int channel)
{
	struct forwarder f = { .channel = channel, .pair = -1 };
	bool good;

	answer_init(&f.answer, forwarder_rows, FORWARDER_ROWS, &f);
	good = begin(&f) && forwarder_loop(&f);
	while (f.pair != -1 && f.octets != NULL && forward_some(&f))
		;
	return !good;
}
