/*
 * What is printed when nothing is asked for: the total, and for ports,
 * protocols, addresses and pairs those with most octets, packets and flows. All
 * of it is read once; the lists of a key are its groups in three orders.
 */
#include <stdio.h>

#include "groups.h"
#include "report_print.h"
#include "report_run.h"

enum {
	OUTPUT_TOTAL,
	OUTPUT_LISTS
};

static const char *const lists[] = { "src_port", "dst_port", "protocol",
	"src_addr", "dst_addr", "pair" };
static const char list_measures[] = "octets,packets,flows";
static const char total_measures[] =
    "flows,octets,packets,bps,pps,bpp,first,last,duration";

enum {
	LISTS = sizeof(lists) / sizeof(lists[0]),
	LIST_MEASURES = 3,
	LIST_ROWS = 10
};

static int
overview_plan(struct aggregate_output outputs[OUTPUT_LISTS + LISTS],
    struct flowd_error *err)
{
	int bad;

	outputs[OUTPUT_TOTAL] =
	    (struct aggregate_output) { .key = { .unordered = -1 },
		    .order = ORDER_BY_KEY };
	bad = measures_parse(
	    &outputs[OUTPUT_TOTAL].measures, total_measures, err);
	for (unsigned i = 0; i < LISTS && bad == 0; i++) {
		struct aggregate_output *o = &outputs[OUTPUT_LISTS + i];

		*o = (struct aggregate_output) { .order = 0 };
		bad = key_parse(&o->key, lists[i], err);
		if (bad == 0)
			bad = measures_parse(&o->measures, list_measures, err);
	}
	return bad;
}

static int
overview_print_total(
    struct stats *s, struct aggregate *a, struct flowd_error *err)
{
	struct aggregate_result *r = aggregate_result(a, OUTPUT_TOTAL, err);
	struct dataset d;
	int bad;

	if (r == NULL)
		return FLOWD_ENOMEM;
	groups_dataset(&d, r, r->output->measures.n);
	bad = report_print(s, &d,
	    s->opts.writer->people && reading_is_interrupted()
		? "total (partial)"
		: "total",
	    err);
	report_notes(&r->notes);
	aggregate_result_free(r);
	return bad;
}

static int
overview_print_list(struct stats *s, struct aggregate *a, unsigned list,
    int order, struct flowd_error *err)
{
	struct aggregate_result *r = aggregate_result_by(a, OUTPUT_LISTS + list,
	    order, s->opts.limited ? s->opts.output.limit : LIST_ROWS, err);
	char title[KEY_NAME_MAX + MEASURE_NAME_MAX];
	struct dataset d;
	int bad;

	if (r == NULL)
		return FLOWD_ENOMEM;
	(void)snprintf(title, sizeof(title), "%s by %s", lists[list],
	    r->output->measures.measure[order].name);
	report_gap(s);
	groups_dataset(&d, r, LIST_MEASURES);
	bad = report_print(s, &d, title, err);
	aggregate_result_free(r);
	return bad;
}

static int
overview_print(struct stats *s, struct aggregate *a, struct flowd_error *err)
{
	int bad = overview_print_total(s, a, err);

	for (unsigned i = 0; i < LISTS; i++)
		for (int order = 0; order < LIST_MEASURES && bad == 0; order++)
			bad = overview_print_list(s, a, i, order, err);
	return bad;
}

int
report_overview(struct stats *s, struct flowd_error *err)
{
	struct aggregate_output outputs[OUTPUT_LISTS + LISTS];
	struct aggregate *a;
	int bad = overview_plan(outputs, err);

	if (bad != 0)
		return bad;
	a = report_aggregate(s, outputs, OUTPUT_LISTS + LISTS, err);
	if (a == NULL)
		return FLOWD_EINVAL;
	bad = report_run(s, a, overview_print, err);
	aggregate_free(a);
	return bad;
}
