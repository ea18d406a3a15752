/*
 * The command line of flowctl: a word says what is wanted, a table what each
 * word is. Called by flowctl.c. Test: test/program/test_flowctl.py.
 */
#ifndef FLOWCTL_OPTIONS_H
#define FLOWCTL_OPTIONS_H

#include <stdbool.h>

#include "frame.h"
#include "scan_options.h"

struct options {
	const char *socket;
	bool json;
	struct scan_options scan; /* -e, -U */
	const struct command *command;
	struct addr only; /* what its argument says; ADDR_NONE: all */
	uint32_t kinds; /* of reports that are asked for */
};

struct command {
	const char *word;
	const char *arg; /* name of what may follow it, or NULL */
	const char *help;
	enum frame_type type; /* of its question */
	uint32_t kinds; /* of reports: 1 << enum report_kind */
	uint32_t more; /* and those of one address */
	const char *done; /* message after success; NULL: a query */
};

/* Does not return when there is something wrong with it, or nothing to do. */
void options_parse(struct options *o, char **argv);

#endif
