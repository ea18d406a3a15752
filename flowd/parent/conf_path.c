/* The paths of a configuration; see conf_path.h. */
#define _DEFAULT_SOURCE /* realpath(3) with memory of its own */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf_path.h"
#include "log.h"

enum {
	PATHS_MAX = CONF_LOGDIR_MAX + 8,
	LINKS_MAX = 40 /* limit of symbolic links to follow */
};

void
conf_paths_each(const struct conf *conf, enum conf_use use,
    void (*fn)(const struct conf_path *p, void *arg), void *arg)
{
	const struct conf_path list[] = {
		{ "logfile", conf->logfile, CONF_PATH_FILE },
		{ "configuration", conf->path, CONF_PATH_OTHER },
		{ "logsock", conf->logsock, CONF_PATH_OTHER },
		{ "pidfile", conf->pidfile, CONF_PATH_FILE },
		{ "statefile", conf_statefile(conf), CONF_PATH_OTHER },
		{ "control socket", conf->control,
		    conf->control_is_set ? CONF_PATH_SOCKET : CONF_PATH_OTHER },
	};
	size_t n = use == CONF_REPLAY ? 2 : sizeof(list) / sizeof(list[0]);

	for (size_t i = 0; i < n; i++)
		if (list[i].path != NULL)
			fn(&list[i], arg);
	for (size_t i = 0; i < conf->nlogdirs; i++)
		fn(&(struct conf_path){ "logdir", conf->logdirs[i].path,
		    CONF_PATH_FOLDER }, arg);
}

bool
conf_path_folder(const char *path, char folder[PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	size_t len = slash != NULL ? (size_t)(slash - path) : 0;
	int n;

	if (slash == NULL)
		n = snprintf(folder, PATH_MAX, ".");
	else
		n = snprintf(folder, PATH_MAX, "%.*s", len == 0 ? 1 : (int)len,
		    path);
	return n > 0 && n < PATH_MAX;
}

/* A path after resolving symbolic links. */
struct resolved {
	struct conf_path of;
	char *path; /* resolved, as far as it exists */
	bool shared; /* a device like /dev/null: may be used twice */
	bool there; /* it exists: device and inode are set */
	dev_t device;
	ino_t inode;
};

struct resolved_list {
	struct resolved list[PATHS_MAX];
	size_t n;
};

/*
 * A path in a directory, links resolved except the last component. The caller
 * frees it.
 */
static char *
path_join(const char *folder, const char *name)
{
	char *real = realpath(folder, NULL), *path;
	size_t len = strlen(real != NULL ? real : folder) + strlen(name) + 2;

	path = malloc(len);
	if (path != NULL)
		(void)snprintf(path, len, "%s/%s",
		    real != NULL ? real : folder, name);
	free(real);
	return path;
}

/*
 * Resolve a path. If it does not exist, resolve its directory; a dangling link
 * is resolved to the file that it would create.
 */
static char *
path_resolve(const char *path, unsigned links)
{
	char folder[PATH_MAX], target[PATH_MAX];
	char *real = realpath(path, NULL), *next;
	const char *name = strrchr(path, '/');
	ssize_t len;

	if (real != NULL)
		return real;
	if (!conf_path_folder(path, folder))
		return strdup(path);
	len = links > 0 ? readlink(path, target, sizeof(target) - 1) : -1;
	if (len <= 0)
		return path_join(folder, name != NULL ? name + 1 : path);
	target[len] = '\0';
	if (target[0] == '/')
		return path_resolve(target, links - 1);
	next = path_join(folder, target);
	real = next != NULL ? path_resolve(next, links - 1) : NULL;
	free(next);
	return real;
}

/* Strip trailing slashes. */
static char *
without_slashes(const char *path)
{
	char *copy = strdup(path);
	size_t len = copy != NULL ? strlen(copy) : 0;

	while (len > 1 && copy[len - 1] == '/')
		copy[--len] = '\0';
	return copy;
}

static void
add_resolved(const struct conf_path *p, void *arg)
{
	struct resolved_list *all = arg;
	struct resolved *new = &all->list[all->n];
	char *path = without_slashes(p->path);
	struct stat st;

	*new = (struct resolved){ .of = *p };
	if (path != NULL)
		new->path = path_resolve(path, LINKS_MAX);
	free(path);
	if (stat(p->path, &st) == 0) {
		new->shared = S_ISCHR(st.st_mode);
		new->there = true;
		new->device = st.st_dev;
		new->inode = st.st_ino;
	}
	all->n++;
}

static bool
is_same(const struct resolved *a, const struct resolved *b)
{
	if (a->shared || b->shared)
		return false;
	if (a->there && b->there)
		return a->device == b->device && a->inode == b->inode;
	return a->there == b->there && a->path != NULL && b->path != NULL &&
	    strcmp(a->path, b->path) == 0;
}

static bool
resolved_differ(const struct resolved *a, const struct resolved *b)
{
	if (!is_same(a, b))
		return true;
	if (strcmp(a->of.path, b->of.path) == 0)
		log_error("%s and %s have the same path, %s", a->of.what,
		    b->of.what, a->of.path);
	else
		log_error("%s %s and %s %s are the same, %s", a->of.what,
		    a->of.path, b->of.what, b->of.path, a->path);
	return false;
}

bool
conf_paths_differ(const struct conf *conf, enum conf_use use)
{
	struct resolved_list all = { .n = 0 };
	bool good = true;

	conf_paths_each(conf, use, add_resolved, &all);
	for (size_t i = 0; i < all.n; i++)
		for (size_t k = 0; k < i; k++)
			good &= resolved_differ(&all.list[k], &all.list[i]);
	for (size_t i = 0; i < all.n; i++)
		free(all.list[i].path);
	return good;
}
