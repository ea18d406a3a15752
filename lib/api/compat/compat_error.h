/*
 * Errors of the classic functions: a code, and a text in the caller's buffer.
 *
 * Called by the other files of this folder. Test:
 * test/unit/compat/test_compat_flow.c.
 */
#ifndef FLOWD_COMPAT_ERROR_H
#define FLOWD_COMPAT_ERROR_H

/* Put the text into ebuf, of elen octets, if there is one. Returns code. */
int compat_fail(char *ebuf, int elen, int code, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* The same, with the text of errno behind it. */
int compat_fail_errno(char *ebuf, int elen, int code, const char *doing);

#endif
