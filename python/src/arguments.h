/*
 * What a scan reads, as Python hands it over: a tuple of
 *
 *	paths		tuple of bytes
 *	where, rules, time, columns
 *			str or bytes, or None
 *	start_ns, end_ns
 *			int
 *	flags, threads, limit, rows
 *			int, as in struct flowd_scan_options
 *	fds		tuple of int, read behind the paths
 *
 * Called by scan.c and groups.c.
 */
#ifndef FLOWD_ARGUMENTS_H
#define FLOWD_ARGUMENTS_H

#include "native.h"

struct arguments {
	struct flowd_scan_options options; /* texts are of the tuple */
	const char **paths;
	int *fds;
	PyObject *tuple;
};

/* 0, or -1 with an exception. */
int arguments_take(struct arguments *a, PyObject *tuple);
void arguments_free(struct arguments *a);

#endif
