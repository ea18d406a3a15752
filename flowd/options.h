/*
 * The command line of flowd.
 *
 * Called by flowd.c. Tests: test/program/flowd/test_flowd.py;
 * test/program/tree/test_man.py checks that the manual has every option.
 */
#ifndef FLOWD_OPTIONS_H
#define FLOWD_OPTIONS_H

#include "conf.h"

/* What -n prints, by the number of -v. */
enum print {
	PRINT_NOTHING,
	PRINT_CONF, /* in canonical form */
	PRINT_COMPILED /* the compiled rules */
};

struct options {
	struct conf_request conf;
	const char **defines; /* those of conf; room for all of argv */
	const char *capture; /* -r */
	bool check; /* -n */
	const char *child; /* -P: the kind of child */
	bool prefix; /* -R: the parent relays its messages */
	bool insecure; /* -X INSECURE */
	bool foreground;
	bool verbose;
	unsigned print; /* -v: enum print */
};

/*
 * Returns -1 to continue, or the exit status. defines has room for all of argv.
 */
int options_parse(struct options *o, char **argv, const char **defines);

#endif
