/* Checks a configuration against this machine; see conf_check.h. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin_sockets.h"
#include "conf_check.h"
#include "conf_path.h"
#include "control_socket.h"
#include "endpoint.h"
#include "forward_sockets.h"
#include "hook.h"
#include "listen.h"
#include "log.h"
#include "pidfile.h"
#include "sandbox.h"

/* Check the user. Only root switches to it, but -n checks always. */
static bool
check_user(const struct conf *conf)
{
	struct identity id;
	struct flowd_error err;

	if (identity_look_up(&id, conf->user, &err) == 0)
		return true;
	if (geteuid() == 0)
		log_error("%s", err.text);
	else
		log_warn("%s; flowd would not start as root", err.text);
	return geteuid() != 0;
}

static bool
check_group(const char *what, const char *path, const char *group)
{
	gid_t number;

	if (path == NULL || group == NULL || identity_group(group, &number))
		return true;
	log_error("%s %s: group %s does not exist", what, path, group);
	return false;
}

/* Check the groups that may read logs. */
static bool
check_groups(const struct conf *conf)
{
	bool good = check_group(
	    "logfile", conf->logfile, conf->logfile_access.group);

	for (size_t i = 0; i < conf->nlogdirs; i++)
		good &= check_group("logdir", conf->logdirs[i].path,
		    conf->logdirs[i].access.group);
	return good;
}

/* Why a path cannot be used, or NULL. */
static const char *
path_problem(const struct conf_path *p, int *error)
{
	struct stat st;
	char folder[PATH_MAX];
	bool there = stat(p->path, &st) == 0;

	*error = 0;
	if (there && p->kind == CONF_PATH_FOLDER && !S_ISDIR(st.st_mode))
		return "it is not a directory";
	if (there && p->kind == CONF_PATH_FILE && S_ISDIR(st.st_mode))
		return "it is a directory";
	if (there && p->kind == CONF_PATH_SOCKET && !S_ISSOCK(st.st_mode))
		return "the path exists and is not a socket";
	if (there && p->kind != CONF_PATH_SOCKET) {
		if (faccessat(AT_FDCWD, p->path, W_OK, AT_EACCESS) == 0)
			return NULL;
	} else if (conf_path_folder(p->path, folder) &&
	    stat(folder, &st) == 0) {
		if (!S_ISDIR(st.st_mode))
			return strerror(ENOTDIR);
		if (faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0)
			return NULL;
	}
	*error = errno;
	return strerror(errno);
}

static bool
is_beside(const char *path, const char *other)
{
	char folder[PATH_MAX], its[PATH_MAX];

	return conf_path_folder(path, folder) &&
	    conf_path_folder(other, its) && strcmp(folder, its) == 0;
}

/*
 * Warn about the state file only: flowd works without it. A path beside the pid
 * file is checked with that. Permission errors are ignored, as another user may
 * run flowd.
 */
static void
check_statefile(const struct conf *conf)
{
	const struct conf_path p = { "statefile", conf_statefile(conf),
		CONF_PATH_FILE };
	const char *problem;
	int error;

	if (is_beside(p.path, conf->pidfile))
		return;
	problem = path_problem(&p, &error);
	if (problem != NULL && error != EACCES && error != EPERM)
		log_warn("statefile %s: %s; the state of exporters is not "
			 "saved", p.path, problem);
}

bool
conf_check(const struct conf *conf, enum conf_use use)
{
	bool good = conf_paths_differ(conf, use);

	good &= check_groups(conf);
	if (use == CONF_REPLAY)
		return good;
	good &= check_user(conf);
	good &= check_group(
	    "control socket", conf->control, conf->control_group);
	check_statefile(conf);
	return good;
}

/* State of the checks of flowd -n. */
struct trial {
	bool root;
	bool running; /* a running flowd holds the pid file and the addresses */
};

static bool
lacks_privileges(const struct trial *t, int error)
{
	return !t->root && (error == EACCES || error == EPERM);
}

static void
warn_socket(const struct trial *t, const struct endpoint *at,
    const char *what, int error)
{
	char text[ENDPOINT_TEXT_MAX];

	(void)endpoint_format(at, text);
	if (error == EADDRINUSE && t->running)
		return;
	if (lacks_privileges(t, error))
		log_info("not root: cannot check whether root can listen on "
			 "%s%s", text, what);
	else
		log_warn("cannot listen on %s%s: %s; flowd would not start "
			 "now", text, what, listener_reason(error));
}

static void
warn_listener(const struct endpoint *at, int error, void *arg)
{
	warn_socket(arg, at, "", error);
}

static void
warn_metrics(const struct endpoint *at, int error, void *arg)
{
	warn_socket(arg, at, " for metrics", error);
}

static void
try_forwards(const struct trial *t, const struct conf *conf)
{
	struct forward_sockets f = { .list = NULL };
	bool spoofs = false;

	for (size_t i = 0; i < conf->nforward; i++)
		spoofs |= conf->forward[i].spoof;
	if (spoofs && !t->root)
		log_info("not root: cannot check whether root can spoof source "
			 "addresses");
	else if (forward_sockets_update(&f, conf->forward, conf->nforward) == 0)
		forward_sockets_close(&f);
}

static void
try_path(const struct conf_path *p, void *arg)
{
	const struct trial *t = arg;
	const char *problem;
	int error;

	if (p->kind == CONF_PATH_OTHER)
		return;
	problem = path_problem(p, &error);
	if (problem == NULL)
		return;
	if (lacks_privileges(t, error))
		log_info("not root: cannot check whether root can use %s %s",
		    p->what, p->path);
	else
		log_warn("%s %s: %s; flowd would not start now",
		    p->what, p->path, problem);
}

/* The control socket is optional unless it is configured. */
static void
try_control(const struct conf *conf)
{
	struct flowd_error err;

	if (conf->control != NULL && !control_socket_fits(conf->control, &err))
		log_warn("%s; flowctl cannot be used", err.text);
}

void
conf_try(const struct conf *conf, enum conf_use use)
{
	struct listen_plan plan = { .listen = conf->listen,
		.nlisten = conf->nlisten, .groups = conf->groups,
		.ngroups = conf->ngroups, .workers = conf->workers };
	struct trial t = { .root = geteuid() == 0,
		.running = pidfile_owner(conf->pidfile) != 0 };

	conf_paths_each(conf, use, try_path, &t);
	for (size_t i = 0; i < conf->nlogdirs; i++)
		if (conf->logdirs[i].on_rotate != NULL)
			hook_check(conf->logdirs[i].on_rotate);
	if (use == CONF_REPLAY)
		return;
	listeners_try(&plan, warn_listener, &t);
	try_control(conf);
	admin_sockets_try(conf, warn_metrics, &t);
	try_forwards(&t, conf);
}
