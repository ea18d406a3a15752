/* Lines "logdir" and "logfile" as text; see logdir_line.h. */
#include <inttypes.h>

#include "logdir_line.h"
#include "quote.h"

const char *const logdir_compress_words[] = { "", "none", "lz4", "zstd" };

struct print_unit {
	const char *name;
	uint64_t size;
};

static const struct print_unit span_units[] = {
	{ "d", 86400000 },
	{ "h", 3600000 },
	{ "m", 60000 },
	{ "s", 1000 },
	{ "ms", 1 },
	{ NULL, 0 },
};

static const struct print_unit size_units[] = {
	{ "Ti", UINT64_C(1) << 40 },
	{ "T", UINT64_C(1000000000000) },
	{ "Gi", UINT64_C(1) << 30 },
	{ "G", UINT64_C(1000000000) },
	{ "Mi", UINT64_C(1) << 20 },
	{ "M", UINT64_C(1000000) },
	{ "Ki", UINT64_C(1) << 10 },
	{ "k", UINT64_C(1000) },
	{ "", 1 },
	{ NULL, 0 },
};

/* Prints a whole number of the largest unit that fits; 0 means not given. */
static void
print_quantity(const char *word, uint64_t n, const struct print_unit *unit,
    struct buf *out)
{
	if (n == 0)
		return;
	while (n % unit->size != 0)
		unit++;
	buf_printf(out, " %s %" PRIu64 "%s", word, n / unit->size, unit->name);
}

static void
print_on_rotate(const char *const *argv, struct buf *out)
{
	if (argv == NULL)
		return;
	buf_append_text(out, " on rotate");
	for (; *argv != NULL; argv++) {
		buf_append_char(out, ' ');
		quote_print(*argv, out);
	}
}

void
logdir_line_print(const struct logdir_line *l, struct buf *out)
{
	quote_print(l->path, out);
	if (l->name != NULL) {
		buf_append_text(out, " name ");
		quote_print(l->name, out);
	}
	print_quantity("rotate", UINT64_C(1000) * l->rotate_sec, span_units,
	    out);
	print_quantity("keep", UINT64_C(1000) * l->keep_sec, span_units, out);
	if (l->keep_free != 0)
		buf_printf(out, " keep free %" PRIu32 "%%", l->keep_free);
	if (l->has_least)
		buf_printf(out, " down to %" PRIu32 "%%", l->keep_least);
	print_quantity("max", l->max_octets, size_units, out);
	if (l->mode != 0)
		buf_printf(out, " mode 0%" PRIo32, l->mode);
	if (l->group != NULL) {
		buf_append_text(out, " group ");
		quote_print(l->group, out);
	}
	if (l->compress != LOGDIR_COMPRESS_UNSAID)
		buf_printf(out, " compress %s",
		    logdir_compress_words[l->compress]);
	if (l->level != 0)
		buf_printf(out, " level %" PRIu32, l->level);
	print_quantity("flush", l->flush_ms, span_units, out);
	print_on_rotate(l->on_rotate, out);
}
