/* How the parent is started: what the command line says. */
#ifndef FLOWD_PARENT_OPTIONS_H
#define FLOWD_PARENT_OPTIONS_H

#include "conf.h"

struct parent_options {
	const struct conf_request *req;
	const char *self; /* path of the program */
	bool foreground;
	bool verbose;
	bool insecure; /* the children give nothing up */
};

#endif
