/* Groups of interfaces; see interface_group.h. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "interface_group.h"
#include "num.h"

enum {
	TEXT_MAX_OCTETS = ADDR_TEXT_MAX + 16
};

/* "7", "192.0.2.1:7", "[2001:db8::1]:7" */
static bool
interface_parse(struct interface *i, const char *text, size_t len)
{
	char copy[TEXT_MAX_OCTETS], *colon;
	uint64_t number;

	*i = (struct interface) { .agent = { .family = ADDR_NONE } };
	if (len == 0 || len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	colon = strrchr(copy, ':');
	if (colon != NULL) {
		*colon = '\0';
		if (addr_parse(copy, &i->agent) != 0)
			return false;
	}
	if (num_parse(colon != NULL ? colon + 1 : copy, UINT32_MAX, &number) !=
	    0)
		return false;
	i->number = (uint32_t)number;
	return true;
}

static int
group_add(struct interface_group *g, const struct interface *interface,
    struct flowd_error *err)
{
	void *more = realloc(g->interface, (g->n + 1) * sizeof(*g->interface));

	if (more == NULL)
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	g->interface = more;
	g->interface[g->n++] = *interface;
	return 0;
}

static int
group_parse(
    struct interface_group *g, const char *text, struct flowd_error *err)
{
	size_t len = strcspn(text, "=");
	struct interface interface;
	int bad = 0;

	*g = (struct interface_group) { .n = 0 };
	if (len == 0 || len >= sizeof(g->name) || text[len] != '=')
		return flowd_fail(err, FLOWD_EINVAL,
		    "%s: is no group such as uplink=3,4 or a=192.0.2.1:7",
		    text);
	memcpy(g->name, text, len);
	for (text += len; *text != '\0' && bad == 0; text += len) {
		text++;
		len = strcspn(text, ",");
		if (!interface_parse(&interface, text, len))
			return flowd_fail(err, FLOWD_EINVAL,
			    "%.*s: is no interface such as 3, 192.0.2.1:3 or "
			    "[2001:db8::1]:3",
			    (int)len, text);
		bad = group_add(g, &interface, err);
	}
	return bad;
}

int
interface_group_check(const char *text, struct flowd_error *err)
{
	struct interface_group g;
	int bad = group_parse(&g, text, err);

	free(g.interface);
	return bad;
}

static bool
same_interface(
    const struct interface *a, const struct addr *agent, uint64_t number)
{
	return a->number == number &&
	    (a->agent.family == ADDR_NONE || addr_equal(&a->agent, agent));
}

bool
interface_group_has(
    const struct interface_group *g, const struct addr *agent, uint64_t number)
{
	for (size_t i = 0; i < g->n; i++)
		if (same_interface(&g->interface[i], agent, number))
			return true;
	return false;
}

bool
interface_group_seen(const struct interface_group *g,
    struct aggregate_result *const *results, size_t nresults)
{
	for (size_t i = 0; i < nresults; i++)
		for (size_t row = 0; row < results[i]->nrows; row++) {
			struct aggregate_value agent, number;

			aggregate_key(results[i], row, 1, &agent);
			aggregate_key(results[i], row, 2, &number);
			if (number.kind == VALUE_UINT &&
			    interface_group_has(g, &agent.addr, number.uint))
				return true;
		}
	return false;
}

static int
groups_add(struct interface_groups *g, const struct interface_group *group,
    struct flowd_error *err)
{
	void *more = realloc(g->group, (g->n + 1) * sizeof(*g->group));

	if (more == NULL) {
		free(group->interface);
		return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
	}
	g->group = more;
	g->group[g->n++] = *group;
	return 0;
}

/* An interface of a result by itself, unless it is there. */
static int
groups_add_row(struct interface_groups *g, const struct aggregate_result *r,
    size_t row, struct flowd_error *err)
{
	struct interface_group group = { .n = 0 };
	struct interface interface;
	struct aggregate_value agent, number;
	char text[ADDR_TEXT_MAX] = "";

	aggregate_key(r, row, 1, &agent);
	aggregate_key(r, row, 2, &number);
	if (number.kind != VALUE_UINT)
		return 0;
	interface = (struct interface) { .number = (uint32_t)number.uint };
	if (agent.kind == VALUE_ADDR)
		interface.agent = agent.addr;
	for (size_t i = 0; i < g->n; i++)
		if (interface_group_has(
			&g->group[i], &interface.agent, number.uint))
			return 0;
	if (agent.kind == VALUE_ADDR)
		text[addr_format(&agent.addr, text)] = '\0';
	(void)snprintf(group.name, sizeof(group.name),
	    agent.kind != VALUE_ADDR           ? "%s%" PRIu32
		: agent.addr.family == ADDR_V6 ? "[%s]:%" PRIu32
					       : "%s:%" PRIu32,
	    text, interface.number);
	if (group_add(&group, &interface, err) != 0)
		return FLOWD_ENOMEM;
	return groups_add(g, &group, err);
}

int
interface_groups_init(struct interface_groups *g, const char *const *texts,
    size_t n, struct aggregate_result *const *results, size_t nresults,
    struct flowd_error *err)
{
	struct interface_group group;
	int bad = 0;

	*g = (struct interface_groups) { .n = 0 };
	for (size_t i = 0; i < n && bad == 0; i++) {
		bad = group_parse(&group, texts[i], err);
		if (bad == 0)
			bad = groups_add(g, &group, err);
		else
			free(group.interface);
	}
	for (size_t i = 0; i < nresults && n == 0 && bad == 0; i++)
		for (size_t row = 0; row < results[i]->nrows && bad == 0; row++)
			bad = groups_add_row(g, results[i], row, err);
	return bad;
}

void
interface_groups_fini(struct interface_groups *g)
{
	for (size_t i = 0; i < g->n; i++)
		free(g->group[i].interface);
	free(g->group);
}
