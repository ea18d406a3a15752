/* Connections to the control process; see control_links.h. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "control_links.h"
#include "imsg.h"

static int
send_fd(const struct child *c, enum imsg_type type, int fd,
    struct bytes data)
{
	struct imsg msg = { .type = type, .nfds = fd != -1 };

	msg.fds[0] = fd;
	msg.len = data.len;
	if (data.len > 0)
		memcpy(msg.data, data.ptr, data.len);
	return child_send(c, &msg);
}

static const struct bytes nothing = { NULL, 0 };

/* The running child of this kind, or NULL. */
static const struct child *
running_child(const struct control_links *w, enum proc_kind kind)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->children[i].kind == kind && w->children[i].pid != 0)
			return &w->children[i];
	return NULL;
}

static int
send_peer(const struct child *control, uint32_t kind, uint32_t index,
    const char *name, int fd)
{
	struct imsg_peer id;

	memset(&id, 0, sizeof(id));
	id.kind = kind;
	id.index = index;
	(void)snprintf(id.name, sizeof(id.name), "%s", name);
	return send_fd(control, IMSG_PEER, fd,
	    (struct bytes){ (const uint8_t *)&id, sizeof(id) });
}

/* Send both ends of a socket pair, and close them here. */
static int
connect_both(const struct child *control, const struct child *c)
{
	int ends[2], bad;

	if (conn_pair(ends) != 0)
		return -1;
	bad = send_fd(c, IMSG_CONTROL_LINK, ends[0], nothing);
	if (bad == 0 && c->kind == PROC_METRICS)
		bad = send_fd(control, IMSG_METRICS_LINK, ends[1], nothing);
	else if (bad == 0)
		bad = send_peer(
		    control, c->kind, c->index, c->title, ends[1]);
	(void)close(ends[0]);
	(void)close(ends[1]);
	return bad;
}

static int
connect_own(const struct control_links *w, const struct child *control)
{
	int ends[2], bad;

	if (conn_pair(ends) != 0)
		return -1;
	bad = send_peer(control, PROC_KINDS, 0, "parent", ends[1]);
	(void)close(ends[1]);
	responder_adopt(w->own, ends[0]);
	return bad;
}

static int
send_control_socket(const struct control_links *w, const struct child *control)
{
	return send_fd(
	    control, IMSG_CONTROL_SOCKET, w->admin->control.fd, nothing);
}

static int
send_metrics_sockets(const struct control_links *w, const struct child *metrics)
{
	struct imsg msg = { .type = IMSG_METRICS_SOCKETS };

	for (size_t i = 0; i < w->admin->nmetrics; i++)
		msg.fds[msg.nfds++] = w->admin->metrics[i];
	return child_send(metrics, &msg);
}

/* Connect all. A child that has died is handled when it is reaped. */
static int
connect_control(const struct control_links *w, const struct child *control)
{
	if (send_control_socket(w, control) != 0 ||
	    connect_own(w, control) != 0)
		return -1;
	for (size_t i = 0; i < w->n; i++)
		if (w->children[i].pid != 0 && &w->children[i] != control)
			(void)connect_both(control, &w->children[i]);
	return 0;
}

int
control_links_connect(const struct control_links *w, const struct child *c)
{
	const struct child *control = running_child(w, PROC_CONTROL);

	if (c->kind == PROC_CONTROL)
		return connect_control(w, c);
	if (c->kind == PROC_METRICS && send_metrics_sockets(w, c) != 0)
		return -1;
	return control != NULL ? connect_both(control, c) : 0;
}

void
control_links_update(const struct control_links *w)
{
	const struct child *control = running_child(w, PROC_CONTROL);
	const struct child *metrics = running_child(w, PROC_METRICS);

	if (control != NULL)
		(void)send_control_socket(w, control);
	if (metrics != NULL)
		(void)send_metrics_sockets(w, metrics);
}
