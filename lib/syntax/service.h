/*
 * Names of services in filters. The port numbers are from IANA, not from the
 * system, so that a rule means the same everywhere.
 *
 * Test: test/unit/syntax/test_names.c.
 */
#ifndef FLOWD_SERVICE_H
#define FLOWD_SERVICE_H

#include <stdint.h>

/* The port of a service, or -1. */
int service_by_name(const char *name);
/* The nearest known name, or NULL. */
const char *service_suggest(const char *name);

#endif
