/*
 * The user that a child becomes, and the directory that it is confined to.
 *
 * Called by the parent, which looks the user up, and by every child, which
 * becomes it. Tests: test/program/test_privsep.py.
 */
#ifndef FLOWD_IDENTITY_H
#define FLOWD_IDENTITY_H

#include <stdbool.h>
#include <sys/types.h>

#include "result.h"

/* Who a child becomes. Not root: it stays who it is. */
struct identity {
	bool root;
	char name[64]; /* of the user */
	unsigned uid, gid;
	char folder[256]; /* to chroot into */
};

/*
 * Look up a user; NULL is _flowd or, where that is not there, nobody. Without
 * root nobody is looked up. Makes /var/empty where that is wanted and not
 * there. Returns 0, or -1 with err set.
 */
int identity_find(
    struct identity *id, const char *user, struct flowd_error *err);
/* The same without root, too, and no folder is made. */
int identity_look_up(
    struct identity *id, const char *user, struct flowd_error *err);

/* chroot, then groups, group and user. Returns 0, or -1 and errno. */
int identity_take(const struct identity *id);

/* The number of a group. False: there is none of this name. */
bool identity_group(const char *name, gid_t *group);

#endif
