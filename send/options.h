/*
 * The command line of flowd-send; see flowd-send(1).
 *
 * Called by send.c. Test: test/program/reader/test_send.py.
 */
#ifndef FLOWD_SEND_OPTIONS_H
#define FLOWD_SEND_OPTIONS_H

#include "udp.h"

struct options {
	/* Numbers, given or by default. */
	uint64_t generate;
	uint64_t version;
	uint64_t records;
	uint64_t refresh;
	uint64_t domain;
	uint64_t seed;
	uint64_t ipv6_percent;
	uint64_t start_sec;	/* 0: now */
	uint64_t rate;
	uint64_t loops;
	bool realtime;
	bool quiet;
	bool verbose;
	const char *dump;	/* path, or NULL: send */
	struct endpoint to;	/* unless dump */
	struct endpoint from;	/* ADDR_NONE when not given */
	char **paths;
	size_t npaths;
};

/* Exits with 1 and one line about what is wrong, or with 0 after help. */
void options_parse(struct options *o, char **argv);

#endif
