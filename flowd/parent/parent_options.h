/* Options of the parent, from the command line. */
#ifndef FLOWD_PARENT_OPTIONS_H
#define FLOWD_PARENT_OPTIONS_H

#include "conf.h"

struct parent_options {
	const struct conf_request *req;
	const char *self; /* path of the program */
	bool foreground;
	bool verbose;
	bool insecure; /* children keep their privileges */
};

#endif
