/*
 * Common behavior of programs: exit with a message, print usage and version.
 *
 * Called by the options.c of flowd-reader, flowd-send and flowd-stats.
 * Tests: test/program/tree/test_man.py, test_reader.py, test_send.py.
 */
#ifndef FLOWD_CLI_H
#define FLOWD_CLI_H

#include <stddef.h>
#include <stdio.h>

#include "option.h"

/* Print "PROGRAM: message" on standard error and exit with status 1. */
_Noreturn void cli_die(const char *program, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * A hint for an option of another program: how the message about it begins, and
 * what to use instead.
 */
struct option_hint {
	const char *message, *hint;
};

/*
 * Exit with the message of option_next() about an invalid option, and with the
 * hint for it, if there is one.
 */
_Noreturn void cli_refuse_option(const char *program, const char *message,
    const struct option_hint *hints, size_t nhints);

/* Print the usage, some lines, and a table of options; then exit. */
_Noreturn void cli_print_usage(const char *usage,
    const struct option_info *table, size_t noptions, FILE *to);

/* Print "PROGRAM VERSION" and exit. */
_Noreturn void cli_print_version(const char *program);

#endif
