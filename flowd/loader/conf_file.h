/*
 * A configuration from its file, with the files that it includes and those of
 * its tables.
 *
 * Called by loader.c and flowd.c. Test: test/program/flowd/test_conf_golden.py.
 */
#ifndef FLOWD_CONF_FILE_H
#define FLOWD_CONF_FILE_H

#include "conf.h"

/* NULL after every error has been logged. */
struct conf *conf_load(const struct conf_request *req);

#endif
