/*
 * Output of flowctl: messages on standard error, text on standard output.
 *
 * Called by the other files of ctl/. Test: test/program/flowd/test_flowctl.py.
 */
#ifndef FLOWCTL_PRINT_H
#define FLOWCTL_PRINT_H

#include "buf.h"

/* Print one line, prefixed with the name of the program. */
void print_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Write the buffer to standard output and empty it. Returns 0, 1 when the pipe
 * was closed, or -1 after an error was reported.
 */
int print_out(struct buf *out);

#endif
