/*
 * Names of interfaces, as options data gave them: of the captures that are
 * read, and of the state that flowd keeps (flowd-state(5)).
 *
 * An exporter is who numbers its interfaces, so a name is that of an exporter
 * and an index. Where one exporter has given a name to several of them, or one
 * that could be taken for an index, the index stands behind it: "ge-0/0/1 (7)".
 *
 * Called by lib/api and flowd-stats. Test:
 * test/program/stats/test_stats_names.py.
 */
#ifndef FLOWD_INTERFACE_NAMES_H
#define FLOWD_INTERFACE_NAMES_H

#include "decode.h"

struct interface_name;

struct interface_names {
	const struct decoder *captures; /* borrowed */
	struct decoder *saved; /* what flowd has kept; NULL: nothing */
	/* The names of both, by exporter and index. */
	struct interface_name *name;
	size_t n, cap;
	bool collected;
	uint64_t generation; /* of captures when they were */
	bool found, missed; /* of what was asked for: some, some not */
};

void interface_names_init(
    struct interface_names *names, const struct decoder *captures);
void interface_names_fini(struct interface_names *names);

/*
 * Take the names in a state file of flowd, which is as untrusted as datagrams.
 * Returns 0, or a negative FLOWD_E* with err set.
 */
int interface_names_load(struct interface_names *names, const char *path,
    struct flowd_error *err);

/*
 * The name of an interface, or NULL. It stays until more of the captures is
 * read and another name is asked for.
 */
const char *interface_names_find(struct interface_names *names,
    const struct addr *exporter, uint32_t index);

#endif
