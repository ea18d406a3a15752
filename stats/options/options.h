/*
 * The command line of flowd-stats.
 *
 * Called by stats.c only. Tests: test/program/stats/test_stats_options.py; that
 * the manual has every option: test/program/tree/test_man.py.
 */
#ifndef STATS_OPTIONS_H
#define STATS_OPTIONS_H

#include "aggregate.h"
#include "dataset_writer.h"
#include "scan_options.h"

enum option_flag {
	OPTION_RAW = 1 << 0,
	OPTION_SCALE = 1 << 1,
	OPTION_LEGACY = 1 << 2,
	OPTION_CHART = 1 << 3,
	OPTION_RESOLVE = 1 << 4
};

/* Reports. */
enum report_kind {
	REPORT_UNASKED, /* groups, with an option for them; else overview */
	REPORT_OVERVIEW,
	REPORT_GROUPS,
	REPORT_SCANNERS,
	REPORT_HISTOGRAM,
	REPORT_MATRIX,
	REPORT_LOSS,
	REPORT_COMPARE,
	REPORT_BILL,
	REPORT_PERCENTILES,
	REPORTS
};

enum histogram_kind {
	HISTOGRAM_OCTETS,
	HISTOGRAM_PACKETS,
	HISTOGRAM_DURATION
};

/* The direction that --bill bills. */
enum direction {
	DIRECTION_MAX, /* the greater of both */
	DIRECTION_IN,
	DIRECTION_OUT,
	DIRECTION_SUM /* both added */
};

enum {
	PERCENTILES = 8,
	GROUPS = 64 /* of interfaces */
};

struct options {
	unsigned report; /* enum report_kind */
	unsigned flags; /* enum option_flag */
	struct scan_options scan; /* -t, -e, -f, -U */
	struct predicate *predicate; /* -f and -e; NULL: none */
	struct key_names names; /* what keys have beside columns */
	const struct writer *writer;
	/* Texts as given; NULL: not. */
	const char *keys, *measures, *order;
	const char *state; /* --names */
	const char *having[AGGREGATE_HAVING];
	/* What they say, with -b and -n. */
	struct aggregate_output output;
	unsigned nshown; /* measures that are printed; --having tests others */
	bool limited; /* -n is given */
	bool series; /* --series is given */
	bool bin_by; /* --bin-by is given */
	enum histogram_kind histogram;
	uint64_t compare_ns; /* by so much before */
	double bill; /* percent */
	enum direction direction;
	double commit; /* bits a second; 0: none */
	const char *group[GROUPS]; /* --group, as given */
	size_t ngroups;
	double percentile[PERCENTILES];
	unsigned npercentiles;
	const char *svg; /* a file to draw to; NULL: none */
	uint64_t watch_ns; /* print again so often; 0: once */
	size_t memory; /* octets for groups; 0: no limit */
	unsigned threads; /* 0: what is fast */
	char **paths; /* ends in NULL */
};

/*
 * Read the command line. Does not return when it is wrong (exit code 1, one
 * line says why) or when it only asks for help or the version.
 */
void options_parse(struct options *o, char **argv);

/* "in", "out", ... */
const char *direction_text(enum direction direction);

#endif
