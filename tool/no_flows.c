/* Reasons for missing flows; see no_flows.h. */
#include <inttypes.h>
#include <stdio.h>

#include "no_flows.h"

enum {
	TEXT_OCTETS = 512
};

void
no_flows_begin(struct no_flows *s, const struct decoder *dec)
{
	struct decoder_totals t;

	decoder_totals(dec, &t);
	s->before = t.counters;
}

void
no_flows_print(struct no_flows *s, const struct decoder *dec,
    const struct capture_counters *c, const char *path)
{
	struct decoder_totals t;
	struct buf why;

	decoder_totals(dec, &t);
	decoder_counters_less(&t.counters, &s->before);
	if (t.counters.flows > 0)
		return;
	buf_init(&why, TEXT_OCTETS);
	if (c->datagrams == 0)
		capture_put_counters(c, &why);
	else
		decoder_put_diagnosis(&t.counters, &t.unsupported, &why);
	fprintf(stderr, "%s: %s: no flows: %.*s\n", s->program, path,
	    (int)why.len, (const char *)why.ptr);
	buf_fini(&why);
	s->printed = true;
}

/* Exporters without flows, templates and options data. */
struct silent {
	struct exporter_info first;
	uint64_t more;
};

static int
add_silent(const struct exporter_info *info, void *arg)
{
	struct silent *s = arg;
	const struct decode_counters *c = &info->counters;

	if (c->flows + c->templates + c->options > 0)
		return 0;
	if (s->first.counters.datagrams == 0)
		s->first = *info;
	else
		s->more++;
	return 0;
}

void
no_flows_print_exporters(const struct no_flows *s, const struct decoder *dec)
{
	struct silent silent = { .more = 0 };
	char addr[ADDR_TEXT_MAX];
	struct buf why;

	if (s->printed)
		return;
	(void)decoder_each_exporter(dec, add_silent, &silent);
	if (silent.first.counters.datagrams == 0)
		return;
	addr[addr_format(&silent.first.addr, addr)] = '\0';
	buf_init(&why, TEXT_OCTETS);
	decoder_put_diagnosis(
	    &silent.first.counters, &silent.first.unsupported, &why);
	if (silent.more > 0)
		buf_printf(&why, "; nor from %" PRIu64 " more", silent.more);
	fprintf(stderr, "%s: no flows from %s: %.*s\n", s->program, addr,
	    (int)why.len, (const char *)why.ptr);
	buf_fini(&why);
}
