/*
 * flowd -r: runs the export datagrams of a capture through the configured
 * pipeline, with the times and addresses of the capture.
 *
 * Called by flowd.c. Test: test/program/flowd/test_flowd.py.
 */
#ifndef FLOWD_REPLAY_H
#define FLOWD_REPLAY_H

#include "conf.h"

/* "-" is standard input. Returns the exit status. */
int replay_run(const struct conf *conf, const char *path);

#endif
