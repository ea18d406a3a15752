/*
 * Failures, as everything below lib/ reports them: the codes and the text are
 * those of the public header. No function here logs or exits.
 */
#ifndef FLOWD_RESULT_H
#define FLOWD_RESULT_H

#include "flowd/error.h"

/*
 * Set the text of err, unless err is NULL, and return code, so that a caller
 * can write: return flowd_fail(err, FLOWD_EFORMAT, "...").
 */
int flowd_fail(struct flowd_error *err, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
