/*
 * What a scan warned of, until Python is told: the library tells it to a thread
 * that need not have the GIL. Who reads from a stream of Arrow never comes back
 * to the module, so that the main thread is asked to tell it then.
 *
 * Called by scan.c, arrow.c and groups.c.
 */
#ifndef FLOWD_NOTICES_H
#define FLOWD_NOTICES_H

#include "native.h"

struct notices;

/* Counted by references. NULL when out of memory. */
struct notices *notices_new(void);
struct notices *notices_ref(struct notices *n);
void notices_free(struct notices *n);

/* For struct flowd_scan_options: arg is a struct notices. */
void notices_warn(void *arg, const char *text);

/*
 * Tell them as warnings, which may be exceptions: 0, or -1. With the GIL.
 */
int notices_tell(struct notices *n, PyObject *category);
/* Have the main thread do that. Without the GIL; category is borrowed. */
void notices_tell_later(struct notices *n);
/* How many there were. */
unsigned long long notices_count(struct notices *n);

#endif
