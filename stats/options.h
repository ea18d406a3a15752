/*
 * The command line of flowd-stats.
 *
 * Called by stats.c only. Tests: test/program/test_stats_options.py; that the
 * manual has every option: test/program/test_man.py.
 */
#ifndef STATS_OPTIONS_H
#define STATS_OPTIONS_H

#include "aggregate.h"
#include "scan_options.h"
#include "writer.h"

enum option_flag {
	OPTION_RAW = 1 << 0,
	OPTION_SCALE = 1 << 1,
	OPTION_LEGACY = 1 << 2
};

struct options {
	unsigned flags; /* enum option_flag */
	struct scan_options scan; /* -t, -e, -f, -U */
	const struct writer *writer;
	/* Texts as given; NULL: not. */
	const char *keys, *measures, *order;
	const char *having[AGGREGATE_HAVING];
	/* What they say, with -b and -n. */
	struct aggregate_output output;
	unsigned nshown; /* measures that are printed; others are tested */
	bool limited; /* -n is given */
	size_t memory; /* octets for groups; 0: no limit */
	unsigned threads; /* 0: what is fast */
	char **paths; /* ends in NULL */
};

/*
 * Read the command line. Does not return when it is wrong (exit code 1, one
 * line says why) or when it only asks for help or the version.
 */
void options_parse(struct options *o, char **argv);

#endif
