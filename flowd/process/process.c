/* The process; see process.h. */
#define _XOPEN_SOURCE 700 /* realpath */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "process.h"
#include "sanitized.h"

extern char **environ;

/* The highest open descriptor, if the system lists them. */
static long
highest_fd(void)
{
	DIR *dir = opendir("/dev/fd");
	long highest = -1;
	struct dirent *e;

	if (dir == NULL)
		return -1;
	while ((e = readdir(dir)) != NULL)
		if (strtol(e->d_name, NULL, 10) > highest)
			highest = strtol(e->d_name, NULL, 10);
	(void)closedir(dir);
	return highest;
}

static void
close_inherited(int keep, int also)
{
	long highest = highest_fd();

	/* Systems without such a list show three or fewer. */
	if (highest <= STDERR_FILENO)
		highest = sysconf(_SC_OPEN_MAX);
	for (long fd = STDERR_FILENO + 1 + keep; fd <= highest; fd++)
		if (fd != also)
			(void)close((int)fd);
}

/*
 * Open missing standard descriptors, so that no other file gets their numbers.
 */
static void
open_standard(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		(void)close(fd);
}

/* The original limit of descriptors, if it was raised. */
static struct {
	bool raised;
	rlim_t before;
} descriptors;

unsigned long
process_raise_nofile(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 0;
	if (limit.rlim_cur != limit.rlim_max) {
		rlim_t before = limit.rlim_cur;

		limit.rlim_cur = limit.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &limit) != 0) {
			limit.rlim_cur = before;
		} else {
			descriptors.raised = true;
			descriptors.before = before;
		}
	}
	return limit.rlim_cur < ULONG_MAX ? (unsigned long)limit.rlim_cur
					  : ULONG_MAX;
}

void
process_restore_nofile(void)
{
	struct rlimit limit;

	if (!descriptors.raised || getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = descriptors.before;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

void
process_clean(int keep, int also)
{
	(void)umask(077);
	close_inherited(keep, also);
	open_standard();
	tzset();
}

/* Wait until the child is ready or exits. */
static _Noreturn void
wait_for_child(int fd)
{
	char c;

	_exit(read(fd, &c, 1) == 1 ? 0 : 1);
}

int
process_detach(void)
{
	int ready[2];

	if (pipe(ready) != 0)
		return -1;
	switch (fork()) {
	case -1:
		return -1;
	case 0:
		(void)close(ready[0]);
		(void)setsid();
		return ready[1];
	default:
		(void)close(ready[1]);
		wait_for_child(ready[0]);
	}
}

void
process_ready(int fd)
{
	int null = open("/dev/null", O_RDWR);

	(void)!chdir("/");
	for (int i = STDIN_FILENO; null != -1 && i <= STDERR_FILENO; i++)
		(void)dup2(null, i);
	if (null > STDERR_FILENO)
		(void)close(null);
	(void)!write(fd, "", 1);
	(void)close(fd);
}

/*
 * Time zone variables: rules use the time of day, and a child reads the zone
 * before chroot(2).
 */
static const char *const zone_variables[] = { "TZ", "TZDIR" };
/* Sanitizer options, for test builds. */
static const char *const sanitizer_variables[] = { "ASAN_OPTIONS",
	"LSAN_OPTIONS", "UBSAN_OPTIONS" };

enum {
	ZONE_VARIABLES = sizeof(zone_variables) / sizeof(zone_variables[0]),
	SANITIZER_VARIABLES = sizeof(sanitizer_variables) /
	    sizeof(sanitizer_variables[0])
};

/* Find NAME=VALUE in the environment; or NULL. */
static char *
find_variable(const char *name)
{
	size_t len = strlen(name);

	for (char **v = environ; v != NULL && *v != NULL; v++)
		if (strncmp(*v, name, len) == 0 && (*v)[len] == '=')
			return *v;
	return NULL;
}

void
process_exec(const char *self, char *const argv[])
{
	char *env[ZONE_VARIABLES + SANITIZER_VARIABLES + 1] = { NULL };
	size_t n = 0;

	for (size_t i = 0; i < ZONE_VARIABLES; i++)
		if ((env[n] = find_variable(zone_variables[i])) != NULL)
			n++;
	for (size_t i = 0; SANITIZED && i < SANITIZER_VARIABLES; i++)
		if ((env[n] = find_variable(sanitizer_variables[i])) != NULL)
			n++;
	(void)execve(self, argv, env);
}

const char *
process_self(const char *argv0)
{
	static char path[PATH_MAX];
	static const char itself[] = "/proc/self/exe";

	/* The path stays valid when the file is replaced. */
	if (access(itself, X_OK) == 0)
		return itself;
	return realpath(argv0, path) != NULL ? path : argv0;
}
