/* Names of services; see service_name.h. */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol.h"
#include "service_name.h"

struct service {
	uint32_t number; /* protocol << 16 | port */
	uint32_t order; /* in the file: the first name is the usual one */
	char name[24];
};

static struct {
	bool read;
	size_t n, cap;
	struct service *service; /* ordered by number */
} services;

static bool
services_room(void)
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
compare_services(const void *a, const void *b)
{
	const struct service *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* A search in the file for each of many ports would take long. */
static void
services_read(void)
{
	const struct servent *s;

	services.read = true;
	setservent(1);
	while ((s = getservent()) != NULL && services_room()) {
		int protocol = protocol_by_name(s->s_proto);
		struct service *to = &services.service[services.n];

		if (protocol < 0)
			continue;
		to->number =
		    (uint32_t)protocol << 16 | ntohs((uint16_t)s->s_port);
		to->order = (uint32_t)services.n++;
		(void)snprintf(to->name, sizeof(to->name), "%s", s->s_name);
	}
	endservent();
	if (services.n > 0)
		qsort(services.service, services.n, sizeof(*services.service),
		    compare_services);
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

const char *
service_text(uint32_t service, char text[SERVICE_TEXT_MAX])
{
	const char *protocol = protocol_name(service >> 16 & 0xff), *name;
	char number[16];

	if (!services.read)
		services_read();
	if (protocol == NULL) {
		(void)snprintf(number, sizeof(number), "%u",
		    (unsigned)(service >> 16 & 0xff));
		protocol = number;
	}
	name = service_name(service);
	if ((service & 0xffff) == 0)
		(void)snprintf(text, SERVICE_TEXT_MAX, "%s", protocol);
	else if (name != NULL)
		(void)snprintf(text, SERVICE_TEXT_MAX, "%s/%s", name, protocol);
	else
		(void)snprintf(text, SERVICE_TEXT_MAX, "%u/%s",
		    (unsigned)(service & 0xffff), protocol);
	return text;
}
