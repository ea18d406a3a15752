/*
 * The paths of a configuration: where flowd writes or listens.
 *
 * Called by conf_check.c. Test: test/program/flowd/test_conf_check.py.
 */
#ifndef FLOWD_CONF_PATH_H
#define FLOWD_CONF_PATH_H

#include <limits.h>

#include "conf.h"

enum conf_path_kind {
	CONF_PATH_FILE, /* opened or created */
	CONF_PATH_FOLDER,
	CONF_PATH_SOCKET, /* created */
	CONF_PATH_OTHER /* read, or optional */
};

struct conf_path {
	const char *what; /* "logfile" */
	const char *path;
	enum conf_path_kind kind;
};

/* Call fn for each path; for a replay only for its logs. */
void conf_paths_each(const struct conf *conf, enum conf_use use,
    void (*fn)(const struct conf_path *p, void *arg), void *arg);

/*
 * Is each a different file, links resolved? Returns false after logging which
 * are not.
 */
bool conf_paths_differ(const struct conf *conf, enum conf_use use);

/* The directory of a path, as written. Returns false when it is too long. */
bool conf_path_folder(const char *path, char folder[PATH_MAX]);

#endif
