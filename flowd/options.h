/*
 * The command line of flowd.
 *
 * Called by flowd.c. Tests: test/program/test_flowd.py; that the manual has
 * every option: test/program/test_man.py.
 */
#ifndef FLOWD_OPTIONS_H
#define FLOWD_OPTIONS_H

#include "conf.h"

/* What -n prints, by the number of -v. */
enum print {
	PRINT_NOTHING,
	PRINT_CONF, /* canonically */
	PRINT_COMPILED /* the rules, as they are computed */
};

struct options {
	struct conf_request conf;
	const char **defines; /* of conf: room for all of the command line */
	const char *capture; /* -r */
	bool check; /* -n */
	const char *child; /* -P: what this process is to be */
	bool marked; /* -R: its messages are passed on by the parent */
	bool insecure; /* -X INSECURE */
	bool foreground;
	bool verbose;
	unsigned print; /* -v: enum print */
};

/* Returns -1 to go on, or the exit status. defines has room for all of argv. */
int options_parse(struct options *o, char **argv, const char **defines);

#endif
