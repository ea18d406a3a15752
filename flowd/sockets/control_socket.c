/* The control socket; see control_socket.h. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "control_socket.h"

enum { BACKLOG = 64, MODE = 0660 };

static bool
make_address(struct sockaddr_un *un, const char *path)
{
	size_t len = strlen(path);

	if (len >= sizeof(un->sun_path))
		return false;
	memset(un, 0, sizeof(*un));
	un->sun_family = AF_UNIX;
	memcpy(un->sun_path, path, len + 1);
	return true;
}

static int
make_socket(void)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (fd == -1)
		return -1;
	(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
	(void)fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

/* Does a process listen? Only ECONNREFUSED means no. */
static bool
path_is_in_use(const struct sockaddr_un *un)
{
	int fd = make_socket();
	bool refused;

	if (fd == -1)
		return true;
	refused = connect(fd, (const struct sockaddr *)un, sizeof(*un)) != 0 &&
	    errno == ECONNREFUSED;
	(void)close(fd);
	return !refused;
}

/* Remove a stale socket from the path. */
static int
path_clear(const struct sockaddr_un *un, struct flowd_error *err)
{
	struct stat st;

	if (lstat(un->sun_path, &st) != 0)
		return errno == ENOENT ? 0
				       : flowd_fail(err, FLOWD_EIO,
					     "control socket %s: %s",
					     un->sun_path, strerror(errno));
	if (!S_ISSOCK(st.st_mode))
		return flowd_fail(err, FLOWD_EINVAL,
		    "control socket %s: the path exists and is not a socket",
		    un->sun_path);
	if (path_is_in_use(un))
		return flowd_fail(err, FLOWD_EINVAL,
		    "control socket %s: in use, perhaps by another flowd",
		    un->sun_path);
	if (unlink(un->sun_path) != 0 && errno != ENOENT)
		return flowd_fail(err, FLOWD_EIO, "control socket %s: %s",
		    un->sun_path, strerror(errno));
	return 0;
}

/*
 * Set the group. The mode is set by umask(2) when the socket is created, and
 * listen(2) comes after this. Do not follow a symbolic link that somebody may
 * have put in its place.
 */
static int
path_set_group(const char *path, const char *group, struct flowd_error *err)
{
	const struct group *gr = group != NULL ? getgrnam(group) : NULL;

	if (group != NULL && gr == NULL)
		return flowd_fail(err, FLOWD_EINVAL,
		    "control socket %s: group %s does not exist", path, group);
	if (gr != NULL && fchownat(AT_FDCWD, path, (uid_t)-1, gr->gr_gid,
			      AT_SYMLINK_NOFOLLOW) != 0)
		return flowd_fail(err, FLOWD_EIO, "control socket %s: %s",
		    path, strerror(errno));
	return 0;
}

int
control_socket_set_group(
    const struct control_socket *s, const char *group, struct flowd_error *err)
{
	return path_set_group(s->path, group, err);
}

static int
bind_path(int fd, const struct sockaddr_un *un, const char *group,
    struct flowd_error *err)
{
	mode_t before = umask(0777 & ~MODE);
	int bad = bind(fd, (const struct sockaddr *)un, sizeof(*un));
	int why = errno;

	(void)umask(before);
	if (bad != 0)
		return flowd_fail(err, FLOWD_EIO, "control socket %s: %s",
		    un->sun_path, strerror(why));
	if (path_set_group(un->sun_path, group, err) == 0) {
		if (listen(fd, BACKLOG) == 0)
			return 0;
		(void)flowd_fail(err, FLOWD_EIO, "control socket %s: %s",
		    un->sun_path, strerror(errno));
	}
	(void)unlink(un->sun_path);
	return FLOWD_EIO;
}

/* Identify the socket at the path; false when there is none. */
static bool
path_identify(const char *path, uint64_t *device, uint64_t *inode)
{
	struct stat st;

	if (lstat(path, &st) != 0 || !S_ISSOCK(st.st_mode))
		return false;
	*device = (uint64_t)st.st_dev;
	*inode = (uint64_t)st.st_ino;
	return true;
}

bool
control_socket_fits(const char *path, struct flowd_error *err)
{
	struct sockaddr_un un;

	if (make_address(&un, path) &&
	    strlen(path) < sizeof(((struct control_socket *)NULL)->path))
		return true;
	(void)flowd_fail(err, FLOWD_EINVAL,
	    "control socket %s: the path is too long", path);
	return false;
}

int
control_socket_open(struct control_socket *s, const char *path,
    const char *group, struct flowd_error *err)
{
	struct sockaddr_un un;
	int bad;

	*s = (struct control_socket){ .fd = -1 };
	if (!control_socket_fits(path, err))
		return FLOWD_EINVAL;
	(void)make_address(&un, path);
	if ((bad = path_clear(&un, err)) != 0)
		return bad;
	s->fd = make_socket();
	if (s->fd == -1)
		return flowd_fail(err, FLOWD_EIO, "control socket %s: %s",
		    path, strerror(errno));
	if ((bad = bind_path(s->fd, &un, group, err)) != 0) {
		(void)close(s->fd);
		s->fd = -1;
		return bad;
	}
	memcpy(s->path, path, strlen(path) + 1);
	(void)path_identify(path, &s->device, &s->inode);
	return 0;
}

enum control_socket_path
control_socket_check(const struct control_socket *s)
{
	uint64_t device, inode;
	struct stat st;

	if (lstat(s->path, &st) != 0)
		return CONTROL_SOCKET_GONE;
	return path_identify(s->path, &device, &inode) && device == s->device &&
	    inode == s->inode ? CONTROL_SOCKET_HERE : CONTROL_SOCKET_OTHER;
}

/* Another flowd may own the path by now: check before removing. */
void
control_socket_close(struct control_socket *s)
{
	if (s->fd == -1)
		return;
	(void)close(s->fd);
	s->fd = -1;
	if (control_socket_check(s) == CONTROL_SOCKET_HERE)
		(void)unlink(s->path);
}
