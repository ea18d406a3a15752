/* The children of the parent; see children.h. */
#include <errno.h>
#include <string.h>

#include "children.h"
#include "clock.h"
#include "log.h"
#include "provision.h"

struct child *
parent_child(struct parent *p, enum proc_kind kind)
{
	for (size_t i = 0; i < p->nchildren; i++)
		if (p->children[i].kind == kind)
			return &p->children[i];
	return NULL;
}

struct child_log *
parent_child_log(struct parent *p, const struct child *c)
{
	return &p->child_logs[c - p->children];
}

void
parent_each_engine(struct parent *p,
    int (*fn)(const struct parent *p, const struct child *engine))
{
	for (size_t i = 0; i < p->shmem.nengines; i++)
		(void)fn(p, &p->children[i]);
}

static bool
has_collectors(const struct parent *p)
{
	return p->forwards.n > 0;
}

bool
parent_wants(const struct parent *p, enum proc_kind kind)
{
	switch (kind) {
	case PROC_FORWARDER:
		return has_collectors(p);
	case PROC_CONTROL:
		return admin_sockets_any(&p->admin);
	case PROC_METRICS:
		return p->admin.nmetrics > 0;
	default:
		return true;
	}
}

int
parent_start(struct parent *p, struct child *c)
{
	if (child_start(c, &p->setup, clock_monotonic_ms()) != 0) {
		log_error("cannot start the %s: %s", c->title,
		    strerror(errno));
		return -1;
	}
	c->started_ns = clock_real_ns();
	/* A child that has died is handled when it is reaped. */
	if (provision_child(p, c) != 0)
		log_debug("cannot send messages to the %s: %s", c->title,
		    strerror(errno));
	return 0;
}
