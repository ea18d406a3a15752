/* Addresses with ports as text; see endpoint.h. */
#include <stdio.h>

#include "endpoint.h"

const char *
endpoint_format(const struct endpoint *e, char buf[ENDPOINT_TEXT_MAX])
{
	const char *on = e->iface[0] != '\0' ? " on " : "";
	char addr[ADDR_TEXT_MAX];

	(void)addr_format_scoped(&e->addr, addr);
	if (e->addr.family == ADDR_V4) {
		(void)snprintf(buf, ENDPOINT_TEXT_MAX, "%s:%u%s%s", addr,
		    (unsigned)e->port, on, e->iface);
		return buf;
	}
	(void)snprintf(buf, ENDPOINT_TEXT_MAX, "[%s]:%u%s%s", addr,
	    (unsigned)e->port, on, e->iface);
	return buf;
}

const char *
size_format(uint64_t octets, char buf[SIZE_TEXT_MAX])
{
	static const char *const unit[] = { "octets", "KiB", "MiB", "GiB" };
	unsigned i = 0;

	for (; i < 3 && octets >= 10 * 1024; i++)
		octets /= 1024;
	(void)snprintf(buf, SIZE_TEXT_MAX, "%llu %s",
	    (unsigned long long)octets, unit[i]);
	return buf;
}
