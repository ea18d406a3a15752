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

	*i = (struct interface) { .any = true };
	if (len == 0 || len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	colon = strrchr(copy, ':');
	if (colon != NULL) {
		i->any = false;
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

static void *
array_grow(void *array, size_t n, size_t *cap, size_t size)
{
	size_t more = *cap == 0 ? 16 : 2 * *cap;
	void *p;

	if (n < *cap)
		return array;
	p = realloc(array, more * size);
	if (p != NULL)
		*cap = more;
	return p;
}

static struct interface_group *
interface_groups_add(struct interface_groups *g)
{
	void *p = array_grow(g->group, g->n, &g->cap, sizeof(*g->group));

	if (p == NULL)
		return NULL;
	g->group = p;
	g->group[g->n] = (struct interface_group) { .seen = false };
	return &g->group[g->n++];
}

static bool
interface_groups_add_member(
    struct interface_groups *g, const struct interface *interface, size_t group)
{
	void *p =
	    array_grow(g->member, g->nmembers, &g->members_cap,
		sizeof(*g->member));

	if (p == NULL)
		return false;
	g->member = p;
	g->member[g->nmembers++] =
	    (struct interface_member) { *interface, group };
	return true;
}

static int
interface_fail_memory(struct flowd_error *err)
{
	return flowd_fail(err, FLOWD_ENOMEM, "out of memory");
}

/* It would be summed twice. */
static bool
interface_groups_have(const struct interface_groups *g, size_t group,
    const struct interface *interface)
{
	for (size_t i = 0; i < g->nmembers; i++) {
		const struct interface *other = &g->member[i].interface;

		if (g->member[i].group == group &&
		    other->number == interface->number &&
		    (other->any || interface->any ||
			addr_equal(&other->agent, &interface->agent)))
			return true;
	}
	return false;
}

static int
interface_groups_parse(
    struct interface_groups *g, const char *text, struct flowd_error *err)
{
	size_t len = strcspn(text, "=");
	struct interface_group *group = interface_groups_add(g);
	struct interface interface;

	if (group == NULL)
		return interface_fail_memory(err);
	if (len == 0 || len >= sizeof(group->name) || text[len] != '=')
		return flowd_fail(err, FLOWD_EINVAL,
		    "%s: is no group such as uplink=3,4 or a=192.0.2.1:7",
		    text);
	memcpy(group->name, text, len);
	group->name[len] = '\0';
	for (text += len; *text != '\0'; text += len) {
		text++;
		len = strcspn(text, ",");
		if (!interface_parse(&interface, text, len))
			return flowd_fail(err, FLOWD_EINVAL,
			    "%.*s: is no interface such as 3, 192.0.2.1:3 or "
			    "[2001:db8::1]:3",
			    (int)len, text);
		if (interface_groups_have(g, g->n - 1, &interface))
			return flowd_fail(err, FLOWD_EINVAL,
			    "%.*s: is there twice", (int)len, text);
		if (!interface_groups_add_member(g, &interface, g->n - 1))
			return interface_fail_memory(err);
	}
	return 0;
}

int
interface_group_check(const char *text, struct flowd_error *err)
{
	struct interface_groups g = { .n = 0 };
	int bad = interface_groups_parse(&g, text, err);

	interface_groups_fini(&g);
	return bad;
}

static int
interface_compare_agents(const struct addr *a, const struct addr *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	if (a->family == ADDR_V6)
		return a->v6.hi != b->v6.hi ? (a->v6.hi < b->v6.hi ? -1 : 1)
		    : a->v6.lo != b->v6.lo  ? (a->v6.lo < b->v6.lo ? -1 : 1)
					    : 0;
	if (a->family == ADDR_V4 && a->v4 != b->v4)
		return a->v4 < b->v4 ? -1 : 1;
	return 0;
}

/* By number, exporter and group. */
static int
interface_member_compare(const void *a, const void *b)
{
	const struct interface_member *x = a, *y = b;
	int c;

	if (x->interface.number != y->interface.number)
		return x->interface.number < y->interface.number ? -1 : 1;
	c = interface_compare_agents(&x->interface.agent, &y->interface.agent);
	if (c != 0)
		return c;
	return x->group < y->group ? -1 : x->group > y->group;
}

static void
interface_groups_sort(struct interface_groups *g)
{
	if (g->nmembers > 0)
		qsort(g->member, g->nmembers, sizeof(*g->member),
		    interface_member_compare);
}

/* "192.0.2.1:7", "[2001:db8::1]:7" */
static void
interface_text(const struct interface *i, char *text, size_t size)
{
	char addr[ADDR_TEXT_MAX] = "";

	if (i->agent.family != ADDR_NONE)
		addr[addr_format(&i->agent, addr)] = '\0';
	(void)snprintf(text, size,
	    i->agent.family == ADDR_NONE     ? "%s%" PRIu32
		: i->agent.family == ADDR_V6 ? "[%s]:%" PRIu32
					     : "%s:%" PRIu32,
	    addr, i->number);
}

/* Sort them, and keep each once. */
static void
interface_groups_unique(struct interface_groups *g)
{
	size_t n = 0;

	interface_groups_sort(g);
	for (size_t i = 0; i < g->nmembers; i++)
		if (n == 0 ||
		    interface_member_compare(
			&g->member[i], &g->member[n - 1]) != 0)
			g->member[n++] = g->member[i];
	g->nmembers = n;
}

/* The same interfaces come in every bin. */
static bool
interface_groups_take(
    struct interface_groups *g, const struct aggregate_result *r, size_t row)
{
	struct interface interface = { .any = false };
	struct aggregate_value agent, number;

	aggregate_key(r, row, 1, &agent);
	aggregate_key(r, row, 2, &number);
	if (number.kind != VALUE_UINT)
		return true;
	if (agent.kind == VALUE_ADDR)
		interface.agent = agent.addr;
	interface.number = (uint32_t)number.uint;
	if (g->nmembers == g->members_cap)
		interface_groups_unique(g);
	return interface_groups_add_member(g, &interface, 0);
}

static int
interface_groups_of_results(struct interface_groups *g,
    struct aggregate_result *const *results, size_t nresults,
    struct flowd_error *err)
{
	for (size_t i = 0; i < nresults; i++)
		for (size_t row = 0; row < results[i]->nrows; row++)
			if (!interface_groups_take(g, results[i], row))
				return interface_fail_memory(err);
	interface_groups_unique(g);
	for (size_t i = 0; i < g->nmembers; i++) {
		struct interface_group *group = interface_groups_add(g);

		if (group == NULL)
			return interface_fail_memory(err);
		interface_text(
		    &g->member[i].interface, group->name, sizeof(group->name));
		g->member[i].group = i;
	}
	return 0;
}

int
interface_groups_init(struct interface_groups *g, const char *const *texts,
    size_t n, struct aggregate_result *const *results, size_t nresults,
    struct flowd_error *err)
{
	int bad = 0;

	*g = (struct interface_groups) { .n = 0 };
	if (n == 0)
		return interface_groups_of_results(g, results, nresults, err);
	for (size_t i = 0; i < n && bad == 0; i++)
		bad = interface_groups_parse(g, texts[i], err);
	interface_groups_sort(g);
	return bad;
}

void
interface_groups_fini(struct interface_groups *g)
{
	free(g->group);
	free(g->member);
}

/* The first member of this number, or where it would be. */
static size_t
interface_groups_find(const struct interface_groups *g, uint64_t number)
{
	size_t low = 0, high = g->nmembers;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (g->member[mid].interface.number < number)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool
interface_groups_next(const struct interface_groups *g,
    const struct addr *agent, uint64_t number, size_t *at, size_t *group)
{
	size_t i = *at > 0 ? *at : interface_groups_find(g, number);

	for (; i < g->nmembers && g->member[i].interface.number == number;
	    i++) {
		const struct interface_member *m = &g->member[i];

		if (!m->interface.any &&
		    !addr_equal(&m->interface.agent, agent))
			continue;
		*group = m->group;
		*at = i + 1;
		return true;
	}
	return false;
}
