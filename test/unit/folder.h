/*
 * Folders for the files of tests: in $TMPDIR, which test/run.py sets for each
 * test and removes after it, however it ended; else in /tmp.
 */
#ifndef FLOWD_TEST_FOLDER_H
#define FLOWD_TEST_FOLDER_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	FOLDER_PATH = 80	/* short: a socket may be in it */
};

/* Make a new one, and fill in its path. Returns 0 or -1. */
static inline int
folder_make(char path[FOLDER_PATH])
{
	const char *in = getenv("TMPDIR");
	int n = snprintf(path, FOLDER_PATH, "%s/flowd-test-XXXXXX",
	    in != NULL ? in : "/tmp");

	return n < FOLDER_PATH && mkdtemp(path) != NULL ? 0 : -1;
}

/* Remove it with all that is in it. Returns 0, or what rm(1) failed with. */
static inline int
folder_remove(const char *path)
{
	char command[2 * FOLDER_PATH];

	(void)snprintf(command, sizeof(command), "rm -r %s", path);
	return system(command);
}

#endif
