/* The command line; see options.h. The table is options.def. */
#include <stdio.h>
#include <string.h>

#include "log.h"
#include "option.h"
#include "options.h"

enum {
	HELP_MAX = 64 * 1024,
	GO_ON = -1 /* returned by take functions, or the exit status */
};

static int
take_define(struct options *o, const char *value)
{
	o->defines[o->conf.ndefines++] = value;
	return GO_ON;
}

static int
take_debug(struct options *o, const char *value)
{
	(void)value;
	o->foreground = o->verbose = true;
	return GO_ON;
}

static int
take_file(struct options *o, const char *value)
{
	o->conf.path = value;
	return GO_ON;
}

static int
take_foreground(struct options *o, const char *value)
{
	(void)value;
	o->foreground = true;
	return GO_ON;
}

static int
take_check(struct options *o, const char *value)
{
	(void)value;
	o->check = true;
	return GO_ON;
}

static int
take_replay(struct options *o, const char *value)
{
	o->capture = value;
	return GO_ON;
}

static int
take_print(struct options *o, const char *value)
{
	(void)value;
	o->print++;
	return GO_ON;
}

/* A debugging option; INSECURE is its only value. */
static int
take_insecure(struct options *o, const char *value)
{
	o->insecure = strcmp(value, "INSECURE") == 0;
	if (o->insecure)
		return GO_ON;
	log_error("Invalid debugging option %s", value);
	return 1;
}

static int
take_child(struct options *o, const char *value)
{
	o->child = value;
	return GO_ON;
}

static int
take_prefix(struct options *o, const char *value)
{
	(void)value;
	o->prefix = true;
	return GO_ON;
}

static int take_help(struct options *o, const char *value);

static int
take_version(struct options *o, const char *value)
{
	(void)o;
	(void)value;
	puts("flowd " FLOWD_VERSION);
	return fflush(stdout) != 0;
}

static const struct option_info table[] = {
#define OPTION(letter, word, value, completion, help, take) \
	{ letter, word, value, help },
#include "options.def"
#undef OPTION
};

static int (*const takes[])(struct options *o, const char *value) = {
#define OPTION(letter, word, value, completion, help, take) take,
#include "options.def"
#undef OPTION
};

enum { OPTIONS = sizeof(table) / sizeof(table[0]) };

static int
take_help(struct options *o, const char *value)
{
	struct buf out;
	bool good;

	(void)o;
	(void)value;
	buf_init(&out, HELP_MAX);
	buf_append_text(&out, "usage: flowd [OPTIONS]\n");
	option_help(table, OPTIONS, &out);
	buf_append_text(&out, "This is flowd " FLOWD_VERSION
	    "; see flowd(8) and flowd.conf(5).\n");
	good = buf_ok(&out) &&
	    fwrite(out.ptr, 1, out.len, stdout) == out.len &&
	    fflush(stdout) == 0;
	buf_fini(&out);
	return !good;
}

/*
 * Operands are ignored, as by the first flowd; but -n fails, since the operand
 * may be the file to check.
 */
static int
extra_operand(const struct options *o, const char *text)
{
	log_warn("\"%s\" %s: use -f to name a configuration", text,
	    o->check ? "is not an option" : "is ignored");
	return o->check ? 1 : GO_ON;
}

int
options_parse(struct options *o, char **argv, const char **defines)
{
	struct option_args args;
	const char *extra = NULL;
	int status = GO_ON, got;

	o->defines = defines;
	o->conf.defines = defines;
	option_begin(&args, table, OPTIONS, argv);
	while (status == GO_ON && (got = option_next(&args)) != OPTION_END)
		if (got == OPTION_BAD) {
			log_error("Invalid commandline option.");
			log_error("%s", args.err.text);
			status = 1;
		} else if (got == OPTION_OPERAND) {
			extra = extra == NULL ? args.value : extra;
		} else {
			status = takes[got](o, args.value);
		}
	if (status == GO_ON && extra != NULL)
		status = extra_operand(o, extra);
	return status;
}
