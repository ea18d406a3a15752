/*
 * The paths that a configuration has flowd write to or listen at.
 *
 * Called by conf_check.c. Test: test/program/test_conf_check.py.
 */
#ifndef FLOWD_CONF_PATH_H
#define FLOWD_CONF_PATH_H

#include <limits.h>

#include "conf.h"

enum conf_path_kind {
	CONF_PATH_FILE, /* is opened, or made */
	CONF_PATH_FOLDER,
	CONF_PATH_SOCKET, /* is made */
	CONF_PATH_OTHER /* is read, or is there without flowd, or not */
};

struct conf_path {
	const char *what; /* "logfile" */
	const char *path;
	enum conf_path_kind kind;
};

/* Call fn for each of them. A replay uses its logs only. */
void conf_paths_each(const struct conf *conf, enum conf_use use,
    void (*fn)(const struct conf_path *p, void *arg), void *arg);

/*
 * Does each lead to a file of its own? Links count as what they lead to. False
 * after it was logged which do not.
 */
bool conf_paths_differ(const struct conf *conf, enum conf_use use);

/* The folder that a path is in, as it is written. False: it is too long. */
bool conf_path_folder(const char *path, char folder[PATH_MAX]);

#endif
