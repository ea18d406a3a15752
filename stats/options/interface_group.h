/*
 * Groups of interfaces that are billed together: "NAME=INTERFACE,...", where an
 * interface is its index, as 7, or that of one exporter, as 192.0.2.1:7 or
 * [2001:db8::1]:7.
 *
 * Called by report_bill.c. Test: test/program/stats/test_stats_reports.py.
 */
#ifndef STATS_INTERFACE_GROUP_H
#define STATS_INTERFACE_GROUP_H

#include "aggregate.h"

enum {
	INTERFACE_GROUP_NAME = 80
};

struct interface {
	bool any; /* of any exporter, else: */
	struct addr agent;
	uint32_t number;
};

struct interface_group {
	char name[INTERFACE_GROUP_NAME];
	bool seen; /* a flow has one of them */
};

/* An interface of a group. */
struct interface_member {
	struct interface interface;
	size_t group;
};

struct interface_groups {
	struct interface_group *group;
	size_t n, cap;
	struct interface_member *member; /* ordered by number */
	size_t nmembers, members_cap;
};

/*
 * The groups of n texts; without, each interface of results, whose keys are
 * bin, exporter and interface, is one. 0, or a negative FLOWD_E* with err set.
 */
int interface_groups_init(struct interface_groups *g, const char *const *texts,
    size_t n, struct aggregate_result *const *results, size_t nresults,
    struct flowd_error *err);
void interface_groups_fini(struct interface_groups *g);

/*
 * The next group that has an interface: *at is 0 before the first. False when
 * there is none.
 */
bool interface_groups_next(const struct interface_groups *g,
    const struct addr *agent, uint64_t number, size_t *at, size_t *group);

/* Check the text of a group: 0, or FLOWD_EINVAL with err set. */
int interface_group_check(const char *text, struct flowd_error *err);

#endif
