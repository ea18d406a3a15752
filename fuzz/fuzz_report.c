/*
 * Reports of other processes on any octets: read, joined, shown in every way,
 * and what was read is written as the same octets.
 */
#include <stdlib.h>

#include "report.h"
#include "show.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { REPORT_MAX = 1024 * 1024, OUT_MAX = 64 * 1024 * 1024 };

/* Flags and the number of rows have one form each: nothing is left out. */
static void
write_again(const struct report *r, struct bytes in)
{
	struct buf out;

	buf_init(&out, OUT_MAX);
	if (report_encode(r, 0, OUT_MAX, &out) != r->nrows || !buf_ok(&out) ||
	    out.len != in.len || memcmp(out.ptr, in.ptr, in.len) != 0)
		abort();
	buf_fini(&out);
}

static void
report_show(const struct report *r)
{
	struct show how = { .now_ns = 1700000000000000000, .utc = true };
	struct buf out;

	buf_init(&out, OUT_MAX);
	show_text(r, &how, &out);
	how.details = true;
	show_text(r, &how, &out);
	show_json(r, &out);
	show_metrics(r, &out);
	buf_fini(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = { data, size };
	int kind = report_peek(in);
	struct report r;
	size_t before;

	if (kind < 0)
		return 0;
	report_init(&r, (enum report_kind)kind, REPORT_MAX);
	if (report_decode(&r, in) == 0) {
		write_again(&r, in);
		before = r.nrows;
		if (!report_settle(&r) || r.nrows > before)
			abort();
		report_show(&r);
	}
	report_fini(&r);
	return 0;
}
