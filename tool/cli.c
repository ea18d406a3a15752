/* Common behavior of programs; see cli.h. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

enum { USAGE_MAX = 64 * 1024 };

void
cli_die(const char *program, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)fprintf(stderr, "%s: ", program);
	(void)vfprintf(stderr, fmt, ap);
	(void)fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

void
cli_refuse_option(const char *program, const char *message,
    const struct option_hint *hints, size_t nhints)
{
	for (size_t i = 0; i < nhints; i++) {
		const struct option_hint *h = &hints[i];

		if (strncmp(message, h->message, strlen(h->message)) == 0)
			cli_die(program, "%.*s: %s",
			    (int)strcspn(message, ";"), message, h->hint);
	}
	cli_die(program, "%s", message);
}

void
cli_print_usage(const char *usage, const struct option_info *table,
    size_t noptions, FILE *to)
{
	struct buf out;

	buf_init(&out, USAGE_MAX);
	buf_append_text(&out, usage);
	option_help(table, noptions, &out);
	(void)fwrite(out.ptr, 1, out.len, to);
	exit(!buf_ok(&out) || fflush(to) != 0);
}

void
cli_print_version(const char *program)
{
	(void)printf("%s " FLOWD_VERSION "\n", program);
	exit(fflush(stdout) != 0);
}
