/*
 * The parent: it holds the sockets and the files, starts the other processes,
 * starts them again when they die, and obeys signals. It parses nothing that
 * comes from the network.
 *
 *	signals, files, sockets
 *	      parent ---- loader	reads the configuration, and ends
 *	     /      \
 *	engine ----> writer		by a mailbox (ring.h)
 *	    \------> forwarder		when something is forwarded
 *	datagrams    log file, log socket
 *
 * Called by main. Tests: test/program/test_flowd.py, test_privsep.py.
 */
#ifndef FLOWD_PARENT_H
#define FLOWD_PARENT_H

#include "parent_options.h"

/* Returns the exit status of the program. */
int parent_main(const struct parent_options *options);

#endif
