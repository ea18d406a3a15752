/* Names of services; see service_name.h. */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "protocol.h"
#include "service_name.h"

struct service {
	uint32_t number; /* protocol << 16 | port */
	uint32_t order; /* in the file: the first name is the usual one */
	char *name;
};

static struct {
	bool read;
	size_t n, cap;
	struct service *service; /* ordered by number */
} services;

static bool
services_grow(void)
{
	size_t cap = services.cap == 0 ? 512 : 2 * services.cap;
	void *more;

	if (services.n < services.cap)
		return true;
	more = realloc(services.service, cap * sizeof(*services.service));
	if (more == NULL)
		return false;
	services.service = more;
	services.cap = cap;
	return true;
}

static int
service_compare(const void *a, const void *b)
{
	const struct service *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* A service without memory for its name has only a number. */
static void
services_add(const struct servent *s)
{
	int protocol = protocol_by_name(s->s_proto);
	struct service *to = &services.service[services.n];

	if (protocol < 0)
		return;
	to->name = strdup(s->s_name);
	if (to->name == NULL)
		return;
	to->number = (uint32_t)protocol << 16 | ntohs((uint16_t)s->s_port);
	to->order = (uint32_t)services.n++;
}

/* All at once: getservbyport(3) reads the file for each port. */
static void
services_read(void)
{
	const struct servent *s;

	services.read = true;
	setservent(1);
	while ((s = getservent()) != NULL && services_grow())
		services_add(s);
	endservent();
	if (services.n > 0)
		qsort(services.service, services.n, sizeof(*services.service),
		    service_compare);
}

/* The first of its names, or NULL. */
static const char *
service_name(uint32_t number)
{
	size_t low = 0, high = services.n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (services.service[mid].number < number)
			low = mid + 1;
		else
			high = mid;
	}
	return low < services.n && services.service[low].number == number
	    ? services.service[low].name
	    : NULL;
}

void
service_put(struct buf *out, uint32_t service)
{
	unsigned protocol = service >> 16 & 0xff, port = service & 0xffff;
	const char *protocol_text = protocol_name(protocol), *name;

	if (!services.read)
		services_read();
	name = port != 0 ? service_name(service) : NULL;
	if (name != NULL)
		buf_printf(out, "%s/", name);
	else if (port != 0)
		buf_printf(out, "%u/", port);
	if (protocol_text != NULL)
		buf_append_text(out, protocol_text);
	else
		buf_printf(out, "%u", protocol);
}
