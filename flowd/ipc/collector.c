/* Collectors; see collector.h. */
#include <sys/socket.h>

#include "collector.h"

const char *
collector_format(const struct collector *c, char buf[ENDPOINT_TEXT_MAX])
{
	const struct endpoint at = { .addr = c->addr, .port = c->port };

	return endpoint_format(&at, buf);
}

bool
collector_equal(const struct collector *a, const struct collector *b)
{
	return a->port == b->port && a->spoof == b->spoof &&
	    addr_equal(&a->addr, &b->addr);
}

int
collector_connect(const struct collector *c, int fd)
{
	struct sockaddr_storage ss;
	/* Raw sockets have no ports. */
	uint16_t port = c->spoof ? 0 : c->port;
	unsigned len = addr_to_sockaddr(&c->addr, port, &ss);

	return connect(fd, (struct sockaddr *)&ss, len);
}
