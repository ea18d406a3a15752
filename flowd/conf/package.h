/*
 * A configuration as octets, for a process that cannot read files: the
 * canonical text, and the sets of its tables in their order. It is made by
 * the loader, which reads files and has no rights, and read with the same
 * care as what anybody sends.
 *
 * Called by loader.c, parent.c and the children. Test:
 * test/unit/flowd/test_package.c.
 */
#ifndef FLOWD_PACKAGE_H
#define FLOWD_PACKAGE_H

#include "buf.h"
#include "conf.h"
#include "result.h"

enum { PACKAGE_MAX = 1024 * 1024 * 1024 /* octets */ };

/* Append conf to out; a failure is in out: buf_ok(). */
void package_write(const struct conf *conf, struct buf *out);

/*
 * The configuration again, with its rules compiled or without them. NULL with
 * err set when the octets are none.
 */
struct conf *package_read(
    struct bytes package, bool rules, struct flowd_error *err);
/* The same from a descriptor, which stays open. */
struct conf *package_read_fd(int fd, bool rules, struct flowd_error *err);

#endif
