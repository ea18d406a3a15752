/* Addresses with ports as text; see endpoint.h. */
#include <stdio.h>

#include "endpoint.h"

const char *
endpoint_format(const struct endpoint *e, char buf[ENDPOINT_TEXT_MAX])
{
	const char *on = e->iface[0] != '\0' ? " on " : "";
	char addr[ADDR_TEXT_MAX], scope[16] = "";

	addr[addr_format(&e->addr, addr)] = '\0';
	if (e->addr.family == ADDR_V4) {
		(void)snprintf(buf, ENDPOINT_TEXT_MAX, "%s:%u%s%s", addr,
		    (unsigned)e->port, on, e->iface);
		return buf;
	}
	if (e->addr.scope != 0)
		(void)snprintf(scope, sizeof(scope), "%%%lu",
		    (unsigned long)e->addr.scope);
	(void)snprintf(buf, ENDPOINT_TEXT_MAX, "[%s%s]:%u%s%s", addr, scope,
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
