/*
 * The loader: a process that reads the configuration with all files that it
 * includes, and returns it as an image (conf_image.h). It may read files and do
 * nothing else, and exits when it is done.
 *
 * Called by parent.c and reload.c. Test: test/program/flowd/test_flowd.py.
 */
#ifndef FLOWD_LOADER_H
#define FLOWD_LOADER_H

#include <sys/types.h>

#include "conf.h"
#include "sandbox.h"

/*
 * Start the loader. The image is at the descriptor *image when it has exited
 * with status 0; it logs errors itself. Returns its pid, or -1 and errno.
 */
pid_t loader_start(const struct conf_request *req, const struct identity *id,
    int *image);

/*
 * The configuration of a loader that exited with status 0; rules are not
 * compiled. Seals the image: everybody who receives it reads what the parent
 * has read. NULL with err set on failure.
 */
struct conf *loader_conf(int image, struct flowd_error *err);

/* After a failure: append the errors that the loader has logged to text. */
void loader_errors(int image, struct buf *text);

#endif
