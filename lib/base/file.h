/*
 * How files are opened. In a folder that others may write to, anything may be
 * found at a path: a FIFO, which makes who opens it wait for ever, a link to
 * somewhere else, a file that another user has made, who may read all that is
 * written to it. So what flowd opens is opened here, or as is said here:
 *
 *	a segment		file_create(): only what was not there
 *	the new file of one	file_create_beside(): of a name none can guess
 *	texts beside them	file_replace(): in that way
 *	a new state file	file_create(), behind an unlink
 *	a segment, state file	file_open_read(), to be read
 *	the pid file		file_open_own(): no link; its text is looked at
 *	the log file		file_open_log(): a FIFO, and a link of root's
 *				or our own, are what was meant
 *	a logdir		file_open_directory(): such a link, too
 *	the control socket	flowd/sockets/control_socket.c: never with
 *				another mode than its own
 *	flowd.conf, tables	lib/syntax/source.c: never waits; by a process
 *				that may do nothing else
 *	logs to be read, -o	open(2), with the rights of who runs
 *				flowd-reader
 *
 * All close on exec, and none becomes a controlling terminal. They return a
 * descriptor, or -1 and errno.
 *
 * Test: test/unit/base/test_file.c, test/program/flowd/test_strangers.py.
 */
#ifndef FLOWD_FILE_H
#define FLOWD_FILE_H

#include <stdbool.h>
#include <sys/types.h>

enum {
	FILE_BESIDE_MORE = 24 /* octets of such a name behind those of a name */
};

/* Who may read a file that is made. */
struct file_access {
	mode_t mode; /* 0: 0600, whatever the umask is */
	gid_t group; /* when has_group */
	bool has_group;
};

/* A regular file, and no link to one; EINVAL: it is something else. */
int file_open_read(int dirfd, const char *name);

/* A new file; flags are O_WRONLY or O_RDWR, and O_APPEND or not. */
int file_create(int dirfd, const char *name, int flags,
    const struct file_access *access);
/*
 * A new file to write, which is to take the place of this one later. Its name
 * is put into beside: FILE_BESIDE_MORE octets more than name has.
 */
int file_create_beside(int dirfd, const char *name,
    const struct file_access *access, char *beside);
/*
 * Have a file of these octets take the place of this one, in an open
 * directory. When a machine fails at any moment, the one or the other is
 * there, whole; behind this call it is the new one. 0, or -1 and errno: then
 * what was there stays.
 */
int file_replace(int dirfd, const char *name, const struct file_access *access,
    const void *octets, size_t len);
/* Write all of the octets. False with errno set: some may be written. */
bool file_write(int fd, const void *octets, size_t len);
/* Is it such a name? Then name, of size octets, is set to what it is beside. */
bool file_is_beside(const char *beside, char *name, size_t size);

/* To read and write, made when it is not there; what a link leads to is not. */
int file_open_own(const char *path, int flags);
/* To append to, made when it is not there. */
int file_open_log(const char *path);

/* A directory, to read its names. */
int file_open_directory(const char *path);

/* Give it to those who may read it. 0, or -1 and errno. */
int file_give(int fd, const struct file_access *access);

#endif
