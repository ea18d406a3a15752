/* Opening log files; see logfile_open.h. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "logfile_open.h"
#include "v2.h"

static int
check_head(int fd, const char *path, struct flowd_error *err)
{
	uint8_t head[V2_FILE_HEAD];
	uint32_t start_sec;

	if (pread(fd, head, sizeof(head), 0) != sizeof(head) ||
	    v2_check_head(
		(struct bytes){ head, sizeof(head) }, &start_sec, NULL) != 0)
		return 0;
	return flowd_fail(err, FLOWD_EVERSION,
	    "cannot append to %s: it is a version 2 flow log; move it out of "
	    "the way",
	    path);
}

/* Warn when the file belongs to another user, who may have it open. */
static void
warn_of_owner(const char *path, const struct stat *st)
{
	if (S_ISREG(st->st_mode) && st->st_uid != 0 &&
	    st->st_uid != geteuid())
		log_warn("logfile %s belongs to user %lu, who can read and "
			 "change it", path, (unsigned long)st->st_uid);
}

/*
 * Set mode and group of a regular file, if configured. A FIFO belongs to its
 * creator.
 */
static bool
set_access(int fd, const struct stat *st, const struct file_access *access)
{
	bool configured = access->mode != 0 || access->has_group;

	return !configured || !S_ISREG(st->st_mode) ||
	    file_give(fd, access) == 0;
}

int
logfile_open(const char *path, const struct file_access *access,
    struct flowd_error *err)
{
	int fd = file_open_log(path);
	struct stat st;

	if (fd == -1 || fstat(fd, &st) != 0) {
		(void)flowd_fail(err, FLOWD_EIO, "cannot open logfile %s: %s",
		    path, strerror(errno));
	} else if (S_ISREG(st.st_mode) && check_head(fd, path, err) != 0) {
		/* Refused without any change. */
	} else if (!set_access(fd, &st, access)) {
		(void)flowd_fail(err, FLOWD_EIO, "cannot set mode and group "
		    "of logfile %s: %s", path, strerror(errno));
	} else {
		warn_of_owner(path, &st);
		return fd;
	}
	if (fd != -1)
		(void)close(fd);
	return -1;
}
