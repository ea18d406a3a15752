/* The user of children; see identity.h. */
#define _DEFAULT_SOURCE /* chroot, setgroups: Linux and the BSDs have them */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "identity.h"

static const char default_user[] = "_flowd";
static const char last_user[] = "nobody"; /* if there is no such user */
static const char default_folder[] = "/var/empty";

static bool
is_folder(const char *path)
{
	return path[0] == '/' && path[1] != '\0' && access(path, F_OK) == 0;
}

int
identity_look_up(
    struct identity *id, const char *user, struct flowd_error *err)
{
	const char *name = user != NULL ? user : default_user;
	const struct passwd *pw = getpwnam(name);

	*id = (struct identity){ .root = geteuid() == 0 };
	if (pw == NULL && user == NULL) {
		name = last_user;
		pw = getpwnam(name);
	}
	if (pw == NULL)
		return flowd_fail(err, -1,
		    "user %s does not exist: create it, or set another with "
		    "\"user\" in the configuration", name);
	if (pw->pw_uid == 0)
		return flowd_fail(err, -1,
		    "user %s is root: flowd needs one without privileges",
		    name);
	(void)snprintf(id->name, sizeof(id->name), "%s", name);
	id->uid = pw->pw_uid;
	id->gid = pw->pw_gid;
	(void)snprintf(id->folder, sizeof(id->folder), "%s",
	    is_folder(pw->pw_dir) ? pw->pw_dir : default_folder);
	return 0;
}

int
identity_find(struct identity *id, const char *user, struct flowd_error *err)
{
	int bad;

	*id = (struct identity){ .root = geteuid() == 0 };
	if (!id->root)
		return 0;
	if ((bad = identity_look_up(id, user, err)) != 0)
		return bad;
	if (!is_folder(id->folder) &&
	    (mkdir(default_folder, 0555) != 0 ||
		snprintf(id->folder, sizeof(id->folder), "%s",
		    default_folder) < 0))
		return flowd_fail(err, -1,
		    "%s does not exist and cannot be created: %s",
		    default_folder, strerror(errno));
	return 0;
}

int
identity_take(const struct identity *id)
{
	gid_t gid = id->gid;

	if (!id->root)
		return 0;
	if (chroot(id->folder) != 0 || chdir("/") != 0 ||
	    setgroups(1, &gid) != 0 || setgid(gid) != 0 ||
	    setuid(id->uid) != 0)
		return -1;
	/* Root privileges must be gone for good. */
	if (setuid(0) == 0 || seteuid(0) == 0) {
		errno = EPERM;
		return -1;
	}
	return 0;
}

bool
identity_group(const char *name, gid_t *group)
{
	const struct group *gr = getgrnam(name);

	if (gr != NULL)
		*group = gr->gr_gid;
	return gr != NULL;
}
