/*
 * The metrics process: serves metrics over HTTP (http.h) on the addresses of
 * "metrics listen on". It queries control as a client, and caches the text for
 * a second, so that many scrapers cost as much as one.
 *
 * Called by child_main.c. Test: test/program/flowd/test_flowctl.py.
 */
#ifndef FLOWD_METRICS_H
#define FLOWD_METRICS_H

/* The main of the process. Returns its exit status. */
int metrics_main(int channel);

#endif
