/* The forwarder; see forwarder.h. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "forward.h"
#include "forward_queue.h"
#include "forwarder.h"
#include "imsg.h"
#include "log.h"
#include "proc.h"
#include "responder.h"

enum {
	SOME = 64, /* datagrams per iteration */

	POLL_CHANNEL = 0,
	POLL_QUEUE,
	POLL_CONTROL,
	POLL_COUNT
};

struct forwarder {
	int channel;
	int queue;
	bool started, exiting; /* IMSG_GO, IMSG_QUIT were received */
	struct forwards forwards;
	struct responder responder; /* to control */
	uint8_t *octets; /* FORWARD_DATAGRAM_MAX for each of SOME */
	struct datagram list[SOME];
};

/* Receive one datagram into slot i; false when there is none. */
static bool
take_one(struct forwarder *f, size_t i)
{
	return forward_queue_take(f->queue, &f->list[i],
	    f->octets + i * FORWARD_DATAGRAM_MAX);
}

/* Forward some datagrams; returns true when there may be more. */
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

/* Messages of the parent. Each function returns false on a fatal error. */

static bool
handle_forward_queue(struct forwarder *f, const struct imsg *msg)
{
	if (msg->nfds != 1)
		return false;
	if (f->queue != -1)
		(void)close(f->queue);
	f->queue = msg->fds[0];
	return true;
}

/* Take all collectors with their sockets; known ones keep their counters. */
static bool
handle_collectors(struct forwarder *f, const struct imsg *msg)
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
handle_control_link(struct forwarder *f, const struct imsg *msg)
{
	if (msg->nfds != 1)
		return false;
	responder_adopt(&f->responder, msg->fds[0]);
	return true;
}

static bool
forwarder_handle_imsg(void *arg, const struct imsg *msg)
{
	struct forwarder *f = arg;

	switch (msg->type) {
	case IMSG_FORWARD_QUEUE:
		return handle_forward_queue(f, msg);
	case IMSG_COLLECTORS:
		return handle_collectors(f, msg);
	case IMSG_CONTROL_LINK:
		return handle_control_link(f, msg);
	case IMSG_GO:
		f->started = true;
		return imsg_send_type(f->channel, IMSG_READY) == 0;
	case IMSG_STATISTICS:
		while (forward_some(f))
			;
		forwards_log_counters(&f->forwards);
		return imsg_send_type(f->channel, IMSG_STATISTICS) == 0;
	case IMSG_QUIT:
		f->exiting = true;
		return true;
	default:
		log_error("unknown message type %u", (unsigned)msg->type);
		return false;
	}
}

static bool
forwarder_start(struct forwarder *f)
{
	struct proc_start how;

	if (proc_receive_start(f->channel, &how) != 0 ||
	    proc_drop_privileges(&how, SANDBOX_FORWARDER) != 0)
		return false;
	f->octets = malloc((size_t)SOME * FORWARD_DATAGRAM_MAX);
	return f->octets != NULL;
}

static bool
forwarder_loop(struct forwarder *f)
{
	struct pollfd pfd[POLL_COUNT];
	bool more = false;

	while (!f->exiting) {
		log_tick();
		pfd[POLL_CHANNEL] = (struct pollfd){ f->channel, POLLIN, 0 };
		pfd[POLL_QUEUE] = (struct pollfd){ f->queue, POLLIN, 0 };
		pfd[POLL_CONTROL] = (struct pollfd){ f->responder.conn.fd,
			responder_events(&f->responder), 0 };
		if (poll(pfd, POLL_COUNT, more ? 0 : log_timeout()) < 0) {
			if (errno != EINTR)
				log_limited(LOG_KIND_POLL, "poll: %s",
				    strerror(errno));
			continue;
		}
		if (pfd[POLL_CHANNEL].revents != 0 &&
		    !proc_dispatch(f->channel, forwarder_handle_imsg, f))
			return false;
		more = f->queue != -1 && forward_some(f);
		if (pfd[POLL_CONTROL].revents != 0)
			responder_handle(&f->responder);
	}
	return true;
}

static void
rows_of_collectors(struct report *r, const struct forwards *f)
{
	char text[ENDPOINT_TEXT_MAX];

	for (size_t i = 0; i < f->n; i++) {
		const struct forward *to = &f->list[i];

		report_row(r);
		report_set_text(r, FIELD_COLLECTORS_collector,
		    collector_format(&to->to, text));
		report_set(r, FIELD_COLLECTORS_spoof, to->to.spoof);
		report_set(r, FIELD_COLLECTORS_sent, to->counters.sent);
		report_set(r, FIELD_COLLECTORS_failed, to->counters.failed);
		report_set(r, FIELD_COLLECTORS_dropped, to->counters.dropped);
	}
}

static void
fill_collectors(struct report *r, const struct addr *only, void *arg)
{
	const struct forwarder *f = arg;

	(void)only;
	rows_of_collectors(r, &f->forwards);
}

const struct responder_row forwarder_reports[FORWARDER_REPORTS] = {
#define FORWARDER_REPORT(report, fill) { REPORT_OF_##report, fill },
#include "process_reports.def"
};

int
forwarder_main(int channel)
{
	struct forwarder f = { .channel = channel, .queue = -1 };
	bool good;

	responder_init(&f.responder, forwarder_reports, FORWARDER_REPORTS, &f);
	good = forwarder_start(&f) && forwarder_loop(&f);
	while (f.queue != -1 && f.octets != NULL && forward_some(&f))
		;
	return !good;
}
