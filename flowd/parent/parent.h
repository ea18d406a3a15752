/*
 * The parent process: it opens sockets and files, starts and restarts the other
 * processes, and handles signals. It parses nothing that comes from the
 * network.
 *
 *	signals, files, sockets
 *	      parent ---- loader	reads the configuration, and exits
 *	     /      \
 *	engine ----> writer		by rings (ring.h)
 *	    \------> forwarder		when something is forwarded
 *	datagrams    log file, log socket
 *
 * Called by flowd.c. Tests: test/program/flowd/test_flowd.py,
 * test/program/flowd/test_privsep.py.
 */
#ifndef FLOWD_PARENT_H
#define FLOWD_PARENT_H

#include "parent_options.h"

/* Returns the exit status of the program. */
int parent_main(const struct parent_options *options);

#endif
