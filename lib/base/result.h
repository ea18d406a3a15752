/*
 * Failures, as everything below lib/ reports them: the codes and the text are
 * those of the public header. No function here logs or exits.
 */
#ifndef FLOWD_RESULT_H
#define FLOWD_RESULT_H

#include "flowd/error.h"

/*
 * Set err, unless it is NULL, and return code, so that a caller can write:
 * return flowd_fail(err, FLOWD_EFORMAT, "...").
 */
int flowd_fail(struct flowd_error *err, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * The same after a system call failed: FLOWD_EIO, errno, and the text of it
 * behind that of fmt, "NAME: No such file or directory".
 */
int flowd_fail_errno(struct flowd_error *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * The same for a failure that is known, with another text; both may not be one
 * object. Returns its code.
 */
int flowd_fail_because(struct flowd_error *err, const struct flowd_error *why,
    const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* The same with its own text. */
int flowd_fail_again(struct flowd_error *err, const struct flowd_error *why);

#endif
