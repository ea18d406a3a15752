/* What reports print; see report_print.h. */
#include <inttypes.h>
#include <stdio.h>

#include "report_print.h"
#include "resolve.h"
#include "time_bin.h"

int
report_print(struct stats *s, struct dataset *d, const char *title,
    struct flowd_error *err)
{
	d->title = title;
	if (s->style.resolver != NULL)
		resolver_ask(s->style.resolver, d);
	return s->opts.writer->put(d, &s->style, &s->output, err);
}

void
report_gap(struct stats *s)
{
	if (s->opts.writer != &writer_json)
		buf_append_char(&s->output.buf, '\n');
}

void
report_note(uint64_t flows, const char *text)
{
	if (flows > 0)
		fprintf(stderr, "flowd-stats: %" PRIu64 " flow%s %s\n", flows,
		    flows == 1 ? "" : "s", text);
}

void
report_notes(const struct aggregate_notes *n)
{
	char text[80] = "";

	report_note(
	    n->unscaled, "without a known sampling rate: counted as they are");
	report_note(n->timeless, "without a time: in no bin");
	if (n->too_long > 0)
		(void)snprintf(text, sizeof(text),
		    "longer than %d bins: counted in the bin in which they "
		    "end",
		    BINS_OF_A_FLOW);
	report_note(n->too_long, text);
	if (n->missing != NULL && n->flows > 0)
		fprintf(stderr,
		    "flowd-stats: no flow has %s; logs of version 3 hold "
		    "columns alone\n",
		    n->missing);
	if (n->saturated)
		fputs("flowd-stats: a sum is greater than 2^64 - 1, which is "
		      "used instead\n",
		    stderr);
}
