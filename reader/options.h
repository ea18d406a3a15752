/*
 * The command line of flowd-reader.
 *
 * Called by reader.c only. Tests: test/program/reader/test_reader.py; that the
 * manual has every option: test/program/tree/test_man.py.
 */
#ifndef FLOWD_READER_OPTIONS_H
#define FLOWD_READER_OPTIONS_H

#include "format.h"
#include "log_writer.h"
#include "scan_options.h"

enum option_flag {
	OPTION_VERBOSE = 1 << 0,
	OPTION_QUIET = 1 << 1,
	OPTION_DEBUG = 1 << 2,
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
	struct scan_options scan; /* -t, -e, -f, --fields, -U */
	const char *log; /* -o: a log to write; NULL: none */
	struct log_writer_format to; /* --to: its version; or by its name */
	char **paths; /* of the files to read; ends in NULL */
};

/*
 * Read the command line. Does not return when it is wrong (exit code 1, one
 * line says why) or when it only asks for help or the version.
 */
void options_parse(struct options *o, char **argv);

#endif
