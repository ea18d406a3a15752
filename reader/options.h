/*
 * The command line of flowd-reader.
 *
 * Called by reader.c only. Tests: test/program/test_reader.py; that the manual
 * has every option: test/program/test_man.py.
 */
#ifndef FLOWD_READER_OPTIONS_H
#define FLOWD_READER_OPTIONS_H

#include "columns.h"
#include "format.h"
#include "logout.h"
#include "timerange.h"

enum option_flag {
	OPTION_VERBOSE = 1 << 0,
	OPTION_QUIET = 1 << 1,
	OPTION_DEBUG = 1 << 2,
	OPTION_UTC = 1 << 3,
	OPTION_LEGACY = 1 << 4,
	OPTION_COUNT = 1 << 5,
	OPTION_EXPORTERS = 1 << 6,
	OPTION_FOLLOW = 1 << 7,
	OPTION_CHECK = 1 << 8,
	OPTION_INFO = 1 << 9,
	OPTION_REPAIR = 1 << 10
};

struct options {
	unsigned flags; /* enum option_flag */
	const struct format *format;
	uint64_t head; /* flows to read of each log; 0: all */
	const char *rules; /* -f: a filter file; NULL: none */
	const char *expression; /* -e; NULL: none */
	const char *times; /* -t: as given; NULL: none */
	struct timerange range;
	int64_t now_ns; /* what -15m hangs on in -t and -e */
	const char *log; /* -o: a log to write; NULL: none */
	struct logout_format to; /* --to: its version; or by its name */
	uint8_t fields[COL_COUNT]; /* --fields: columns in the order to print */
	size_t nfields; /* 0: all */
	char **paths; /* of the files to read; ends in NULL */
};

/*
 * Read the command line. Does not return when it is wrong (exit code 1, one
 * line says why) or when it only asks for help or the version.
 */
void options_parse(struct options *o, char **argv);

#endif
