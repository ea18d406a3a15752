/*
 * Reading and writing records by descriptors, whole or not at all.
 *
 * Called by compat_io.c and compat_v2.c. Test:
 * test/unit/compat/test_compat_io.c.
 */
#ifndef FLOWD_COMPAT_IO_H
#define FLOWD_COMPAT_IO_H

#include <stdint.h>
#include <sys/types.h>

/*
 * Read up to len octets, fewer at the end of the file only. Returns how many,
 * or -1 with errno set.
 */
ssize_t compat_read(int fd, void *to, size_t len);
/*
 * A record of which so many octets were read is cut: where the descriptor can
 * seek it is at the head of the record again.
 */
void compat_unread(int fd, size_t len);

#endif
