/*
 * The command line of flowctl: options and a command (commands.def).
 *
 * Called by flowctl.c. Test: test/program/flowd/test_flowctl.py.
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
	struct addr only; /* the argument; ADDR_NONE: all exporters */
	uint32_t kinds; /* of the requested reports */
};

struct command {
	const char *word;
	const char *arg; /* name of its optional argument, or NULL */
	const char *help;
	enum frame_type type; /* of its request */
	uint32_t kinds; /* of reports: 1 << enum report_kind */
	uint32_t more; /* further reports when an address is given */
	const char *done; /* message after success; NULL: a query */
};

/* Exits after --help and --version, and after printing an error. */
void options_parse(struct options *o, char **argv);

#endif
