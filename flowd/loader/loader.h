/*
 * The loader: a process that reads the configuration and what it includes, and
 * hands it over as a package (conf_image.h). It may read files, and nothing else;
 * it ends when it is done.
 *
 * Called by parent.c. Test: test/program/test_flowd.py.
 */
#ifndef FLOWD_LOADER_H
#define FLOWD_LOADER_H

#include <sys/types.h>

#include "conf.h"
#include "sandbox.h"

/*
 * Start it. What it makes is in *package when it has ended with status 0; what
 * is wrong it has logged. Returns its process number, or -1 and errno.
 */
pid_t loader_start(const struct conf_request *req, const struct identity *id,
    int *image);

/*
 * The configuration of one that ended with status 0, with its rules not
 * compiled. Nobody can change the package any more: whoever is given it reads
 * what the parent has read. NULL with err set.
 */
struct conf *loader_conf(int image, struct flowd_error *err);

/* Of one that failed: append the errors it left in its package to text. */
void loader_why(int image, struct buf *text);

#endif
