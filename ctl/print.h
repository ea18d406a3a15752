/*
 * Messages on standard error, and text on standard output.
 */
#ifndef FLOWCTL_PRINT_H
#define FLOWCTL_PRINT_H

#include "buf.h"

/* One line, with the program's name in front. */
void print_error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Write the buffer to standard output and empty it. Returns 0, 1 when the pipe
 * was closed, or -1 after an error was reported.
 */
int print_out(struct buf *out);

#endif
