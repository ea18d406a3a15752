/*
 * A serialized configuration, for processes that cannot read files: its
 * canonical text, and the sets of its tables. The loader writes it without
 * privileges, so it is read as untrusted input.
 *
 * Called by loader.c and engine_imsg.c. Test:
 * test/unit/flowd/conf/test_conf_image.c.
 */
#ifndef FLOWD_CONF_IMAGE_H
#define FLOWD_CONF_IMAGE_H

#include "buf.h"
#include "conf.h"
#include "result.h"

enum { CONF_IMAGE_MAX = 1024 * 1024 * 1024 /* octets */ };

/* Serialize conf to out; check buf_ok() for errors. */
void conf_image_write(const struct conf *conf, struct buf *out);

/*
 * Deserialize, with or without compiling the rules. NULL with err set when the
 * image is invalid.
 */
struct conf *conf_image_read(
    struct bytes image, bool rules, struct flowd_error *err);
/* Deserialize from a descriptor, which stays open. */
struct conf *conf_image_read_fd(int fd, bool rules, struct flowd_error *err);

#endif
