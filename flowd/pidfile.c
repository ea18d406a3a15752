/* The pid file; see pidfile.h. Test: test/program/test_flowd.py. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemonlog.h"
#include "pidfile.h"

int
pidfile_write(const char *path)
{
	FILE *f = fopen(path, "w");
	int failed;

	if (f != NULL) {
		failed = fprintf(f, "%ld\n", (long)getpid()) < 0;
		failed |= fclose(f) != 0;
		if (!failed)
			return 0;
	}
	log_error("cannot write pidfile %s: %s", path, strerror(errno));
	return -1;
}

void
pidfile_remove(const char *path)
{
	FILE *f = fopen(path, "r");
	long pid = 0;

	if (f == NULL)
		return;
	if (fscanf(f, "%ld", &pid) == 1 && pid == (long)getpid())
		(void)unlink(path);
	(void)fclose(f);
}
