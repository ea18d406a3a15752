/* Addresses, of the public header; see include/flowd/addr.h. */
#include <string.h>

#include "endian_be.h"
#include "flowd_addr.h"
#include "result.h"

struct flowd_addr
flowd_addr_of(const struct addr *a)
{
	struct flowd_addr to = { .family = a->family };

	if (a->family == ADDR_V4)
		store_be32(to.octets, a->v4);
	if (a->family == ADDR_V6) {
		to.scope = a->scope;
		addr6_store(to.octets, a->v6);
	}
	return to;
}

bool
flowd_addr_get(const struct flowd_addr *a, struct addr *to)
{
	*to = (struct addr) { .family = ADDR_NONE };
	if (a->family == FLOWD_ADDR_V4)
		*to = addr_from_v4(load_be32(a->octets));
	if (a->family == FLOWD_ADDR_V6) {
		*to = addr_from_v6(addr6_load(a->octets));
		to->scope = a->scope;
	}
	return to->family == a->family;
}

int
flowd_addr_parse(const char *text, struct flowd_addr *a)
{
	struct addr parsed;
	int bad = addr_parse(text, &parsed);

	if (bad == 0)
		*a = flowd_addr_of(&parsed);
	return bad;
}

size_t
flowd_addr_format(const struct flowd_addr *a, char *text)
{
	struct addr from;

	*text = '\0';
	if (!flowd_addr_get(a, &from) || from.family == ADDR_NONE)
		return 0;
	return strlen(addr_format_scoped(&from, text));
}
