/*
 * The process that serves metrics over HTTP (http.h), where the configuration
 * says "metrics listen on". It gets the text from control, as a client, and
 * keeps it for a second, so that many who scrape cost no more than one: neither
 * to make it, nor to keep it for them.
 *
 * Called by child_main(). Test: test/program/test_flowctl.py.
 */
#ifndef FLOWD_METRICS_H
#define FLOWD_METRICS_H

/* The main of the process. Returns its exit status. */
int metrics_main(int channel);

#endif
