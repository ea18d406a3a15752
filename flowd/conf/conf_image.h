/*
 * A configuration as octets, for a process that cannot read files: the
 * canonical text, and the sets of its tables in their order. It is made by
 * the loader, which reads files and has no rights, and read with the same
 * care as what anybody sends.
 *
 * Called by loader.c, parent.c and the children. Test:
 * test/unit/flowd/test_conf_image.c.
 */
#ifndef FLOWD_CONF_IMAGE_H
#define FLOWD_CONF_IMAGE_H

#include "buf.h"
#include "conf.h"
#include "result.h"

enum { CONF_IMAGE_MAX = 1024 * 1024 * 1024 /* octets */ };

/* Append conf to out; a failure is in out: buf_ok(). */
void conf_image_write(const struct conf *conf, struct buf *out);

/*
 * The configuration again, with its rules compiled or without them. NULL with
 * err set when the octets are none.
 */
struct conf *conf_image_read(
    struct bytes image, bool rules, struct flowd_error *err);
/* The same from a descriptor, which stays open. */
struct conf *conf_image_read_fd(int fd, bool rules, struct flowd_error *err);

#endif
