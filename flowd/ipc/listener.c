/* Listeners; see listener.h. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "listener.h"
#include "log.h"

struct listener *
listeners_find(const struct listeners *ls, const struct endpoint *at)
{
	for (size_t i = 0; i < ls->n; i++)
		if (ls->list[i].at.port == at->port &&
		    addr_equal(&ls->list[i].at.addr, &at->addr) &&
		    strcmp(ls->list[i].at.iface, at->iface) == 0)
			return &ls->list[i];
	return NULL;
}

uint32_t
listeners_rcvbuf(const struct listeners *ls)
{
	uint32_t least = ls->n > 0 ? UINT32_MAX : 0;

	for (size_t i = 0; i < ls->n; i++)
		if (ls->list[i].rcvbuf < least)
			least = ls->list[i].rcvbuf;
	return least;
}

void
listeners_log_counters(struct listeners *ls)
{
	char text[ENDPOINT_TEXT_MAX];
	struct recv_counters *c;

	for (size_t i = 0; i < ls->n; i++) {
		c = &ls->list[i].counters;
		(void)recv_update_drops(ls->list[i].fd, c);
		log_info("listener %s: received:%llu octets:%llu dropped:%llu",
		    endpoint_format(&ls->list[i].at, text),
		    (unsigned long long)c->datagrams,
		    (unsigned long long)c->octets,
		    (unsigned long long)c->dropped);
	}
}

void
listeners_close(struct listeners *ls)
{
	for (size_t i = 0; i < ls->n; i++)
		(void)close(ls->list[i].fd);
	free(ls->list);
	free(ls->groups);
	*ls = (struct listeners){ .list = NULL };
}
