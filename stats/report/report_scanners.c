/*
 * Hosts that look for others: those that touch many hosts on one port, and
 * those that touch many ports of one host, with few packets each. One pass, an
 * output each.
 */
#include "groups.h"
#include "having.h"
#include "report_print.h"
#include "report_run.h"
#include "report_span.h"

/*
 * A probe is mostly a packet or two, and three of TCP when nobody answers.
 * Answers of a server go to many ports, too: those are from a low one.
 */
static const struct scanner_list {
	const char *title, *keys, *measures, *tests[3];
} lists[] = {
	{ "many hosts on one port", "src_addr,protocol,dst_port",
	    "distinct(dst_addr),flows,packets,octets,first,last",
	    { "distinct(dst_addr)>=20", "avg(packets)<=3" } },
	{ "many ports of one host", "src_addr,dst_addr,protocol",
	    "distinct(dst_port),flows,packets,octets,first,last",
	    { "distinct(dst_port)>=20", "avg(packets)<=3",
		"min(src_port)>=1024" } },
};

enum {
	LISTS = sizeof(lists) / sizeof(lists[0]),
	TESTS = sizeof(lists[0].tests) / sizeof(lists[0].tests[0])
};

static int
scanners_output(const struct stats *s, const struct scanner_list *list,
    struct aggregate_output *o, unsigned *nshown, struct flowd_error *err)
{
	const struct datetime_view view = { .now_ns = s->opts.scan.now_ns,
		.utc = s->opts.scan.utc };
	int bad;

	*o = (struct aggregate_output) { .limit = s->opts.output.limit };
	bad = key_parse(&o->key, list->keys, err);
	if (bad == 0)
		bad = measures_parse(&o->measures, list->measures, err);
	*nshown = o->measures.n;
	for (unsigned i = 0; i < TESTS && bad == 0; i++)
		if (list->tests[i] != NULL)
			bad = having_parse(o, list->tests[i], &view, err);
	return bad;
}

/* What is not a scanner is no part of it: there is no rest. */
static int
scanners_print(struct stats *s, struct aggregate *a, unsigned list,
    unsigned nshown, struct flowd_error *err)
{
	struct aggregate_result *r = aggregate_result(a, list, err);
	struct dataset d;
	int bad;

	if (r == NULL)
		return FLOWD_ENOMEM;
	if (list > 0)
		report_gap(s);
	groups_dataset(&d, r, nshown);
	d.has_rest = false;
	d.noun = "scanner";
	bad = report_print(s, &d, lists[list].title, err);
	if (bad == 0 && s->opts.writer->people) {
		report_foot(s, &d);
		buf_append_char(&s->output.buf, '\n');
	}
	if (list == 0)
		report_notes(&r->notes);
	aggregate_result_free(r);
	return bad;
}

int
report_scanners(struct stats *s, struct flowd_error *err)
{
	struct aggregate_output outputs[LISTS];
	unsigned nshown[LISTS];
	struct aggregate *a;
	int bad = 0;

	for (unsigned i = 0; i < LISTS && bad == 0; i++)
		bad =
		    scanners_output(s, &lists[i], &outputs[i], &nshown[i], err);
	if (bad != 0)
		return bad;
	a = report_aggregate(s, outputs, LISTS, err);
	if (a == NULL)
		return FLOWD_EINVAL;
	bad = report_read(s, a, err);
	for (unsigned i = 0; i < LISTS && bad == 0; i++)
		bad = scanners_print(s, a, i, nshown[i], err);
	aggregate_free(a);
	return bad;
}
