/* Reports as metrics for Prometheus; see show.h. */
#include <inttypes.h>
#include <stdio.h>

#include "prometheus.h"
#include "show.h"

enum { LABELS_MAX = 8, NUMBER_MAX = 24 };

struct labels {
	struct prometheus_label list[LABELS_MAX];
	char numbers[LABELS_MAX][NUMBER_MAX];
	size_t n;
};

static void
add_label(struct labels *l, const struct report *r,
    const struct report_field_info *f, const struct report_cell *c)
{
	const char *value = l->numbers[l->n];

	if (l->n == LABELS_MAX - 1)
		return;
	if (f->type == REPORT_TEXT)
		value = report_text(r, c);
	else
		(void)snprintf(l->numbers[l->n], NUMBER_MAX, "%" PRIu64,
		    c->there ? c->number : 0);
	l->list[l->n++] = (struct prometheus_label){ f->name, value };
}

static bool
is_label(const struct report_field_info *f)
{
	return f->join == JOIN_LABEL ||
	    (f->join == JOIN_KEY && f->show != SHOW_HIDDEN);
}

/* What names the row, and a text by its own name. */
static void
make_labels(struct labels *l, const struct report *r,
    const struct report_cell *cells, unsigned field)
{
	const struct report_info *info = &report_info[r->kind];

	l->n = 0;
	for (unsigned i = 0; i < info->nfields; i++) {
		const struct report_field_info *f =
		    &report_field_info[info->first + i];

		if (is_label(f) || (i == field && f->type == REPORT_TEXT))
			add_label(l, r, f, &cells[i]);
	}
	l->list[l->n].name = NULL;
}

static void
put_sample(struct prometheus *p, const struct labels *l,
    const struct report_field_info *f, const struct report_cell *c)
{
	const double second = 1e9;

	if (f->type == REPORT_TEXT)
		prometheus_u64(p, l->list, 1);
	else if (f->type == REPORT_TIME || f->type == REPORT_DURATION)
		prometheus_double(
		    p, l->list, (double)(int64_t)c->number / second);
	else
		prometheus_u64(p, l->list, c->number);
}

static void
put_field(const struct report *r, unsigned field, struct prometheus *p)
{
	const struct report_field_info *f =
	    &report_field_info[report_info[r->kind].first + field];
	struct labels labels;

	prometheus_metric(p, f->metric_name,
	    f->metric == METRIC_COUNTER ? PROMETHEUS_COUNTER
					: PROMETHEUS_GAUGE,
	    f->text);
	for (size_t row = 0; row < r->nrows; row++) {
		const struct report_cell *cells = report_cells(r, row);

		if (!cells[field].there)
			continue;
		make_labels(&labels, r, cells, field);
		put_sample(p, &labels, f, &cells[field]);
	}
}

void
show_metrics(const struct report *r, struct buf *out)
{
	const struct report_info *info = &report_info[r->kind];
	struct prometheus p;

	prometheus_init(&p, out);
	for (unsigned i = 0; i < info->nfields; i++)
		if (report_field_info[info->first + i].metric != METRIC_NONE)
			put_field(r, i, &p);
}
