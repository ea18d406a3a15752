/*
 * The user that children become, and the directory that they chroot to.
 *
 * Called by the parent, which looks it up, and by every child.
 * Test: test/program/flowd/test_privsep.py.
 */
#ifndef FLOWD_IDENTITY_H
#define FLOWD_IDENTITY_H

#include <stdbool.h>
#include <sys/types.h>

#include "result.h"

/* The user of children; without root they keep theirs. */
struct identity {
	bool root;
	char name[64]; /* name of the user */
	unsigned uid, gid;
	char folder[256]; /* directory for chroot(2) */
};

/*
 * Look up a user; NULL is _flowd or, if that does not exist, nobody. Without
 * root nothing is looked up. Creates /var/empty if it is needed and missing.
 * Returns 0, or -1 with err set.
 */
int identity_find(
    struct identity *id, const char *user, struct flowd_error *err);
/* The same, but also without root, and without creating a directory. */
int identity_look_up(
    struct identity *id, const char *user, struct flowd_error *err);

/* chroot, then groups, group and user. Returns 0, or -1 and errno. */
int identity_take(const struct identity *id);

/* Look up a group. Returns false when it does not exist. */
bool identity_group(const char *name, gid_t *group);

#endif
