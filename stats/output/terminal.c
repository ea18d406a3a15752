/* Terminals, bars and sparklines; see terminal.h. */
/* TIOCGWINSZ is not in POSIX of 2008. */
#define _DEFAULT_SOURCE
#include <sys/ioctl.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <unistd.h>

#include "num.h"
#include "terminal.h"

enum {
	WIDTH = 80,
	WIDTH_LEAST = 40,
	WIDTH_MOST = 1000
};

static unsigned
terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	uint64_t n = 0;
#ifdef TIOCGWINSZ
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		n = size.ws_col;
#endif
	if (n == 0 &&
	    (columns == NULL || num_parse(columns, WIDTH_MOST, &n) != 0))
		n = WIDTH;
	return n < WIDTH_LEAST   ? WIDTH_LEAST
	    : n > WIDTH_MOST ? WIDTH_MOST
			     : (unsigned)n;
}

void
terminal_init(struct terminal *t)
{
	(void)setlocale(LC_CTYPE, "");
	t->is_one = isatty(STDOUT_FILENO);
	t->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	t->width = terminal_width();
}

void
bar_put(const struct terminal *t, double share, unsigned width, struct buf *out)
{
	/* Blocks of an eighth to seven eighths, from U+258F down. */
	static const char *const parts[] = { "", "\u258f", "\u258e", "\u258d",
		"\u258c", "\u258b", "\u258a", "\u2589" };
	double eighths = share * width * 8;
	unsigned n = eighths > 0 ? (unsigned)(eighths + 0.5) : 0;

	/* Something is not nothing. */
	if (n == 0 && share > 0)
		n = 1;
	for (unsigned i = 0; i < (t->utf8 ? n / 8 : (n + 4) / 8); i++)
		buf_append_text(out, t->utf8 ? "\u2588" : "#");
	if (t->utf8)
		buf_append_text(out, parts[n % 8]);
	else if (n < 4 && n > 0)
		buf_append_char(out, '.');
}

/* The greatest of the values that a mark stands for. */
static double
mark_value(const double *values, size_t n, unsigned mark, unsigned nmarks)
{
	size_t from = n * mark / nmarks, to = n * (mark + 1) / nmarks;
	double most = values[from];

	for (size_t i = from + 1; i < to; i++)
		most = values[i] > most ? values[i] : most;
	return most;
}

void
sparkline_put(const struct terminal *t, const double *values, size_t n,
    double top, unsigned width, struct buf *out)
{
	static const char *const blocks[] = { " ", "\u2581", "\u2582", "\u2583",
		"\u2584", "\u2585", "\u2586", "\u2587", "\u2588" };
	static const char *const ascii[] = { " ", ".", ".", ":", ":", "|", "|",
		"#", "#" };
	unsigned nmarks = n < width ? (unsigned)n : width;

	for (unsigned i = 0; i < nmarks; i++) {
		double v = mark_value(values, n, i, nmarks);
		unsigned level =
		    v > 0 && top > 0 ? (unsigned)(v / top * 7.999) + 1 : 0;

		buf_append_text(out, t->utf8 ? blocks[level] : ascii[level]);
	}
}
